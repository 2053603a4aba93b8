"""The lives of caches through boto3: its own waiters and paginators, the whole agent, a pretend machine."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import boto3
import pytest
from botocore.config import Config

from cachewright.agents.agent import Agent
from cachewright.agents.backends import instance_of, pretend
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.app import application
from cachewright.controlplane.settings import RuntimeKind, Settings
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.wire.gate import Open
from tests.api.test_protocol import served

SOON = {"Delay": 0.02, "MaxAttempts": 1000}
_ACCOUNTS = count(1)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a control plane that runs on a pretend machine."""
    directory: Path = tmp_path_factory.mktemp("data")
    options: dict[str, Any] = {"data_dir": directory, "runtime": RuntimeKind.MEMORY}
    settings = Settings(**options)
    store = Store(settings.database)
    store.prepare()
    instance = instance_of(store)
    agent = Agent(store, settings, instance, pretend(instance, DirectorySecrets(directory, _now)), _now)
    dispatch = Dispatch(store, settings.zones, _now, Random(1))
    agent.start()
    try:
        with served(application(dispatch, Open("us-east-1"))) as port:
            yield f"http://127.0.0.1:{port}"
    finally:
        agent.stop()
        store.close()


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def elasticache(endpoint: str) -> Any:
    """A client with an account of its own."""
    return boto3.client(
        "elasticache",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=f"{next(_ACCOUNTS):012}",
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}),
    )


def _cluster(elasticache: Any, name: str) -> dict[str, Any]:
    shown = elasticache.describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)
    return dict(shown["CacheClusters"][0])


def _group(elasticache: Any, name: str) -> dict[str, Any]:
    return dict(elasticache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0])


def _members(elasticache: Any, name: str, role: str) -> list[str]:
    members = _group(elasticache, name)["NodeGroups"][0]["NodeGroupMembers"]
    return [member["CacheClusterId"] for member in members if member["CurrentRole"] == role]


def _messages(elasticache: Any, source: str) -> list[str]:
    events = elasticache.describe_events(SourceIdentifier=source)["Events"]
    return [event["Message"] for event in reversed(events)]


def test_a_memcached_cluster(elasticache: Any) -> None:
    created = elasticache.create_cache_cluster(
        CacheClusterId="Web", Engine="memcached", CacheNodeType="cache.t3.micro", NumCacheNodes=2, Port=12000
    )["CacheCluster"]
    assert (created["CacheClusterId"], created["CacheClusterStatus"]) == ("web", "creating")
    elasticache.get_waiter("cache_cluster_available").wait(CacheClusterId="web", WaiterConfig=SOON)
    shown = _cluster(elasticache, "web")
    assert shown["ConfigurationEndpoint"]["Port"] == 12000
    before = {node["CacheNodeId"]: node["Endpoint"] for node in shown["CacheNodes"]}
    assert list(before) == ["0001", "0002"]

    rebooted = elasticache.reboot_cache_cluster(CacheClusterId="web", CacheNodeIdsToReboot=["0002"])["CacheCluster"]
    assert rebooted["CacheClusterStatus"] == "rebooting cluster nodes"
    elasticache.get_waiter("cache_cluster_available").wait(CacheClusterId="web", WaiterConfig=SOON)
    after = _cluster(elasticache, "web")
    assert {node["CacheNodeId"]: node["Endpoint"] for node in after["CacheNodes"]} == before
    assert "Cache node 0002 restarted" in _messages(elasticache, "web")

    elasticache.delete_cache_cluster(CacheClusterId="web")
    elasticache.get_waiter("cache_cluster_deleted").wait(CacheClusterId="web", WaiterConfig=SOON)
    with pytest.raises(elasticache.exceptions.CacheClusterNotFoundFault):
        elasticache.describe_cache_clusters(CacheClusterId="web")


def test_a_replication_group(elasticache: Any) -> None:
    created = elasticache.create_replication_group(
        ReplicationGroupId="shop",
        ReplicationGroupDescription="basket",
        Engine="valkey",
        CacheNodeType="cache.t3.micro",
        NumCacheClusters=3,
        AutomaticFailoverEnabled=True,
    )["ReplicationGroup"]
    assert created["MemberClusters"] == ["shop-001", "shop-002", "shop-003"]
    elasticache.get_waiter("replication_group_available").wait(ReplicationGroupId="shop", WaiterConfig=SOON)
    (before,) = _group(elasticache, "shop")["NodeGroups"]
    assert _roles(before) == {"shop-001": "primary", "shop-002": "replica", "shop-003": "replica"}

    failing = elasticache.test_failover(ReplicationGroupId="shop", NodeGroupId="0001")["ReplicationGroup"]
    assert failing["Status"] == "available"
    elasticache.get_waiter("replication_group_available").wait(ReplicationGroupId="shop", WaiterConfig=SOON)
    (after,) = _group(elasticache, "shop")["NodeGroups"]
    assert _roles(after)["shop-001"] == "replica"
    assert after["PrimaryEndpoint"] == before["PrimaryEndpoint"]
    assert "Test Failover API called for node group 0001" in _messages(elasticache, "shop")

    elasticache.delete_replication_group(ReplicationGroupId="shop")
    elasticache.get_waiter("replication_group_deleted").wait(ReplicationGroupId="shop", WaiterConfig=SOON)
    assert elasticache.describe_cache_clusters()["CacheClusters"] == []


def _roles(node_group: dict[str, Any]) -> dict[str, str]:
    return {member["CacheClusterId"]: member["CurrentRole"] for member in node_group["NodeGroupMembers"]}


def test_paginators(elasticache: Any) -> None:
    names = [f"c{number:02}" for number in range(23)]
    for name in names:
        elasticache.create_cache_cluster(CacheClusterId=name, Engine="redis", CacheNodeType="cache.t3.micro")
    pages = list(elasticache.get_paginator("describe_cache_clusters").paginate(PaginationConfig={"PageSize": 20}))
    assert [cluster["CacheClusterId"] for page in pages for cluster in page["CacheClusters"]] == names
    assert len(pages) == 2
    versions = elasticache.get_paginator("describe_cache_engine_versions").paginate(PaginationConfig={"PageSize": 20})
    assert len(list(versions.search("CacheEngineVersions[]"))) > 30


def test_refusals_are_exceptions_of_the_sdk(elasticache: Any) -> None:
    faults = elasticache.exceptions
    with pytest.raises(faults.InvalidParameterValueException, match="Invalid Cache Node Type"):
        elasticache.create_cache_cluster(CacheClusterId="c", Engine="redis", CacheNodeType="cache.huge")
    with pytest.raises(faults.CacheSubnetGroupNotFoundFault):
        elasticache.create_cache_cluster(
            CacheClusterId="c", Engine="redis", CacheNodeType="cache.t3.micro", CacheSubnetGroupName="mine"
        )
    with pytest.raises(faults.ServerlessCacheNotFoundFault):
        elasticache.stop_migration(ServerlessCacheName="c")


def test_a_group_that_changes(elasticache: Any) -> None:
    elasticache.create_replication_group(
        ReplicationGroupId="fort",
        ReplicationGroupDescription="guarded",
        Engine="valkey",
        CacheNodeType="cache.t3.micro",
        NumCacheClusters=2,
        TransitEncryptionEnabled=True,
        AuthToken="a-token-of-20-letters",
    )
    available = elasticache.get_waiter("replication_group_available")
    available.wait(ReplicationGroupId="fort", WaiterConfig=SOON)
    allowed = elasticache.list_allowed_node_type_modifications(ReplicationGroupId="fort")
    bigger = allowed["ScaleUpModifications"][0]
    answer = elasticache.modify_replication_group(
        ReplicationGroupId="fort",
        CacheNodeType=bigger,
        AuthToken="another-token-of-more",
        AutomaticFailoverEnabled=True,
        ApplyImmediately=True,
    )["ReplicationGroup"]
    assert (answer["Status"], answer["AutomaticFailover"]) == ("modifying", "enabling")
    assert answer["PendingModifiedValues"] == {"AuthTokenStatus": "ROTATING"}
    available.wait(ReplicationGroupId="fort", WaiterConfig=SOON)
    shown = _group(elasticache, "fort")
    assert (shown["CacheNodeType"], shown["AutomaticFailover"]) == (bigger, "enabled")
    assert shown["AuthTokenLastModifiedDate"] > shown["ReplicationGroupCreateTime"]
    elasticache.increase_replica_count(ReplicationGroupId="fort", NewReplicaCount=2, ApplyImmediately=True)
    available.wait(ReplicationGroupId="fort", WaiterConfig=SOON)
    (primary,) = _members(elasticache, "fort", "primary")
    gone, left = _members(elasticache, "fort", "replica")
    elasticache.decrease_replica_count(
        ReplicationGroupId="fort", NewReplicaCount=1, ReplicasToRemove=[gone], ApplyImmediately=True
    )
    available.wait(ReplicationGroupId="fort", WaiterConfig=SOON)
    assert set(_group(elasticache, "fort")["MemberClusters"]) == {primary, left}
    elasticache.delete_replication_group(ReplicationGroupId="fort", RetainPrimaryCluster=True)
    elasticache.get_waiter("replication_group_deleted").wait(ReplicationGroupId="fort", WaiterConfig=SOON)
    kept = _cluster(elasticache, primary)
    assert kept["AuthTokenEnabled"]
    assert kept["TransitEncryptionMode"] == "required"
