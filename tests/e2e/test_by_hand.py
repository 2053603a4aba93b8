"""Containers that are broken by hand: they are repaired, and keep their addresses."""

from collections.abc import Callable
from contextlib import closing

import pytest
from docker.models.containers import Container

from tests.e2e.clients import answers, leads, writing
from tests.e2e.cloud import Cloud, Place, member_places, node_places, place, redis_at, roles
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

Deed = Callable[[Container], None]


def kill(container: Container) -> None:
    container.kill()


def stop(container: Container) -> None:
    container.stop()


def pause(container: Container) -> None:
    container.pause()


def remove(container: Container) -> None:
    container.remove(force=True)


DEEDS: tuple[Deed, ...] = (kill, stop, pause, remove)
by_hand = pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)


def _break(cloud: Cloud, node: str, deed: Deed, where: Place) -> None:
    """Break a node; returns when its container runs again, or another one, and answers."""
    container = cloud.containers()[node]
    before = (container.id, container.attrs["State"]["StartedAt"])
    deed(container)

    def repaired() -> bool:
        found = cloud.containers().get(node)
        if found is None or found.status != "running" or not answers(where):
            return False
        return deed is pause or (found.id, found.attrs["State"]["StartedAt"]) != before

    until(f"{node} is repaired", repaired)


@by_hand
def test_a_single_node(cloud: Cloud, deed: Deed) -> None:
    places = node_places(cloud.cluster("one"))
    _break(cloud, "one.0001", deed, places["0001"])
    assert node_places(cloud.available_cluster("one")) == places
    cloud.await_nodes("one.0001")


@by_hand
def test_a_replica(cloud: Cloud, deed: Deed) -> None:
    before = cloud.group("rg")
    with closing(redis_at(place(before["PrimaryEndpoint"]))) as client:
        client.set("written", "before")
    places = member_places(before)
    _break(cloud, "rg-002.0001", deed, places["rg-002"])
    after = cloud.available_group("rg")
    assert (roles(after), member_places(after)) == (roles(before), places)
    with closing(redis_at(places["rg-002"])) as client:
        assert until("the replica has it again", lambda: client.get("written")) == "before"
    cloud.await_nodes("rg-001.0001", "rg-002.0001", "rg-003.0001")


@by_hand
def test_a_primary(cloud: Cloud, deed: Deed) -> None:
    before = cloud.group("rg")
    with writing(place(before["PrimaryEndpoint"]), copies=2) as writer:
        deed(cloud.containers()["rg-001.0001"])
        until("another node leads", lambda: roles(cloud.shown_group("rg"))["rg-001"] == "replica")
        after = cloud.available_group("rg")
        writer.progress()
    assert writer.lost() == []
    assert after["PrimaryEndpoint"] == before["PrimaryEndpoint"]
    assert member_places(after) == member_places(before)
    told = [name for name, role in roles(after).items() if role == "primary"]
    assert [name for name, where in member_places(after).items() if leads(where)] == told
    cloud.await_nodes("rg-001.0001", "rg-002.0001", "rg-003.0001")


@by_hand
def test_a_primary_that_nobody_may_replace(cloud: Cloud, deed: Deed) -> None:
    before = cloud.group("rg", nodes=2, AutomaticFailoverEnabled=False)
    places = member_places(before)
    _break(cloud, "rg-001.0001", deed, places["rg-001"])
    after = cloud.available_group("rg")
    assert (roles(after), member_places(after)) == (roles(before), places)
    assert {name: leads(where) for name, where in places.items()} == {"rg-001": True, "rg-002": False}
    with closing(redis_at(place(after["PrimaryEndpoint"]))) as client:
        assert client.set("written", "after")
