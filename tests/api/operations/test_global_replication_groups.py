"""Global datastores: what the operations make of them, and what they refuse."""

from dataclasses import replace
from typing import Any

import pytest

from cachewright.controlplane.model.cache import Key, Kind
from cachewright.controlplane.model.global_replication_groups import Place
from cachewright.controlplane.model.nouns import GLOBAL_REPLICATION_GROUP, Resource
from cachewright.controlplane.model.upstreams import Upstream
from tests.api.world import Caller, World, fulfilled

VALUE, COMBINATION = "InvalidParameterValueException", "InvalidParameterCombinationException"
STATE, GROUP_STATE = "InvalidGlobalReplicationGroupStateFault", "InvalidReplicationGroupStateFault"
HOME, AWAY, THIRD = "us-east-1", "eu-west-1", "ap-south-1"
ID = "ldgnf-world"
TOKEN = "a-token-of-16-letters"


def within(world: World, region: str) -> World:
    """The same account in another region."""
    return replace(world, caller=Caller(world.caller.account, region))


@pytest.fixture
def world() -> World:
    """A group `home` that can be a primary."""
    world = World()
    world.group("home", NumCacheClusters=2, CacheNodeType="cache.r6g.large", AutomaticFailoverEnabled=True)
    world.settle("home")
    return world


@pytest.fixture
def pair(world: World) -> World:
    """The same as the primary of a global datastore, with a secondary `away`."""
    create(world)
    add(world, AWAY, "away")
    return world


def create(world: World, **params: Any) -> dict[str, Any]:
    usual = {"GlobalReplicationGroupIdSuffix": "World", "PrimaryReplicationGroupId": "Home"}
    answer: dict[str, Any] = world.ask("CreateGlobalReplicationGroup", **usual | params)["GlobalReplicationGroup"]
    return answer


def joining(name: str, **params: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"ReplicationGroupId": name, "ReplicationGroupDescription": "d", "NumCacheClusters": 2}
    return {**usual, "GlobalReplicationGroupId": ID, **params}


def add(world: World, region: str, name: str) -> None:
    """A secondary, available."""
    within(world, region).ask("CreateReplicationGroup", **joining(name))
    settle(world, region, name)


def settle(world: World, region: str, name: str) -> None:
    """Make the spec of a member come true."""
    key = Key(world.caller.account, region, Kind.REPLICATION_GROUP, name)
    with world.store.write() as transaction:
        cache = transaction.caches.get(key)
        assert cache
        transaction.caches.write_status(cache, fulfilled(cache, world.now), settled=True)


def shown(world: World) -> dict[str, Any]:
    answer = world.ask("DescribeGlobalReplicationGroups", GlobalReplicationGroupId=ID.upper(), ShowMemberInfo=True)
    (found,) = answer["GlobalReplicationGroups"]
    return dict(found)


def roles(world: World) -> dict[str, tuple[str, str]]:
    return {m["ReplicationGroupId"]: (m["Role"], m["Status"]) for m in shown(world)["Members"]}


def info(world: World, region: str, name: str) -> dict[str, str]:
    return dict(within(world, region).shown_group(name)["GlobalReplicationGroupInfo"])


def test_the_answer_of_a_new_datastore(world: World) -> None:
    answer = create(world)
    account = world.caller.account
    assert answer == {
        "GlobalReplicationGroupId": ID,
        "GlobalReplicationGroupDescription": " ",
        "Status": "creating",
        "CacheNodeType": "cache.r6g.large",
        "Engine": "valkey",
        "EngineVersion": answer["EngineVersion"],
        "Members": [
            {
                "ReplicationGroupId": "home",
                "ReplicationGroupRegion": HOME,
                "Role": "PRIMARY",
                "AutomaticFailover": "enabled",
                "Status": "associating",
            }
        ],
        "ClusterEnabled": False,
        "GlobalNodeGroups": [],
        "AuthTokenEnabled": False,
        "TransitEncryptionEnabled": False,
        "AtRestEncryptionEnabled": True,
        "ARN": f"arn:aws:elasticache::{account}:globalreplicationgroup:{ID}",
    }
    assert shown(world)["Status"] == "primary-only"
    assert roles(world) == {"home": ("PRIMARY", "associated")}
    assert world.shown_group("home")["Status"] == "available", "a primary goes on as it was"
    assert info(world, HOME, "home") == {"GlobalReplicationGroupId": ID, "GlobalReplicationGroupMemberRole": "PRIMARY"}


def test_a_datastore_is_seen_from_every_region_and_by_its_account_alone(pair: World) -> None:
    for region in (HOME, AWAY, THIRD):
        (found,) = within(pair, region).ask("DescribeGlobalReplicationGroups")["GlobalReplicationGroups"]
        assert found["GlobalReplicationGroupId"] == ID
        assert "Members" not in found
    assert World().ask("DescribeGlobalReplicationGroups")["GlobalReplicationGroups"] == []


def test_datastores_come_in_pages(world: World) -> None:
    create(world)
    for number in range(2):
        world.group(f"more{number}", CacheNodeType="cache.r6g.large")
        world.settle(f"more{number}")
        create(world, PrimaryReplicationGroupId=f"more{number}", GlobalReplicationGroupIdSuffix=f"more{number}")
    first = world.ask("DescribeGlobalReplicationGroups", MaxRecords=20)
    assert [one["GlobalReplicationGroupId"] for one in first["GlobalReplicationGroups"]] == [
        "ldgnf-more0",
        "ldgnf-more1",
        ID,
    ]


@pytest.mark.parametrize(
    ("params", "shape", "words"),
    [
        ({"GlobalReplicationGroupIdSuffix": "-x"}, VALUE, "GlobalReplicationGroupIdSuffix is not a valid identifier"),
        ({"PrimaryReplicationGroupId": "nobody"}, "ReplicationGroupNotFoundFault", "nobody"),
        ({"PrimaryReplicationGroupId": "small"}, VALUE, "not supported for cache node type cache.t3.micro"),
        ({"PrimaryReplicationGroupId": "new"}, GROUP_STATE, "not in available state"),
        ({"PrimaryReplicationGroupId": "old"}, VALUE, "not supported for redis version 5.0.0"),
        ({"PrimaryReplicationGroupId": "six"}, VALUE, "not supported for network type ipv6"),
        ({"PrimaryReplicationGroupId": "between"}, COMBINATION, "while cluster mode is compatible"),
        ({"Tags": [{"Key": "aws:x", "Value": "y"}]}, VALUE, ""),
    ],
)
def test_what_is_no_primary(world: World, params: dict[str, Any], shape: str, words: str) -> None:
    world.group("small")
    world.group("new", CacheNodeType="cache.r6g.large")
    world.group("old", Engine="redis", EngineVersion="5.0.0", CacheNodeType="cache.r5.large")
    usual = {"CacheNodeType": "cache.r6g.large", "AutomaticFailoverEnabled": True}
    world.group("between", NumCacheClusters=2, ClusterMode="compatible", **usual)
    world.group("six", CacheNodeType="cache.r6g.large", NetworkType="ipv6")
    for name in ("small", "old", "between", "six"):
        world.settle(name)
    usual = {"GlobalReplicationGroupIdSuffix": "x", "PrimaryReplicationGroupId": "home"}
    refused, message = world.refusal("CreateGlobalReplicationGroup", **usual | params)
    assert refused == shape
    assert words in message
    assert world.ask("DescribeGlobalReplicationGroups")["GlobalReplicationGroups"] == []


@pytest.mark.parametrize("version", ["5.0.6", "6.0", "6.2"])
def test_clusters_of_every_redis_that_aws_has(world: World, version: str) -> None:
    usual = {"CacheNodeType": "cache.r5.large", "AutomaticFailoverEnabled": True}
    world.group("old", NumNodeGroups=2, Engine="redis", EngineVersion=version, **usual)
    world.settle("old")
    asked = {"GlobalReplicationGroupIdSuffix": "x", "PrimaryReplicationGroupId": "old"}
    created = world.ask("CreateGlobalReplicationGroup", **asked)["GlobalReplicationGroup"]
    assert created["ClusterEnabled"]


def test_a_group_is_in_one_datastore_and_an_id_is_taken_once(pair: World) -> None:
    again = {"GlobalReplicationGroupIdSuffix": "again", "PrimaryReplicationGroupId": "home"}
    assert pair.refusal("CreateGlobalReplicationGroup", **again)[0] == GROUP_STATE
    pair.group("second", CacheNodeType="cache.r6g.large")
    pair.settle("second")
    same = {"GlobalReplicationGroupIdSuffix": "world", "PrimaryReplicationGroupId": "second"}
    assert pair.refusal("CreateGlobalReplicationGroup", **same)[0] == "GlobalReplicationGroupAlreadyExistsFault"


def test_a_secondary_is_what_the_primary_is(world: World) -> None:
    encrypted = {"TransitEncryptionEnabled": True, "AuthToken": TOKEN, "Engine": "redis", "EngineVersion": "7.1"}
    world.group("safe", CacheNodeType="cache.r6g.large", AtRestEncryptionEnabled=True, **encrypted)
    world.settle("safe")
    create(world, PrimaryReplicationGroupId="safe")
    away = within(world, AWAY)
    answer = away.ask("CreateReplicationGroup", **joining("away", NumCacheClusters=3, Port=7000))["ReplicationGroup"]
    assert (answer["Status"], len(answer["MemberClusters"])) == ("creating", 3)
    assert shown(world)["Status"] == "modifying"
    assert roles(world) == {"safe": ("PRIMARY", "associated"), "away": ("SECONDARY", "associating")}
    settle(world, AWAY, "away")
    assert shown(world)["Status"] == "available"
    assert roles(world)["away"] == ("SECONDARY", "associated")
    safe, copy = world.shown_group("safe"), away.shown_group("away")
    alike = ("Engine", "CacheNodeType", "TransitEncryptionEnabled", "AuthTokenEnabled", "AtRestEncryptionEnabled")
    assert {name: safe[name] for name in alike} == {name: copy[name] for name in alike}
    assert copy["GlobalReplicationGroupInfo"]["GlobalReplicationGroupMemberRole"] == "SECONDARY"
    assert away.cache("away").spec.upstream == Upstream(group="safe", region=HOME)
    assert away.cache("away").spec.port == 7000


@pytest.mark.parametrize(
    ("region", "params", "shape", "words"),
    [
        (THIRD, {"CacheNodeType": "cache.r6g.large"}, COMBINATION, "Cannot use the given parameters"),
        (THIRD, {"AutomaticFailoverEnabled": True}, COMBINATION, "Cannot use the given parameters"),
        (THIRD, {"TransitEncryptionMode": "preferred"}, COMBINATION, "Cannot use the given parameters"),
        (THIRD, {"GlobalReplicationGroupId": "ldgnf-none"}, "GlobalReplicationGroupNotFoundFault", "ldgnf-none"),
        (THIRD, {"AuthToken": TOKEN}, VALUE, "Invalid AuthToken provided."),
        (THIRD, {"NumCacheClusters": 1}, COMBINATION, "there must be at least 2 cache clusters"),
        (THIRD, {"NetworkType": "dual_stack"}, VALUE, "not supported for network type dual_stack"),
        (AWAY, {}, VALUE, "has a member in region eu-west-1 already"),
        (HOME, {}, VALUE, "has a member in region us-east-1 already"),
    ],
)
def test_what_is_no_secondary(pair: World, region: str, params: dict[str, Any], shape: str, words: str) -> None:
    before = shown(pair)
    refused, message = within(pair, region).refusal("CreateReplicationGroup", **joining("more") | params)
    assert refused == shape
    assert words in message
    assert shown(pair) == before


def test_there_are_two_secondaries_at_most_and_none_comes_while_another_one_does(pair: World) -> None:
    third = within(pair, THIRD)
    third.ask("CreateReplicationGroup", **joining("third"))
    fourth = within(pair, "eu-west-2")
    assert fourth.refusal("CreateReplicationGroup", **joining("fourth"))[0] == STATE
    settle(pair, THIRD, "third")
    assert "has 2 secondaries already" in fourth.refusal("CreateReplicationGroup", **joining("fourth"))[1]


@pytest.mark.parametrize(
    "params",
    [
        {"CacheNodeType": "cache.r6g.xlarge"},
        {"EngineVersion": "8.1"},
        {"CacheParameterGroupName": "default.valkey8"},
        {"AutomaticFailoverEnabled": False},
        {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred"},
    ],
)
@pytest.mark.parametrize(("region", "name"), [(HOME, "home"), (AWAY, "away")])
def test_a_member_is_not_changed_alone(pair: World, region: str, name: str, params: dict[str, Any]) -> None:
    refused = within(pair, region).refusal("ModifyReplicationGroup", ReplicationGroupId=name, **params)
    assert refused == (VALUE, f"Cluster [{name}] is part of a global cluster [{ID}]. Request rejected.")


def test_what_is_a_members_own_can_be_changed(pair: World) -> None:
    away = within(pair, AWAY)
    away.ask("ModifyReplicationGroup", ReplicationGroupId="away", ReplicationGroupDescription="other")
    assert away.shown_group("away")["Description"] == "other"
    away.ask("IncreaseReplicaCount", ReplicationGroupId="away", NewReplicaCount=2, ApplyImmediately=True)
    assert len(away.shown_group("away")["MemberClusters"]) == 3


@pytest.mark.parametrize(("region", "name"), [(HOME, "home"), (AWAY, "away")])
def test_a_member_is_not_deleted(pair: World, region: str, name: str) -> None:
    shape, words = within(pair, region).refusal("DeleteReplicationGroup", ReplicationGroupId=name)
    assert shape == GROUP_STATE
    assert ID in words


@pytest.mark.parametrize(("region", "name"), [(HOME, "home"), (AWAY, "away")])
def test_a_member_is_not_migrated_to(pair: World, region: str, name: str) -> None:
    source = {"ReplicationGroupId": name, "CustomerNodeEndpointList": [{"Address": "10.0.0.9", "Port": 6379}]}
    shape, words = within(pair, region).refusal("StartMigration", **source)
    assert shape == GROUP_STATE
    assert ID in words


def leaving(name: str = "away", region: str = AWAY) -> dict[str, str]:
    return {"GlobalReplicationGroupId": ID, "ReplicationGroupId": name, "ReplicationGroupRegion": region}


def test_a_secondary_becomes_a_group_of_its_own(pair: World) -> None:
    answer = pair.ask("DisassociateGlobalReplicationGroup", **leaving())["GlobalReplicationGroup"]
    assert answer["Status"] == "modifying"
    assert [member["Status"] for member in answer["Members"]] == ["associated", "disassociating"]
    assert roles(pair) == {"home": ("PRIMARY", "associated")}
    assert info(pair, AWAY, "away") == {}
    assert within(pair, AWAY).shown_group("away")["Status"] == "modifying", "until it takes writes"
    settle(pair, AWAY, "away")
    assert within(pair, AWAY).ask("DeleteReplicationGroup", ReplicationGroupId="away")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        (leaving("home", HOME), "is the primary"),
        (leaving("nobody"), "is not associated with Global Replication Group"),
        (leaving("away", HOME), "is not associated with Global Replication Group"),
    ],
)
def test_who_cannot_leave(pair: World, params: dict[str, str], words: str) -> None:
    shape, message = pair.refusal("DisassociateGlobalReplicationGroup", **params)
    assert shape == VALUE
    assert words in message
    assert len(roles(pair)) == 2


@pytest.mark.parametrize("retain", [True, False])
def test_a_datastore_ends_when_nobody_follows_its_primary(pair: World, retain: bool) -> None:
    asked = {"GlobalReplicationGroupId": ID, "RetainPrimaryReplicationGroup": retain}
    assert pair.refusal("DeleteGlobalReplicationGroup", **asked)[0] == STATE
    pair.ask("DisassociateGlobalReplicationGroup", **leaving())
    answer = pair.ask("DeleteGlobalReplicationGroup", **asked)["GlobalReplicationGroup"]
    assert answer["Status"] == "deleting"
    assert pair.refusal("DescribeGlobalReplicationGroups", GlobalReplicationGroupId=ID)[0] == (
        "GlobalReplicationGroupNotFoundFault"
    )
    assert info(pair, HOME, "home") == {}
    assert pair.shown_group("home")["Status"] == "available"


def failing_over(name: str = "away", region: str = AWAY) -> dict[str, str]:
    return {"GlobalReplicationGroupId": ID, "PrimaryReplicationGroupId": name, "PrimaryRegion": region}


def test_a_failover_tells_every_member_what_it_is(pair: World) -> None:
    add(pair, THIRD, "third")
    answer = pair.ask("FailoverGlobalReplicationGroup", **failing_over())["GlobalReplicationGroup"]
    assert answer["Status"] == "modifying"
    assert {name: role for name, (role, _) in roles(pair).items()} == {
        "away": "PRIMARY",
        "home": "SECONDARY",
        "third": "SECONDARY",
    }
    home, away, third = (within(pair, r).cache(n) for r, n in ((HOME, "home"), (AWAY, "away"), (THIRD, "third")))
    assert home.spec.upstream == third.spec.upstream == Upstream(group="away", region=AWAY)
    assert away.spec.upstream is None
    assert away.spec.datastore
    assert away.spec.datastore.succeeds == Place(HOME, "home")
    assert pair.refusal("FailoverGlobalReplicationGroup", **failing_over("home", HOME))[0] == STATE
    for region, name in ((HOME, "home"), (AWAY, "away"), (THIRD, "third")):
        settle(pair, region, name)
    assert shown(pair)["Status"] == "available"
    pair.ask("FailoverGlobalReplicationGroup", **failing_over("home", HOME))
    assert roles(pair)["home"][0] == "PRIMARY"


@pytest.mark.parametrize("params", [failing_over("home", HOME), failing_over("nobody"), failing_over("away", HOME)])
def test_who_cannot_take_over(pair: World, params: dict[str, str]) -> None:
    before = shown(pair)
    assert pair.refusal("FailoverGlobalReplicationGroup", **params)[0] == VALUE
    assert shown(pair) == before


def test_every_member_is_changed_together(pair: World) -> None:
    asked = {"GlobalReplicationGroupId": ID, "ApplyImmediately": True}
    pair.ask("ModifyGlobalReplicationGroup", **asked, CacheNodeType="cache.r6g.xlarge", AutomaticFailoverEnabled=False)
    for region, name in ((HOME, "home"), (AWAY, "away")):
        spec = within(pair, region).cache(name).spec
        assert (spec.node_type, spec.automatic_failover) == ("cache.r6g.xlarge", False)
    assert shown(pair)["Status"] == "modifying"
    assert pair.refusal("ModifyGlobalReplicationGroup", **asked, CacheNodeType="cache.r6g.large")[0] == STATE


def test_a_description_is_changed_at_once(pair: World) -> None:
    asked = {"GlobalReplicationGroupId": ID, "ApplyImmediately": True, "GlobalReplicationGroupDescription": "other"}
    pair.ask("ModifyGlobalReplicationGroup", **asked)
    assert (shown(pair)["GlobalReplicationGroupDescription"], shown(pair)["Status"]) == ("other", "available")


@pytest.mark.parametrize(
    ("params", "shape", "words"),
    [
        ({}, VALUE, "No modifications were requested"),
        ({"ApplyImmediately": False, "CacheNodeType": "cache.r6g.xlarge"}, VALUE, "ApplyImmediately must be true"),
        ({"CacheNodeType": "cache.t3.medium"}, VALUE, "not supported for cache node type"),
        ({"CacheNodeType": "cache.none.large"}, VALUE, ""),
        ({"CacheParameterGroupName": "nobody"}, VALUE, "without a change in major engine version."),
        ({"EngineVersion": "99"}, COMBINATION, "Cannot find version"),
    ],
)
def test_what_no_datastore_becomes(pair: World, params: dict[str, Any], shape: str, words: str) -> None:
    before = shown(pair)
    usual = {"GlobalReplicationGroupId": ID, "ApplyImmediately": True}
    refused, message = pair.refusal("ModifyGlobalReplicationGroup", **usual | params)
    assert refused == shape
    assert words in message
    assert shown(pair) == before


@pytest.mark.parametrize(
    "operation",
    [
        "IncreaseNodeGroupsInGlobalReplicationGroup",
        "DecreaseNodeGroupsInGlobalReplicationGroup",
        "RebalanceSlotsInGlobalReplicationGroup",
    ],
)
def test_there_is_one_node_group(pair: World, operation: str) -> None:
    count = {} if operation.startswith("Rebalance") else {"NodeGroupCount": 2}
    asked = {"GlobalReplicationGroupId": ID, "ApplyImmediately": True, **count}
    assert pair.refusal(operation, **asked) == (
        VALUE,
        "Operation is only applicable for cluster mode enabled replication groups.",
    )
    assert pair.refusal(operation, **asked | {"ApplyImmediately": False})[0] == VALUE
    nobody = asked | {"GlobalReplicationGroupId": "ldgnf-none"}
    assert pair.refusal(operation, **nobody)[0] == "GlobalReplicationGroupNotFoundFault"


def test_a_datastore_has_tags(world: World) -> None:
    create(world, Tags=[{"Key": "team", "Value": "shop"}])
    arn = Resource(world.caller.account, "", GLOBAL_REPLICATION_GROUP, ID).arn
    tags = within(world, AWAY).ask("ListTagsForResource", ResourceName=arn)["TagList"]
    assert tags == [{"Key": "team", "Value": "shop"}]


@pytest.fixture
def clusters(world: World) -> World:
    """A datastore of two members in cluster mode, `shards` and `copies`."""
    usual = {"CacheNodeType": "cache.r6g.large", "AutomaticFailoverEnabled": True, "Engine": "valkey"}
    groups = [{"Slots": "0-99"}, {"Slots": "100-16383"}]
    world.group("shards", NodeGroupConfiguration=groups, ReplicasPerNodeGroup=1, **usual)
    world.settle("shards")
    create(world, PrimaryReplicationGroupId="shards")
    within(world, AWAY).ask("CreateReplicationGroup", **sharded("copies"))
    settle(world, AWAY, "copies")
    return world


def sharded(name: str, **params: Any) -> dict[str, Any]:
    asked = {"ReplicationGroupId": name, "ReplicationGroupDescription": "d", "GlobalReplicationGroupId": ID}
    return {**asked, "ReplicasPerNodeGroup": 2} | params


def test_a_secondary_has_the_node_groups_and_slots_of_its_primary(clusters: World) -> None:
    slots = {"0001": "0-99", "0002": "100-16383"}
    shown_groups = within(clusters, AWAY).shown_group("copies")["NodeGroups"]
    assert {group["NodeGroupId"]: group["Slots"] for group in shown_groups} == slots
    assert [len(group["NodeGroupMembers"]) for group in shown_groups] == [3, 3]
    told = shown(clusters)
    assert told["ClusterEnabled"]
    assert {one["GlobalNodeGroupId"]: one["Slots"] for one in told["GlobalNodeGroups"]} == {
        f"{ID}-{name}": ranges for name, ranges in slots.items()
    }


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"NodeGroupConfiguration": [{"ReplicaCount": 1}]}, "has 2 node groups"),
        ({"NodeGroupConfiguration": [{"Slots": "0-8191"}, {"Slots": "8192-16383"}]}, "must be those of the Global"),
        ({"NodeGroupConfiguration": [{"NodeGroupId": "0001"}, {"NodeGroupId": "0007"}]}, "must be those of the Global"),
    ],
)
def test_a_secondary_has_no_node_groups_of_its_own(clusters: World, params: dict[str, Any], words: str) -> None:
    code, message = within(clusters, THIRD).refusal(
        "CreateReplicationGroup", **sharded("third", ReplicasPerNodeGroup=None, **params)
    )
    assert code == VALUE
    assert words in message


def test_each_node_group_of_a_secondary_may_have_its_own_replicas(clusters: World) -> None:
    entries = [{"NodeGroupId": "0002", "ReplicaCount": 0}, {"NodeGroupId": "0001", "ReplicaCount": 1}]
    third = within(clusters, THIRD)
    third.ask("CreateReplicationGroup", **sharded("third", ReplicasPerNodeGroup=None, NodeGroupConfiguration=entries))
    settle(third, THIRD, "third")
    groups = third.shown_group("third")["NodeGroups"]
    assert {one["NodeGroupId"]: len(one["NodeGroupMembers"]) for one in groups} == {"0001": 2, "0002": 1}


def test_slots_of_one_member_do_not_move(clusters: World) -> None:
    usual = {"ApplyImmediately": True, "NodeGroupCount": 3}
    alone = clusters.refusal("ModifyReplicationGroupShardConfiguration", ReplicationGroupId="shards", **usual)
    assert alone == (VALUE, f"Cluster [shards] is part of a global cluster [{ID}]. Request rejected.")
