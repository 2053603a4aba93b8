"""Service updates on the pretend machine: offered, applied node by node, stopped between."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cachewright.agents.backends import PretendImages
from cachewright.agents.loop.builds import BuildsAtHand
from cachewright.agents.planning.labels import NODE
from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.model.windows import maintenance_window
from cachewright.controlplane.service_updates import ServiceUpdates
from tests.agents.test_crashes import Crash, Fuse, fused
from tests.agents.test_durability import primary
from tests.agents.test_notifications import notices
from tests.agents.test_reconcile import home_key
from tests.house import House, house

NODES = ("rg-001.0001", "rg-002.0001", "rg-003.0001")
SOONER, LATER = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
OFFERED = "Service update is available for cache node 0001."


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    yield house(tmp_path)


def ticker(home: House, *, examples: bool = False) -> ServiceUpdates:
    return ServiceUpdates(home.store, home.clock, Random(1), 1.0, examples=examples)


def renewed(home: House) -> None:
    """A newer build of every engine is there, and everybody knows."""
    images = home.backend.images
    assert isinstance(images, PretendImages)
    BuildsAtHand(home.store, images).look()
    ticker(home).look()
    images.renewals += 1
    BuildsAtHand(home.store, images).look()
    ticker(home).look()


def offered(home: House, **wanted: Any) -> list[dict[str, Any]]:
    """Actions, as they are asked for."""
    return list(home.call("DescribeUpdateActions", ShowNodeLevelUpdateStatus=True, **wanted)["UpdateActions"])


def images(home: House) -> dict[str, str]:
    return {one.labels[NODE]: one.image for one in home.containers() if NODE in one.labels}


def name(home: House) -> str:
    return str(offered(home)[0]["ServiceUpdateName"])


def test_nothing_is_offered_while_no_build_is_newer(home: House) -> None:
    home.group("rg")
    BuildsAtHand(home.store, home.backend.images).look()
    ticker(home).look()
    assert home.call("DescribeServiceUpdates") == {"ServiceUpdates": []}
    assert offered(home) == []


def test_a_newer_build_is_offered_and_told_and_changes_nothing(home: House) -> None:
    home.group("rg")
    before = images(home)
    renewed(home)
    home.settle()
    (update,) = home.call("DescribeServiceUpdates", ServiceUpdateStatus=["available"])["ServiceUpdates"]
    assert update["ServiceUpdateName"] == "elc-20260101-001"
    assert update["Engine"] == "redis"
    assert update["AutoUpdateAfterRecommendedApplyByDate"] is False
    (action,) = offered(home)
    assert (action["ReplicationGroupId"], action["UpdateActionStatus"]) == ("rg", "not-applied")
    assert action["NodesUpdated"] == "0/3"
    assert images(home) == before
    assert [words for words in home.messages() if OFFERED in words] == [
        f"{n.partition('.')[0]}: {OFFERED}" for n in NODES
    ]


def test_an_offer_is_published_for_each_node(home: House) -> None:
    home.group("rg", NotificationTopicArn="arn:aws:sns:us-east-1:000000000000:alerts")
    renewed(home)
    offers = [notice.source for notice in notices(home) if notice.name == "ServiceUpdateAvailableForNode"]
    assert offers == ["rg-001", "rg-002", "rg-003"]


def test_an_update_that_is_applied_rebuilds_every_node_and_keeps_what_they_hold(home: House) -> None:
    cache = home.group("rg")
    addresses = {node: known.address for node, known in cache.status.nodes.items()}
    home.machine.processes.write(cache.status.nodes[NODES[0]].address.host, "key", "value")
    before = images(home)
    renewed(home)
    asked = {"ServiceUpdateName": name(home), "ReplicationGroupIds": ["rg"]}
    answer = home.call("BatchApplyUpdateAction", **asked)
    (done,) = answer["ProcessedUpdateActions"]
    assert done == {
        "ReplicationGroupId": "rg",
        "ServiceUpdateName": name(home),
        "UpdateActionStatus": "waiting-to-start",
    }
    assert answer["UnprocessedUpdateActions"] == []
    assert offered(home)[0]["UpdateActionStatus"] == "waiting-to-start"
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert images(home) == {node: f"{image}-1" for node, image in before.items()}
    assert {node: known.address for node, known in after.status.nodes.items()} == addresses
    assert all(home.machine.processes.at(at.host).data == {"key": "value"} for at in addresses.values())
    (action,) = offered(home)
    assert (action["UpdateActionStatus"], action["NodesUpdated"], action["SlaMet"]) == ("complete", "3/3", "yes")
    members = action["NodeGroupUpdateStatus"][0]["NodeGroupMemberUpdateStatus"]
    assert [one["NodeUpdateInitiatedBy"] for one in members] == ["customer"] * 3
    ends = {one["CacheClusterId"]: one["NodeUpdateEndDate"] for one in members}
    assert max(ends, key=lambda cluster: ends[cluster]) == "rg-001"
    (refused,) = home.call("BatchApplyUpdateAction", **asked)["UnprocessedUpdateActions"]
    assert refused["ErrorMessage"].endswith("it is complete.")


def test_an_update_that_is_stopped_leaves_the_rest_as_it_was(home: House) -> None:
    home.group("rg")
    before = images(home)
    renewed(home)
    asked = {"ServiceUpdateName": name(home), "ReplicationGroupIds": ["rg"]}
    home.call("BatchApplyUpdateAction", **asked)
    home.restart(fused(home.backend, Fuse(1, before=False)))
    with pytest.raises(Crash):
        home.reconcile(home_key(home))
    home.restart()
    assert offered(home)[0]["UpdateActionStatus"] == "in-progress"
    (done,) = home.call("BatchStopUpdateAction", **asked)["ProcessedUpdateActions"]
    assert done["UpdateActionStatus"] == "stopping"
    home.settle()
    assert images(home) == {**before, NODES[1]: f"{before[NODES[1]]}-1"}
    (action,) = offered(home)
    assert (action["UpdateActionStatus"], action["NodesUpdated"]) == ("stopped", "1/3")
    home.call("BatchApplyUpdateAction", **asked)
    home.settle()
    assert images(home) == {node: f"{image}-1" for node, image in before.items()}
    assert offered(home)[0]["UpdateActionStatus"] == "complete"


@pytest.mark.parametrize("deeds", range(1, 9))
@pytest.mark.parametrize("nodes", [1, 3])
def test_an_update_can_be_stopped_after_any_deed_and_a_dead_primary_is_no_hindrance(
    home: House, nodes: int, deeds: int
) -> None:
    cache = home.group("rg", nodes)
    address = cache.status.nodes[NODES[0]].address
    home.machine.processes.write(address.host, "key", "value")
    renewed(home)
    asked = {"ServiceUpdateName": name(home), "ReplicationGroupIds": ["rg"]}
    home.call("BatchApplyUpdateAction", **asked)
    home.restart(fused(home.backend, Fuse(deeds, before=False)))
    with suppress(Crash):
        home.settle()
    home.restart()
    home.call("BatchStopUpdateAction", **asked)
    if nodes > 1:
        home.machine.kill(home.container(primary(home)))
    home.settle()
    (action,) = offered(home)
    updated = sum("-1" in image for image in images(home).values())
    assert action["NodesUpdated"] == f"{updated}/{nodes}"
    assert action["UpdateActionStatus"] == ("complete" if updated == nodes else "stopped")
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert (after.phase, set(images(home))) == (Phase.AVAILABLE, set(NODES[:nodes]))
    places = [after.status.nodes[node].address for node in NODES[:nodes]]
    assert all(home.machine.processes.at(at.host).data == {"key": "value"} for at in places)


def test_memcached_nodes_are_updated_one_by_one(home: House) -> None:
    home.cluster("mc", Engine="memcached", NumCacheNodes=2)
    renewed(home)
    home.call("BatchApplyUpdateAction", ServiceUpdateName=name(home), CacheClusterIds=["mc"])
    home.settle()
    (action,) = offered(home)
    assert (action["CacheClusterId"], action["UpdateActionStatus"]) == ("mc", "complete")
    assert [one["NodeUpdateStatus"] for one in action["CacheNodeUpdateStatus"]] == ["complete"] * 2


def test_what_cannot_be_done_for_one_is_done_for_the_others(home: House) -> None:
    home.group("rg")
    home.cluster("one")
    renewed(home)
    answer = home.call(
        "BatchApplyUpdateAction",
        ServiceUpdateName=name(home),
        ReplicationGroupIds=["RG", "none"],
        CacheClusterIds=["one", "rg-002", "none"],
    )
    assert [one.get("ReplicationGroupId") or one["CacheClusterId"] for one in answer["ProcessedUpdateActions"]] == [
        "rg",
        "one",
    ]
    assert [one["ErrorType"] for one in answer["UnprocessedUpdateActions"]] == [
        "ReplicationGroupNotFoundFault",
        "InvalidParameterValueException",
        "CacheClusterNotFoundFault",
    ]


def test_examples_are_there_when_they_are_switched_on_and_one_applies_itself_in_its_window(home: House) -> None:
    home.clock.moment = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)  # a Monday
    home.group("rg", PreferredMaintenanceWindow=maintenance_window("tue:03:00-tue:04:00").text)
    updates = ticker(home, examples=True)
    updates.look()
    assert {one["UpdateActionStatus"] for one in offered(home)} == {"not-applied", "scheduled"}
    home.clock.moment = datetime(2026, 1, 6, 3, 10, tzinfo=UTC)
    updates.look()
    home.settle()
    (action,) = offered(home, UpdateActionStatus=["complete"])
    assert action["SlaMet"] == "n/a"  # the cache came after the recommended date
    members = action["NodeGroupUpdateStatus"][0]["NodeGroupMemberUpdateStatus"]
    assert {one["NodeUpdateInitiatedBy"] for one in members} == {"system"}
    assert [one["UpdateActionStatus"] for one in offered(home, UpdateActionStatus=["not-applied"])] == ["not-applied"]
    home.clock.moment += timedelta(days=7, minutes=30)
    assert offered(home, UpdateActionStatus=["complete"]) == []
    ticker(home).look()
    assert {one["ServiceUpdateStatus"] for one in home.call("DescribeServiceUpdates")["ServiceUpdates"]} == {
        "cancelled"
    }


def test_a_deleted_cache_takes_its_actions_along(home: House) -> None:
    home.group("rg")
    renewed(home)
    assert offered(home)
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    assert offered(home) == []


@pytest.mark.parametrize(
    ("operation", "params", "shape"),
    [
        ("DescribeServiceUpdates", {"ServiceUpdateName": "elc-1"}, "ServiceUpdateNotFoundFault"),
        ("DescribeServiceUpdates", {"ServiceUpdateStatus": ["open"]}, "InvalidParameterValueException"),
        ("DescribeServiceUpdates", {"MaxRecords": 5}, "InvalidParameterValueException"),
        ("DescribeUpdateActions", {"UpdateActionStatus": ["open"]}, "InvalidParameterValueException"),
        ("DescribeUpdateActions", {"CacheClusterIds": list("abcdefghijklmnopqrstu")}, "InvalidParameterValueException"),
        (
            "DescribeUpdateActions",
            {"ServiceUpdateTimeRange": {"StartTime": LATER, "EndTime": SOONER}},
            "InvalidParameterCombinationException",
        ),
        (
            "BatchApplyUpdateAction",
            {"ServiceUpdateName": "../x", "CacheClusterIds": ["a"]},
            "ServiceUpdateNotFoundFault",
        ),
        ("BatchStopUpdateAction", {"ServiceUpdateName": "elc-1"}, "ServiceUpdateNotFoundFault"),
    ],
)
def test_what_is_wrong_is_refused(home: House, operation: str, params: dict[str, Any], shape: str) -> None:
    with pytest.raises(Fault) as refused:
        home.call(operation, **params)
    assert refused.value.shape == shape


def test_filters_of_actions(home: House) -> None:
    home.group("rg")
    home.cluster("mc", Engine="memcached")
    renewed(home)
    assert [one["Engine"] for one in offered(home, Engine="memcached")] == ["memcached"]
    assert len(offered(home)) == 2
    assert [one["ReplicationGroupId"] for one in offered(home, ReplicationGroupIds=["rg"])] == ["rg"]
    assert offered(home, ServiceUpdateStatus=["cancelled"]) == []
    assert offered(home, ServiceUpdateName="elc-20260101-009") == []
    day = datetime(2026, 1, 1, tzinfo=UTC)
    assert offered(home, ServiceUpdateTimeRange={"EndTime": day}) == []
    assert len(offered(home, ServiceUpdateTimeRange={"StartTime": day})) == 2


def test_an_update_whose_image_is_gone_is_cancelled(home: House) -> None:
    home.group("rg")
    renewed(home)
    asked = {"ServiceUpdateName": name(home), "ReplicationGroupIds": ["rg"]}
    with home.store.write() as transaction:
        builds = transaction.updates.builds()
        kept = tuple(one for one in builds.every if not one.serves)
        transaction.updates.write_builds(replace(builds, every=kept))
    ticker(home).look()
    (update,) = home.call("DescribeServiceUpdates")["ServiceUpdates"]
    assert update["ServiceUpdateStatus"] == "cancelled"
    (refused,) = home.call("BatchApplyUpdateAction", **asked)["UnprocessedUpdateActions"]
    assert refused["ErrorMessage"] == f"Service update {asked['ServiceUpdateName']} is cancelled."
