"""A newer build of Redis on the machine: it is offered, and comes to a group while somebody writes."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from docker.errors import ImageNotFound
from docker.models.images import Image

from cachewright.agents.planning.labels import INSTANCE
from cachewright.agents.runtime.local_images import BASE
from tests.e2e.checks import check_copies, check_roles
from tests.e2e.clients import writing
from tests.e2e.cloud import Cloud, addresses, place
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker


@pytest.fixture
def newer(cloud: Cloud) -> Iterator[Callable[[Image], str]]:
    """Makes an image like another one, but newer, and tells its identity. No other control plane on this machine takes
    it; it is removed as soon as no node of the test is made from it any more.
    """
    name = f"cachewright-test/{cloud.plane.instance}:{cloud.account}"
    yield lambda old: _built_anew(cloud, old, name)
    cloud.leave()
    try:
        cloud.await_nodes()
    finally:
        with suppress(ImageNotFound):  # the test failed before
            cloud.machine.images.remove(name, force=True)


def _built_anew(cloud: Cloud, old: Image, name: str) -> str:
    labels = {INSTANCE: cloud.plane.instance, BASE: old.id}
    source = cloud.machine.containers.create(old.id)
    try:
        repository, _, tag = name.partition(":")
        changes = [f'LABEL {key}="{value}"' for key, value in labels.items()]
        return str(source.commit(repository, tag, changes=changes).id)
    finally:
        source.remove()


def action(cloud: Cloud, **wanted: Any) -> dict[str, Any]:
    """What is told of the newest update for the group; nothing while there is none."""
    found = cloud.api.describe_update_actions(ReplicationGroupIds=["rg"], ServiceUpdateStatus=["available"], **wanted)
    return dict(found["UpdateActions"][-1]) if found["UpdateActions"] else {}


def test_a_newer_build_is_offered_and_applied_and_no_write_is_lost(cloud: Cloud, newer: Callable[[Image], str]) -> None:
    before, made = cloud.group("rg"), cloud.containers()
    image, *_ = [container.image for container in made.values()]
    built = newer(image)
    offer = until("the newer build is offered", lambda: action(cloud))
    assert (offer["UpdateActionStatus"], offer["NodesUpdated"]) == ("not-applied", "0/3")
    update = offer["ServiceUpdateName"]
    for member in ("rg-001", "rg-002", "rg-003"):
        cloud.await_reason(member, "Service update is available for cache node 0001.")
    assert {name: one.id for name, one in cloud.containers().items()} == {name: one.id for name, one in made.items()}
    with writing(place(before["PrimaryEndpoint"])) as writer:
        answer = cloud.api.batch_apply_update_action(ServiceUpdateName=update, ReplicationGroupIds=["rg"])
        assert answer["UnprocessedUpdateActions"] == []
        until("every node has it", lambda: action(cloud, UpdateActionStatus=["complete"]))
        after = cloud.available_group("rg")
        writer.progress()
    assert {container.image.id for container in cloud.containers().values()} == {built}
    assert action(cloud)["NodesUpdated"] == "3/3"
    assert writer.lost() == []
    assert addresses(after) == addresses(before)
    check_roles(after)
    check_copies(after)
