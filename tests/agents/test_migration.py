"""Online migration of a Redis of the user's into a replication group."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.memory.engines.replication import REFUSAL
from cachewright.agents.queries.engines import LiveEngines
from cachewright.agents.toolbox import LazyTools
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.lifecycle import Phase
from tests import outside
from tests.agents.test_reconcile import assert_sound, home_key
from tests.house import House, house

SOURCE = [{"Address": outside.HOST, "Port": outside.PORT}]


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house with a group that data can be migrated into, whose engines can be asked."""
    home = house(tmp_path)
    tools = LazyTools(home.store, "test", home.backend, home.files, home.buckets).tools
    home.engines = LiveEngines(tools, home.buckets)
    home.group("rg", MultiAZEnabled=True)
    return home


def start(home: House, **source: str) -> None:
    """A migration that has come so far as to be in sync."""
    outside.source(home.machine, **source)
    call(home, "StartMigration", CustomerNodeEndpointList=SOURCE)
    home.settle()


def call(home: House, operation: str, **params: Any) -> Any:
    """The group that an operation answers with."""
    return home.call(operation, ReplicationGroupId="rg", **params)["ReplicationGroup"]


def described(home: House) -> Any:
    """The group as it is shown."""
    return home.call("DescribeReplicationGroups", ReplicationGroupId="rg")["ReplicationGroups"][0]


def cache(home: House) -> Cache:
    """The group as it is."""
    return home.cache(Kind.REPLICATION_GROUP, "rg")


def held(home: House) -> list[dict[str, str]]:
    """What the nodes hold."""
    return [home.machine.processes.at(node.address.host).data for node in cache(home).status.nodes.values()]


def primary_host(home: House) -> str:
    """Where the primary listens."""
    return cache(home).status.nodes[cache(home).status.shards["0001"].primary].address.host


def new_messages(home: House, count: int = 1) -> list[str]:
    """The last events."""
    return home.messages()[-count:]


def test_a_group_follows_its_source_until_the_migration_is_complete(home: House) -> None:
    outside.source(home.machine, k="v")
    answer = call(home, "StartMigration", CustomerNodeEndpointList=SOURCE)
    assert answer["Status"] == "modifying"
    home.settle()
    assert described(home)["Status"] == "migrating"
    assert [shard["Status"] for shard in described(home)["NodeGroups"]] == ["available"]
    home.machine.processes.write(outside.HOST, "later", "w")
    with pytest.raises(ConnectionError, match="it takes no writes"):
        home.machine.processes.write(primary_host(home), "k", "x")
    assert new_messages(home) == [f"rg: Started migration to rg from {outside.HOST}:{outside.PORT}"]
    call(home, "CompleteMigration")
    home.settle()
    assert described(home)["Status"] == "available"
    assert new_messages(home) == ["rg: Complete Migration successful for rg"]
    assert held(home) == [{"k": "v", "later": "w"}] * 3
    assert_sound(home, cache(home))
    home.machine.processes.write(primary_host(home), "mine", "x")


def test_a_test_tells_and_changes_nothing(home: House) -> None:
    before = cache(home)
    assert call(home, "TestMigration", CustomerNodeEndpointList=SOURCE)["Status"] == "available"
    assert new_messages(home) == [
        f"rg: Test Migration failed for rg: {outside.HOST}:{outside.PORT}: nobody listens there"
    ]
    outside.source(home.machine)
    call(home, "TestMigration", CustomerNodeEndpointList=SOURCE)
    assert new_messages(home) == ["rg: Test Migration successful for rg"]
    assert cache(home) == before


def test_a_source_that_does_not_fit_is_told_and_nothing_begins(home: House) -> None:
    source = outside.source(home.machine)
    before = cache(home)
    for complaint, words in (({REFUSAL: "it asks for a password"}, "it asks for a password"), ({}, "has 4 databases")):
        source.settings.update(complaint)
        source.configuration["databases"] = "4"
        assert call(home, "StartMigration", CustomerNodeEndpointList=SOURCE)["Status"] == "available"
        assert words in new_messages(home)[0]
        source.settings.clear()
    assert cache(home) == before


def test_the_group_itself_is_no_source(home: House) -> None:
    own = [{"Address": primary_host(home), "Port": 6379}]
    call(home, "StartMigration", CustomerNodeEndpointList=own)
    assert "it is an address of the replication group itself" in new_messages(home)[0]
    assert cache(home).spec.upstream is None


def test_localhost_is_the_machine_of_the_engine(home: House) -> None:
    host = str(home.tools().network.host)
    outside.source(home.machine, host, k="v")
    for name in ("localhost", "127.0.0.1", "::1", "0.0.0.0"):
        call(home, "StartMigration", CustomerNodeEndpointList=[{"Address": name, "Port": 6379}])
        home.settle()
        assert held(home) == [{"k": "v"}] * 3
        call(home, "CompleteMigration")
        home.settle()


def test_what_is_not_in_sync_is_not_complete_unless_by_force(home: House) -> None:
    source = outside.source(home.machine, k="v")
    call(home, "StartMigration", CustomerNodeEndpointList=SOURCE)
    home.settle()
    outside.ends(home.machine, source)
    call(home, "CompleteMigration")
    words = f"it is not in sync, {outside.HOST}:{outside.PORT}: nobody listens there"
    assert new_messages(home) == [f"rg: Complete Migration failed for rg: {words}"]
    home.reconcile(home_key(home))
    assert described(home)["Status"] == "migrating"
    call(home, "CompleteMigration", Force=True)
    home.settle()
    assert described(home)["Status"] == "available"
    assert held(home) == [{"k": "v"}] * 3


def test_a_primary_that_outlives_its_group_follows_nobody(home: House) -> None:
    source = outside.source(home.machine, k="v")
    call(home, "StartMigration", CustomerNodeEndpointList=SOURCE)
    home.settle()
    outside.ends(home.machine, source)
    key, leader = home_key(home), cache(home).status.shards["0001"].primary.partition(".")[0]
    for _ in range(2):
        home.clock.moment += timedelta(seconds=20)
        home.reconcile(key)
    assert cache(home).stuck
    call(home, "DeleteReplicationGroup", RetainPrimaryCluster=True)
    home.settle()
    kept = home.cache(Kind.CACHE_CLUSTER, leader)
    assert kept.phase is Phase.AVAILABLE
    home.machine.processes.write(next(iter(kept.status.nodes.values())).address.host, "own", "x")


def test_faults(home: House) -> None:
    start(home, k="v")
    for operation in ("StartMigration", "TestMigration"):
        with pytest.raises(Fault, match="already under migration") as already:
            call(home, operation, CustomerNodeEndpointList=SOURCE)
        assert already.value.shape == "ReplicationGroupAlreadyUnderMigrationFault"
    with pytest.raises(Fault, match="not in available state") as unavailable:
        home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    assert unavailable.value.shape == "InvalidReplicationGroupStateFault"
    call(home, "CompleteMigration")
    home.settle()
    with pytest.raises(Fault) as never:
        call(home, "CompleteMigration")
    assert never.value.shape == "ReplicationGroupNotUnderMigrationFault"
    with pytest.raises(Fault) as unknown:
        home.call("StartMigration", ReplicationGroupId="none", CustomerNodeEndpointList=SOURCE)
    assert unknown.value.shape == "ReplicationGroupNotFoundFault"


@pytest.mark.parametrize(
    "endpoints", [[], SOURCE * 2, [{"Port": 1}], [{"Address": "x y", "Port": 1}], [{"Address": "x", "Port": 0}]]
)
def test_what_is_no_address_is_refused(home: House, endpoints: list[dict[str, object]]) -> None:
    with pytest.raises(Fault) as refused:
        call(home, "StartMigration", CustomerNodeEndpointList=endpoints)
    assert refused.value.shape == "InvalidParameterValueException"


def test_exactly_one_target_is_named(home: House) -> None:
    for named in ({}, {"ReplicationGroupId": "rg", "ServerlessCacheName": "s"}):
        with pytest.raises(Fault) as refused:
            home.call("StartMigration", CustomerNodeEndpointList=SOURCE, **named)
        assert refused.value.shape == "InvalidParameterCombinationException"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"MultiAZEnabled": False}, "Multi-AZ is not enabled"),
        ({"TransitEncryptionEnabled": True}, "encryption in transit is enabled"),
        ({"AtRestEncryptionEnabled": True}, "encryption at rest is enabled"),
        ({"EngineVersion": "5.0.0"}, "migration needs 5.0.6 or later"),
        ({"NumNodeGroups": 2, "ReplicasPerNodeGroup": 1, "NumCacheClusters": None}, "cluster mode is enabled"),
    ],
)
def test_a_target_has_to_be_as_aws_wants_it(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    home = house(tmp_path)
    asked = {
        "ReplicationGroupId": "rg",
        "ReplicationGroupDescription": "d",
        "CacheNodeType": "cache.t3.micro",
        "Engine": "redis",
        "NumCacheClusters": 2,
        "AutomaticFailoverEnabled": True,
        "MultiAZEnabled": True,
        **change,
    }
    home.call("CreateReplicationGroup", **{name: value for name, value in asked.items() if value is not None})
    home.settle()
    with pytest.raises(Fault, match=words) as refused:
        call(home, "StartMigration", CustomerNodeEndpointList=SOURCE)
    assert refused.value.shape == "InvalidReplicationGroupStateFault"
