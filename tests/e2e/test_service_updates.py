"""A newer build of Redis on the machine: it is offered, and comes to a group while somebody writes."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import docker
import pytest
from docker.errors import APIError

from tests.e2e.checks import check_copies, check_roles
from tests.e2e.clients import writing
from tests.e2e.cloud import Cloud, addresses, place
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker


@contextmanager
def newer_build(machine: docker.DockerClient, identity: str) -> Iterator[str]:
    """The identity of an image like another one, but newer and in its place: others on this machine may get it
    meanwhile, and are none the worse for it.
    """
    old = machine.images.get(identity)
    repository, _, tag = old.tags[0].partition(":")
    source = machine.containers.create(old.id)
    try:
        newer = str(source.commit(repository, tag).id)
        yield newer
    finally:
        source.remove()
        old.tag(repository, tag)
    with suppress(APIError):  # nodes are made from it
        machine.images.remove(newer)


def action(cloud: Cloud, **wanted: Any) -> dict[str, Any]:
    """What is told of the newest update for the group; nothing while there is none."""
    found = cloud.api.describe_update_actions(ReplicationGroupIds=["rg"], ServiceUpdateStatus=["available"], **wanted)
    return dict(found["UpdateActions"][-1]) if found["UpdateActions"] else {}


def test_a_newer_build_is_offered_and_applied_and_no_write_is_lost(cloud: Cloud) -> None:
    before, made = cloud.group("rg"), cloud.containers()
    (identity,) = {container.image.id for container in made.values()}
    with newer_build(cloud.machine, identity) as newer:
        offer = until("the newer build is offered", lambda: action(cloud))
        assert (offer["UpdateActionStatus"], offer["NodesUpdated"]) == ("not-applied", "0/3")
        update = offer["ServiceUpdateName"]
        for member in ("rg-001", "rg-002", "rg-003"):
            cloud.await_reason(member, "Service update is available for cache node 0001.")
        with writing(place(before["PrimaryEndpoint"])) as writer:
            assert {name: one.id for name, one in cloud.containers().items()} == {n: c.id for n, c in made.items()}
            answer = cloud.api.batch_apply_update_action(ServiceUpdateName=update, ReplicationGroupIds=["rg"])
            assert answer["UnprocessedUpdateActions"] == []
            until("every node has it", lambda: action(cloud, UpdateActionStatus=["complete"]))
            after = cloud.available_group("rg")
            writer.progress()
        assert {container.image.id for container in cloud.containers().values()} == {newer}
        assert action(cloud)["NodesUpdated"] == "3/3"
    assert writer.lost() == []
    assert addresses(after) == addresses(before)
    check_roles(after)
    check_copies(after)
