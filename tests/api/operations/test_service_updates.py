"""Service updates as requests see them: what is offered, for which caches, and what is applied and stopped."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cachewright.controlplane.model.builds import Build, Builds
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.service_updates import Catalogue, ServiceUpdate, UpdateStatus
from cachewright.controlplane.model.versions import Engine
from tests.api.world import START, World, shared_store

INVALID = "InvalidParameterValueException"
DAY = timedelta(days=1)
OLD, NEW = "sha256:old", "sha256:new"
NAME, ENDED = "elc-20260228-001", 24  # one that is available, and as many that are not
BUILDS = Builds((Build(OLD, "redis", "7.0.9", START), Build(NEW, "redis", "7.0.15", START, ("7.1.0",))))
UPDATE = ServiceUpdate(NAME, NEW, START - DAY, (Engine.REDIS,), "of a test", ("7.1.0",))
EXPIRED = tuple(
    replace(UPDATE, name=f"elc-20260101-{number:03}", status=UpdateStatus.EXPIRED, ended_at=START)
    for number in range(1, ENDED + 1)
)


@pytest.fixture
def world() -> World:
    """An account where nothing is, of an installation with updates: they are the same for every test."""
    with shared_store().write() as transaction:
        transaction.updates.write_builds(BUILDS)
        transaction.updates.write_catalogue(Catalogue((*EXPIRED, UPDATE)))
    return World()


def with_image(world: World, name: str, image: str) -> None:
    """A cache that is as desired, and its nodes were made from an image."""
    world.settle(name)
    status = world.cache(name).status
    world.report(name, replace(status, nodes={node: replace(one, image=image) for node, one in status.nodes.items()}))


def group(world: World, name: str = "rg", image: str = OLD) -> None:
    world.group(name, Engine="redis", NumCacheClusters=2)
    with_image(world, name, image)


def cluster(world: World, name: str, image: str = OLD, **params: Any) -> None:
    world.cluster(name, **params)
    with_image(world, name, image)


def actions(world: World, **wanted: Any) -> list[dict[str, Any]]:
    """Of the update that is available, unless something else is asked for."""
    return list(world.ask("DescribeUpdateActions", **{"ServiceUpdateName": NAME} | wanted)["UpdateActions"])


def ids(shown: list[dict[str, Any]]) -> list[str]:
    return [one.get("ReplicationGroupId") or one["CacheClusterId"] for one in shown]


def apply(world: World, **caches: Any) -> dict[str, Any]:
    return world.ask("BatchApplyUpdateAction", ServiceUpdateName=NAME, **caches)


def stop(world: World, **caches: Any) -> dict[str, Any]:
    return world.ask("BatchStopUpdateAction", ServiceUpdateName=NAME, **caches)


def test_what_an_update_says(world: World) -> None:
    (shown,) = world.ask("DescribeServiceUpdates", ServiceUpdateName=NAME)["ServiceUpdates"]
    assert shown == {
        "ServiceUpdateName": NAME,
        "ServiceUpdateReleaseDate": START - DAY,
        "ServiceUpdateSeverity": "important",
        "ServiceUpdateRecommendedApplyByDate": START + 29 * DAY,
        "ServiceUpdateStatus": "available",
        "ServiceUpdateDescription": "of a test",
        "ServiceUpdateType": "security-update",
        "Engine": "redis",
        "EngineVersion": "redis 7.1.0",
        "AutoUpdateAfterRecommendedApplyByDate": False,
        "EstimatedUpdateTime": "1 minute per node",
    }


def test_updates_by_status_and_page_by_page(world: World) -> None:
    available = world.ask("DescribeServiceUpdates", ServiceUpdateStatus=["available"])["ServiceUpdates"]
    assert [one["ServiceUpdateName"] for one in available] == [NAME]
    first = world.ask("DescribeServiceUpdates", MaxRecords=20)
    last = world.ask("DescribeServiceUpdates", MaxRecords=20, Marker=first["Marker"])
    assert "Marker" not in last
    names = [one["ServiceUpdateName"] for one in (*first["ServiceUpdates"], *last["ServiceUpdates"])]
    assert names == [*(update.name for update in EXPIRED), NAME]


def test_an_update_is_for_caches_with_an_older_build(world: World) -> None:
    group(world)
    group(world, "newest", NEW)
    group(world, "unknown", "")
    cluster(world, "one")
    cluster(world, "older", EngineVersion="6.2")
    cluster(world, "mc", Engine="memcached")
    world.cluster("creating")
    assert ids(actions(world)) == ["one", "rg"]
    assert {one["UpdateActionStatus"] for one in actions(world, ServiceUpdateName=EXPIRED[0].name)} == {
        "not-applicable"
    }


def test_what_an_action_says_with_nodes_and_without(world: World) -> None:
    group(world)
    (shown,) = actions(world)
    assert "NodeGroupUpdateStatus" not in shown
    assert (shown["NodesUpdated"], shown["SlaMet"]) == ("0/2", "no")
    assert shown["UpdateActionAvailableDate"] == shown["UpdateActionStatusModifiedDate"] == START
    (shown,) = actions(world, ShowNodeLevelUpdateStatus=True)
    (shard,) = shown["NodeGroupUpdateStatus"]
    assert shard["NodeGroupId"] == "0001"
    assert shard["NodeGroupMemberUpdateStatus"][1] == {
        "CacheClusterId": "rg-002",
        "CacheNodeId": "0001",
        "NodeUpdateStatus": "not-applied",
    }


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"ReplicationGroupIds": ["RG", "none"]}, ["rg"]),
        ({"CacheClusterIds": ["one", "rg-001"]}, ["one"]),
        ({"CacheClusterIds": ["one"], "ReplicationGroupIds": ["rg"]}, ["one", "rg"]),
        ({"Engine": "Redis"}, ["one", "rg"]),
        ({"Engine": "valkey"}, []),
        ({"ServiceUpdateStatus": ["expired"]}, []),
        ({"UpdateActionStatus": ["not-applied", "stopped"]}, ["one", "rg"]),
        ({"UpdateActionStatus": ["complete"]}, []),
        ({"ServiceUpdateTimeRange": {"StartTime": START - DAY, "EndTime": START - DAY}}, ["one", "rg"]),
        ({"ServiceUpdateTimeRange": {"StartTime": START}}, []),
        ({"ServiceUpdateTimeRange": {"EndTime": START - 2 * DAY}}, []),
        ({"ServiceUpdateName": "elc-20260228-009"}, []),
    ],
)
def test_actions_are_filtered(world: World, wanted: dict[str, Any], found: list[str]) -> None:
    group(world)
    cluster(world, "one")
    assert ids(actions(world, **wanted)) == found


def test_actions_come_page_by_page(world: World) -> None:
    cluster(world, "one")
    first = world.ask("DescribeUpdateActions", MaxRecords=20)
    last = world.ask("DescribeUpdateActions", MaxRecords=20, Marker=first["Marker"])
    assert "Marker" not in last
    names = [one["ServiceUpdateName"] for one in (*first["UpdateActions"], *last["UpdateActions"])]
    assert names == [*(update.name for update in EXPIRED), NAME]


def test_an_update_is_applied_once_stopped_and_applied_again(world: World) -> None:
    group(world)
    (done,) = apply(world, ReplicationGroupIds=["rg"])["ProcessedUpdateActions"]
    assert done == {"ReplicationGroupId": "rg", "ServiceUpdateName": NAME, "UpdateActionStatus": "waiting-to-start"}
    assert world.shown_group("rg")["Status"] == "modifying"
    (refused,) = apply(world, ReplicationGroupIds=["rg"])["UnprocessedUpdateActions"]
    assert refused["ErrorMessage"] == f"Service update {NAME} cannot be applied to rg: it is waiting-to-start."
    (done,) = stop(world, ReplicationGroupIds=["rg"])["ProcessedUpdateActions"]
    assert done["UpdateActionStatus"] == "stopping"
    assert actions(world)[0]["UpdateActionStatus"] == "stopped"
    (refused,) = stop(world, ReplicationGroupIds=["rg"])["UnprocessedUpdateActions"]
    assert refused["ErrorMessage"] == f"Service update {NAME} cannot be stopped for rg: it is stopped."
    with_image(world, "rg", OLD)
    (done,) = apply(world, ReplicationGroupIds=["rg"])["ProcessedUpdateActions"]
    assert done["UpdateActionStatus"] == "waiting-to-start"


def test_what_cannot_be_done_for_one_is_told_and_changes_nothing(world: World) -> None:
    group(world)
    group(world, "newest", NEW)
    cluster(world, "busy")
    world.phase("busy", Phase.MODIFYING)
    before = world.cache("busy").spec
    answer = apply(world, ReplicationGroupIds=["rg", "newest", "none"], CacheClusterIds=["busy", "rg-001", "../x"])
    assert ids(answer["ProcessedUpdateActions"]) == ["rg"]
    failed = answer["UnprocessedUpdateActions"]
    assert list(zip(ids(failed), (one["ErrorType"] for one in failed), strict=True)) == [
        ("newest", INVALID),
        ("none", "ReplicationGroupNotFoundFault"),
        ("busy", "InvalidCacheClusterStateFault"),
        ("rg-001", INVALID),
        ("../x", "CacheClusterNotFoundFault"),
    ]
    assert world.cache("busy").spec == before


def test_only_what_is_available_can_be_applied(world: World) -> None:
    group(world)
    asked = {"ServiceUpdateName": EXPIRED[0].name, "ReplicationGroupIds": ["rg"]}
    (refused,) = world.ask("BatchApplyUpdateAction", **asked)["UnprocessedUpdateActions"]
    assert refused["ErrorMessage"] == f"Service update {EXPIRED[0].name} is expired."


def test_accounts_do_not_see_each_other(world: World) -> None:
    group(world)
    other = World()
    assert actions(other) == []
    (refused,) = apply(other, ReplicationGroupIds=["rg"])["UnprocessedUpdateActions"]
    assert refused["ErrorType"] == "ReplicationGroupNotFoundFault"


MANY = [f"c{number}" for number in range(21)]
RANGE = {"StartTime": START, "EndTime": START - DAY}


@pytest.mark.parametrize(
    ("operation", "params", "shape"),
    [
        ("DescribeServiceUpdates", {"ServiceUpdateName": "elc-1"}, "ServiceUpdateNotFoundFault"),
        ("DescribeServiceUpdates", {"ServiceUpdateStatus": ["open"]}, INVALID),
        ("DescribeServiceUpdates", {"MaxRecords": 101}, INVALID),
        ("DescribeServiceUpdates", {"Marker": "x"}, INVALID),
        ("DescribeUpdateActions", {"UpdateActionStatus": ["open"]}, INVALID),
        ("DescribeUpdateActions", {"ReplicationGroupIds": MANY}, INVALID),
        ("DescribeUpdateActions", {"ServiceUpdateTimeRange": RANGE}, "InvalidParameterCombinationException"),
        ("BatchApplyUpdateAction", {"ServiceUpdateName": NAME}, INVALID),
        ("BatchApplyUpdateAction", {"ServiceUpdateName": NAME, "CacheClusterIds": MANY}, INVALID),
        ("BatchApplyUpdateAction", {"ServiceUpdateName": "x", "CacheClusterIds": ["a"]}, "ServiceUpdateNotFoundFault"),
        ("BatchStopUpdateAction", {"ServiceUpdateName": NAME}, INVALID),
        ("BatchStopUpdateAction", {"ServiceUpdateName": "x", "CacheClusterIds": ["a"]}, "ServiceUpdateNotFoundFault"),
    ],
)
def test_what_is_wrong_is_refused(world: World, operation: str, params: dict[str, Any], shape: str) -> None:
    refused, _ = world.refusal(operation, **params)
    assert refused == shape
