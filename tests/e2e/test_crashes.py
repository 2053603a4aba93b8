"""The control plane dies at any moment, comes back, looks at the world and carries on."""

import time

import pytest

from tests.e2e.clients import leads, writing
from tests.e2e.cloud import SOON, Cloud, member_places, place, roles
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

MEMBERS = ("rg-001.0001", "rg-002.0001", "rg-003.0001")

# Seconds after an answer at which it is killed: creating a group takes about half a second, a failover and a deletion
# less. The delay is the fault itself; nothing waits for it.
moments = pytest.mark.parametrize("moment", [0.0, 0.03, 0.1, 0.2, 0.4])


def _crash(cloud: Cloud, moment: float) -> None:
    time.sleep(moment)
    cloud.plane.kill()


def _check_roles(cloud: Cloud) -> None:
    """The roles that are told are those that the engines have, and there is one container for each node."""
    group = cloud.available_group("rg")
    told = {name: role == "primary" for name, role in roles(group).items()}
    assert {name: leads(where) for name, where in member_places(group).items()} == told
    assert sorted(told.values()) == [False, False, True]
    cloud.await_nodes(*MEMBERS)


@moments
def test_while_it_creates(cloud: Cloud, moment: float) -> None:
    cloud.ask_group("rg")
    _crash(cloud, moment)
    cloud.plane.up()
    _check_roles(cloud)


@moments
def test_while_it_fails_over(cloud: Cloud, moment: float) -> None:
    before = cloud.group("rg")
    with writing(place(before["PrimaryEndpoint"])) as writer:
        cloud.api.test_failover(ReplicationGroupId="rg", NodeGroupId="0001")
        _crash(cloud, moment)
        cloud.plane.up()
        _check_roles(cloud)
        writer.progress()
    assert writer.lost() == []
    after = cloud.shown_group("rg")
    assert roles(after)["rg-001"] == "replica"
    assert after["PrimaryEndpoint"] == before["PrimaryEndpoint"]
    assert member_places(after) == member_places(before)


@moments
def test_while_it_deletes(cloud: Cloud, moment: float) -> None:
    cloud.group("rg")
    cloud.api.delete_replication_group(ReplicationGroupId="rg")
    _crash(cloud, moment)
    cloud.plane.up()
    cloud.api.get_waiter("replication_group_deleted").wait(ReplicationGroupId="rg", WaiterConfig=SOON)
    cloud.await_nodes()


def test_caches_serve_while_it_is_away(cloud: Cloud) -> None:
    before = cloud.group("rg")
    containers = {name: container.id for name, container in cloud.containers().items()}
    with writing(place(before["PrimaryEndpoint"])) as writer:
        cloud.plane.kill()
        writer.progress()
        cloud.plane.up()
        assert cloud.available_group("rg") == before
        writer.progress()
    assert writer.lost() == []
    assert writer.failures == 0
    assert {name: container.id for name, container in cloud.containers().items()} == containers


def test_a_primary_is_lost_while_it_is_away(cloud: Cloud) -> None:
    before = cloud.group("rg")
    with writing(place(before["PrimaryEndpoint"]), copies=2) as writer:
        cloud.plane.kill()
        cloud.containers()["rg-001.0001"].kill()
        cloud.plane.up()
        until("another node leads", lambda: roles(cloud.shown_group("rg"))["rg-001"] == "replica")
        _check_roles(cloud)
        writer.progress()
    assert writer.lost() == []
    assert member_places(cloud.shown_group("rg")) == member_places(before)
