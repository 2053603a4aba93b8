"""Groups that are modified through the API, on the pretend machine: what is shown on the way, and what comes of it."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from cachewright.controlplane.model.cache import Cache, Key, Kind, Transit
from tests.agents.test_changes import assert_kept, write
from tests.agents.test_reconcile import assert_sound
from tests.house import ACCOUNT, MODES, REGION, House, house

TOKEN, OTHER = "a-token-of-20-letters", "another-token-of-more"
NOW = {"ApplyImmediately": True}


@pytest.fixture(params=MODES)
def home(tmp_path: Path, request: pytest.FixtureRequest) -> House:
    """A new house, whose endpoints are reached either way."""
    return house(tmp_path, MODES[request.param])


def group(home: House, name: str = "rg") -> Cache:
    """The group as it is remembered."""
    return home.cache(Kind.REPLICATION_GROUP, name)


def shown(home: House, name: str = "rg") -> dict[str, Any]:
    """The group as DescribeReplicationGroups shows it."""
    return dict(home.call("DescribeReplicationGroups", ReplicationGroupId=name)["ReplicationGroups"][0])


def shown_cluster(home: House, name: str) -> dict[str, Any]:
    """A member as DescribeCacheClusters shows it."""
    answer = home.call("DescribeCacheClusters", CacheClusterId=name, ShowCacheNodeInfo=True)
    return dict(answer["CacheClusters"][0])


def modify(home: House, **params: Any) -> dict[str, Any]:
    """The answer of ModifyReplicationGroup."""
    return dict(home.call("ModifyReplicationGroup", ReplicationGroupId="rg", **params)["ReplicationGroup"])


def roles(home: House) -> dict[str, str]:
    """Who is what."""
    members = shown(home)["NodeGroups"][0]["NodeGroupMembers"]
    return {member["CacheClusterId"]: member["CurrentRole"] for member in members}


def test_another_node_type_at_once(home: House) -> None:
    before = home.group()
    write(home, before)
    answer = modify(home, CacheNodeType="cache.m5.large", **NOW)
    assert (answer["Status"], answer["CacheNodeType"]) == ("modifying", "cache.t3.micro")
    member = shown_cluster(home, "rg-002")
    assert member["CacheNodeType"] == "cache.t3.micro"
    assert member["PendingModifiedValues"] == {"CacheNodeType": "cache.m5.large"}
    home.settle()
    after = group(home)
    assert_kept(home, before, after)
    assert all(node.life > before.status.nodes[name].life for name, node in after.status.nodes.items())
    assert (shown(home)["Status"], shown(home)["CacheNodeType"]) == ("available", "cache.m5.large")
    assert shown_cluster(home, "rg-002")["PendingModifiedValues"] == {}
    assert "rg: Succeeded applying modification to cache node type to cache.m5.large." in home.messages()


def test_what_waits_is_shown_and_done_later(home: House) -> None:
    before = home.group(AutomaticFailoverEnabled=False, EngineVersion="6.2")
    answer = modify(home, CacheNodeType="cache.m5.large", AutomaticFailoverEnabled=True, MultiAZEnabled=True)
    assert (answer["Status"], answer["AutomaticFailover"], answer["MultiAZ"]) == ("available", "disabled", "disabled")
    assert answer["PendingModifiedValues"] == {"AutomaticFailoverStatus": "enabled"}
    modify(home, EngineVersion="7.1")
    assert shown_cluster(home, "rg-001")["PendingModifiedValues"] == {
        "CacheNodeType": "cache.m5.large",
        "EngineVersion": "7.1.0",
    }
    home.settle()
    assert group(home).status == before.status
    answer = modify(home, **NOW)
    assert (answer["Status"], answer["AutomaticFailover"], answer["MultiAZ"]) == ("modifying", "enabling", "enabled")
    home.settle()
    after = group(home)
    assert_sound(home, after)
    assert (after.spec.version, after.spec.parameter_group) == ("7.1.0", "default.redis7")
    assert shown(home)["AutomaticFailover"] == "enabled"
    assert shown(home)["PendingModifiedValues"] == {}


def test_a_later_wish_takes_the_place_of_what_waited(home: House) -> None:
    home.group()
    modify(home, CacheNodeType="cache.m5.large", EngineVersion="7.1")
    modify(home, CacheNodeType="cache.t3.micro")
    assert shown_cluster(home, "rg-001")["PendingModifiedValues"] == {}


def test_redis_becomes_valkey(home: House) -> None:
    before = home.group()
    write(home, before)
    answer = modify(home, Engine="valkey", EngineVersion="8.1", **NOW)
    assert answer["Engine"] == "redis"
    member = shown_cluster(home, "rg-001")
    assert (member["Engine"], member["EngineVersion"]) == ("redis", "7.1.0")
    assert member["PendingModifiedValues"] == {"EngineVersion": "8.1.0"}
    home.settle()
    assert_kept(home, before, group(home))
    member = shown_cluster(home, "rg-001")
    assert (member["Engine"], member["EngineVersion"]) == ("valkey", "8.1.0")
    assert member["CacheParameterGroup"]["CacheParameterGroupName"] == "default.valkey8"


def test_automatic_failover_and_multi_az_go_off_together(home: House) -> None:
    home.group(MultiAZEnabled=True)
    answer = modify(home, AutomaticFailoverEnabled=False, MultiAZEnabled=False, **NOW)
    assert (answer["AutomaticFailover"], answer["MultiAZ"]) == ("disabling", "disabled")
    home.settle()
    assert (shown(home)["AutomaticFailover"], shown(home)["MultiAZ"]) == ("disabled", "disabled")
    assert home.messages()[-1] == "rg: Automatic failover has been turned off for replication group rg"


def test_a_promotion_by_hand(home: House) -> None:
    before = home.group(AutomaticFailoverEnabled=False)
    write(home, before)
    waiting = modify(home, PrimaryClusterId="rg-003")
    assert waiting["PendingModifiedValues"] == {"PrimaryClusterId": "rg-003"}
    modify(home, PrimaryClusterId="RG-003", **NOW)
    home.settle()
    assert_kept(home, before, group(home))
    assert roles(home) == {"rg-001": "replica", "rg-002": "replica", "rg-003": "primary"}
    generation = group(home).generation
    modify(home, PrimaryClusterId="rg-003", **NOW)  # it leads already
    assert group(home).generation == generation


def test_the_way_to_encryption_and_back(home: House) -> None:
    before = home.group()
    write(home, before)
    steps: list[tuple[dict[str, Any], Transit]] = [
        ({"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}, Transit.PREFERRED),
        ({"TransitEncryptionEnabled": True, "TransitEncryptionMode": "required"}, Transit.REQUIRED),
        ({"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"}, Transit.PREFERRED),
        ({"TransitEncryptionEnabled": False}, Transit.OFF),
    ]
    for params, transit in steps:
        was = {name: value for name, value in shown(home).items() if name.startswith("TransitEncryption")}
        answer = modify(home, **params, **NOW)
        assert {name: value for name, value in answer.items() if name.startswith("TransitEncryption")} == was
        assert answer["PendingModifiedValues"] == params
        assert shown_cluster(home, "rg-001")["PendingModifiedValues"] == params
        home.settle()
        assert_kept(home, before, group(home))
        assert {node.transit for node in group(home).status.nodes.values()} == {transit}
        assert shown(home)["PendingModifiedValues"] == {}
        assert shown(home).items() >= params.items()


def test_the_mode_alone_is_enough_for_an_encrypted_group(home: House) -> None:
    home.group(TransitEncryptionEnabled=True)
    for mode in ("preferred", "required"):
        modify(home, TransitEncryptionMode=mode, **NOW)
        home.settle()
        assert (shown(home)["TransitEncryptionEnabled"], shown(home)["TransitEncryptionMode"]) == (True, mode)


def test_a_first_token_may_be_set_at_once(home: House) -> None:
    home.group(TransitEncryptionEnabled=True)
    answer = modify(home, AuthToken=TOKEN, AuthTokenUpdateStrategy="SET", **NOW)
    assert answer["PendingModifiedValues"] == {"AuthTokenStatus": "SETTING"}
    home.settle()
    assert group(home).spec.auth.required
    assert group(home).spec.auth.tokens == (sha256(TOKEN.encode()).hexdigest(),)
    assert shown(home)["AuthTokenEnabled"]


def test_the_lives_of_tokens(home: House) -> None:
    first, second = (sha256(token.encode()).hexdigest() for token in (TOKEN, OTHER))
    home.group(TransitEncryptionEnabled=True)
    assert shown(home)["TransitEncryptionMode"] == "required"
    steps = [
        (TOKEN, None, "ROTATING", (first,), False),
        (TOKEN, "SET", "SETTING", (first,), True),
        (OTHER, "ROTATE", "ROTATING", (first, second), True),
        (TOKEN, "ROTATE", "ROTATING", (second, first), True),
        (TOKEN, "SET", "SETTING", (first,), True),
    ]
    for token, strategy, status, tokens, required in steps:
        answer = modify(home, AuthToken=token, AuthTokenUpdateStrategy=strategy, **NOW)
        assert answer["PendingModifiedValues"] == {"AuthTokenStatus": status}
        assert shown_cluster(home, "rg-001")["PendingModifiedValues"] == {"AuthTokenStatus": status}
        home.settle()
        auth = group(home).spec.auth
        assert (auth.tokens, auth.required) == (tokens, required)
        assert shown(home)["AuthTokenEnabled"]
        assert shown(home)["AuthTokenLastModifiedDate"] == auth.modified_at
        assert shown(home)["PendingModifiedValues"] == {}
    assert_sound(home, group(home))


def test_a_token_from_the_start(home: House) -> None:
    cache = home.group(TransitEncryptionEnabled=True, AuthToken=TOKEN)
    assert cache.spec.auth.tokens == (sha256(TOKEN.encode()).hexdigest(),)
    assert cache.spec.auth.required
    assert cache.spec.auth.modified_at == shown_cluster(home, "rg-001")["AuthTokenLastModifiedDate"]
    assert TOKEN not in str(cache)


def test_replicas_come_and_go(home: House) -> None:
    before = home.group(nodes=2)
    write(home, before)
    answer = home.call("IncreaseReplicaCount", ReplicationGroupId="rg", NewReplicaCount=3, **NOW)["ReplicationGroup"]
    assert answer["Status"] == "modifying"
    assert answer["MemberClusters"] == ["rg-001", "rg-002", "rg-003", "rg-004"]
    assert list(roles(home)) == ["rg-001", "rg-002"]
    assert shown_cluster(home, "rg-004")["CacheClusterStatus"] == "creating"
    home.settle()
    assert_kept(home, before, group(home))
    assert list(roles(home)) == ["rg-001", "rg-002", "rg-003", "rg-004"]
    fewer = {"NewReplicaCount": 1, "ReplicasToRemove": ["rg-002", "RG-004"]}
    home.call("DecreaseReplicaCount", ReplicationGroupId="rg", **fewer, **NOW)
    home.settle()
    assert_kept(home, before, group(home))
    assert list(roles(home)) == ["rg-001", "rg-003"]
    home.call("CreateCacheCluster", CacheClusterId="mine", ReplicationGroupId="rg")
    home.settle()
    assert_kept(home, before, group(home))
    answer = home.call("DeleteCacheCluster", CacheClusterId="rg-003")["CacheCluster"]
    assert answer["CacheClusterStatus"] == "deleting"
    home.settle()
    assert_kept(home, before, group(home))
    assert roles(home) == {"rg-001": "primary", "mine": "replica"}


def test_a_cluster_becomes_the_primary_of_a_group(home: House) -> None:
    before = home.cluster("one", Tags=[{"Key": "team", "Value": "shop"}])
    write(home, before)
    address = shown_cluster(home, "one")["CacheNodes"][0]["Endpoint"]
    asked = {"ReplicationGroupId": "rg", "ReplicationGroupDescription": "d", "PrimaryClusterId": "one"}
    answer = home.call("CreateReplicationGroup", **asked, NumCacheClusters=3)["ReplicationGroup"]
    assert (answer["Status"], answer["MemberClusters"]) == ("creating", ["one", "rg-001", "rg-002"])
    member = shown_cluster(home, "one")
    assert (member["CacheClusterStatus"], member["ReplicationGroupId"]) == ("available", "rg")
    assert member["CacheNodes"][0]["Endpoint"] == address
    assert "CacheNodes" not in shown_cluster(home, "rg-001")
    home.settle()
    after = group(home)
    assert_kept(home, before, after)
    assert after.status.nodes["one.0001"].life == before.status.nodes["one.0001"].life
    assert roles(home) == {"one": "primary", "rg-001": "replica", "rg-002": "replica"}
    tags = home.call("ListTagsForResource", ResourceName=shown_cluster(home, "rg-001")["ARN"])["TagList"]
    assert tags == [{"Key": "team", "Value": "shop"}]
    clusters = home.call("DescribeCacheClusters", ShowCacheClustersNotInReplicationGroups=True)["CacheClusters"]
    assert clusters == []


@pytest.mark.parametrize("nodes", [1, 3])
def test_the_primary_outlives_its_group(home: House, nodes: int) -> None:
    before = home.group(nodes=nodes, TransitEncryptionEnabled=True)
    write(home, before)
    address = shown_cluster(home, "rg-001")["CacheNodes"][0]["Endpoint"]
    answer = home.call("DeleteReplicationGroup", ReplicationGroupId="rg", RetainPrimaryCluster=True)
    assert answer["ReplicationGroup"]["Status"] == "deleting"
    cluster = shown_cluster(home, "rg-001")
    assert "ReplicationGroupId" not in cluster
    assert cluster["CacheNodes"][0]["Endpoint"] == address
    assert cluster["TransitEncryptionEnabled"]
    home.settle()
    after = home.cache(Kind.CACHE_CLUSTER, "rg-001")
    assert_kept(home, before, after)
    assert after.status.nodes["rg-001.0001"].life == before.status.nodes["rg-001.0001"].life
    assert {told: home.routes()[told] for told in after.status.endpoints.values()} == home.routes()
    assert set(after.status.endpoints) == (set(after.status.nodes) if home.published else set())
    with home.store.read() as transaction:
        assert transaction.caches.keys() == [Key(ACCOUNT, REGION, Kind.CACHE_CLUSTER, "rg-001")]
    home.call("DeleteCacheCluster", CacheClusterId="rg-001")
    home.settle()
    assert home.containers() == []


def test_from_cluster_to_group_and_back_again(home: House) -> None:
    before = home.cluster("one")
    write(home, before)
    asked = {"ReplicationGroupDescription": "d", "PrimaryClusterId": "one", "NumCacheClusters": 2}
    for name in ("first", "second"):
        home.call("CreateReplicationGroup", ReplicationGroupId=name, **asked)
        home.settle()
        assert_kept(home, before, group(home, name))
        home.call("DeleteReplicationGroup", ReplicationGroupId=name, RetainPrimaryCluster=True)
        home.settle()
        assert_kept(home, before, home.cache(Kind.CACHE_CLUSTER, "one"))


def test_a_group_of_the_same_name_leaves_the_kept_primary_alone(home: House) -> None:
    before = home.group(AutomaticFailoverEnabled=False)
    write(home, before)
    modify(home, PrimaryClusterId="rg-003", **NOW)
    home.settle()
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg", RetainPrimaryCluster=True)
    home.settle()
    home.group(nodes=1)
    kept = home.cache(Kind.CACHE_CLUSTER, "rg-003").status.nodes["rg-003.0001"]
    assert home.machine.processes.at(kept.address.host).data == {"key": "value"}


def test_a_cluster_by_itself(home: House) -> None:
    before = home.cluster("one", EngineVersion="6.2")
    write(home, before)
    answer = home.call("ModifyCacheCluster", CacheClusterId="one", CacheNodeType="cache.m5.large", EngineVersion="7.0")
    assert answer["CacheCluster"]["CacheClusterStatus"] == "available"
    pending = {"CacheNodeType": "cache.m5.large", "EngineVersion": "7.0.7"}
    assert answer["CacheCluster"]["PendingModifiedValues"] == pending
    answer = home.call("ModifyCacheCluster", CacheClusterId="one", **NOW)
    assert answer["CacheCluster"]["CacheClusterStatus"] == "modifying"
    assert answer["CacheCluster"]["PendingModifiedValues"] == pending
    home.settle()
    assert_kept(home, before, home.cache(Kind.CACHE_CLUSTER, "one"))
    after = shown_cluster(home, "one")
    assert (after["CacheNodeType"], after["EngineVersion"]) == ("cache.m5.large", "7.0.7")
    assert after["PendingModifiedValues"] == {}


def test_a_memcached_cluster_is_upgraded(home: House) -> None:
    before = home.cluster("m", Engine="memcached", EngineVersion="1.6.12", NumCacheNodes=2)
    home.call("ModifyCacheCluster", CacheClusterId="m", EngineVersion="1.6.22", **NOW)
    home.settle()
    after = home.cache(Kind.CACHE_CLUSTER, "m")
    assert shown_cluster(home, "m")["EngineVersion"] == "1.6.22"
    assert {name: node.address for name, node in after.status.nodes.items()} == {
        name: node.address for name, node in before.status.nodes.items()
    }
