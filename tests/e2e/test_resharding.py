"""Shards come and go, and slots move, while clients read and write: nothing fails, nothing is lost."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cachewright.controlplane.model.slots import size
from tests.e2e.careful import Careful
from tests.e2e.cloud import Cloud
from tests.e2e.cluster_clients import Crowd, crowding, redis_py, writing
from tests.e2e.encrypted import GUARDED, PLAIN, TOKEN, verifying
from tests.e2e.javascript import everybody
from tests.e2e.sharded import Sharded
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

KEYS = 20_000  # enough for a resharding to be seen in its middle
LARGE = 250_000_000  # bytes: one fits into the smallest node, two do not


@pytest.mark.parametrize("guarded", [False, True], ids=["plain", "guarded"])
def test_out_and_in(cloud: Cloud, modules: Path | None, guarded: bool) -> None:
    options = verifying(cloud.plane, TOKEN) if guarded else PLAIN
    group = Sharded(cloud, "rg", options).create(3, 1, **(GUARDED if guarded else {}))
    places = group.places
    with crowding(*everybody(group, modules)) as crowd:
        larger = group.reshard(4).slots
        assert group.places.items() >= places.items()
        smaller = group.reshard(2, NodeGroupsToRemove=["0001", "0003"]).slots
        crowd.progress()
    assert (crowd.lost(group), crowd.failures) == ({}, {})
    assert {shard: size(owned) for shard, owned in larger.items()} == dict.fromkeys(_numbers(1, 2, 3, 4), 4096)
    assert {shard: size(owned) for shard, owned in smaller.items()} == dict.fromkeys(_numbers(2, 4), 8192)
    assert group.shown["PendingModifiedValues"] == {}
    group.check()
    cloud.await_nodes(*group.nodes)


def test_the_same_number(cloud: Cloud, modules: Path | None) -> None:
    """Slots are dealt out evenly again."""
    asked: Any = [{"Slots": "0-3999"}, {"Slots": "4000-16383"}]
    group = Sharded(cloud, "rg").create(2, None, NodeGroupConfiguration=asked)
    with crowding(*everybody(group, modules)) as crowd:
        group.reshard(2)
        crowd.progress()
    assert (crowd.lost(group), crowd.failures) == ({}, {})
    assert [size(owned) for owned in group.slots.values()] == [8192, 8192]
    group.check()


@pytest.fixture
def halfway(cloud: Cloud, modules: Path | None) -> Iterator[tuple[Sharded, Crowd]]:
    """A group that gets a third shard, in the middle of that, and clients of it. At the end all is as desired, and
    nothing has been lost that a replica had.
    """
    group = Sharded(cloud, "rg").create(2, 1)
    with closing(redis_py(group)) as client:
        client.mset_nonatomic({f"key-{number}": number for number in range(KEYS)})
    with writing(group, Careful, "careful") as careful, crowding(*everybody(group, modules)) as crowd:
        group.ask_shards(3)
        until("slots move", lambda: _progress(group) > 0)
        yield group, crowd
        group.available()
        careful.progress()
        crowd.progress()
    assert careful.lost(group) == []
    assert sorted(size(owned) for owned in group.slots.values()) == [5461, 5461, 5462]
    group.check()
    cloud.await_nodes(*group.nodes)


def test_the_control_plane_dies_halfway(halfway: tuple[Sharded, Crowd]) -> None:
    """It carries on where it was. Some slots were on their way: whoever asks for them is sent to a node that serves no
    slot yet, over which both libraries in Python stumble.
    """
    group, crowd = halfway
    group.cloud.plane.kill()
    crowd.progress()
    group.cloud.plane.up()
    group.available()
    crowd.progress()
    assert crowd.lost(group) == {}
    assert set(crowd.failures) <= {"redis-py", "valkey-py"}
    assert _filled(group) == KEYS


def test_a_source_dies_halfway(halfway: tuple[Sharded, Crowd]) -> None:
    group, _ = halfway
    group.cloud.containers()["rg-0001-001.0001"].kill()
    group.cloud.await_reason("rg-0001-001", "Recovering cache nodes 0001")
    group.available()
    assert _filled(group) == KEYS


def test_a_target_dies_halfway(halfway: tuple[Sharded, Crowd]) -> None:
    """While its replica has all that has arrived: what else the source had deleted by then would be gone. So nothing
    arrives in that moment.
    """
    group, _ = halfway
    containers = group.cloud.containers()
    sources = [containers[f"{name}.0001"] for name in ("rg-0001-001", "rg-0002-001")]
    for source in sources:
        source.kill(signal="SIGSTOP")
    try:
        until("its replica has everything", lambda: _in_sync(group, "rg-0003-001", "rg-0003-002"))
        containers["rg-0003-001.0001"].kill()
    finally:
        for source in sources:
            source.kill(signal="SIGCONT")
    group.cloud.await_reason("rg-0003-001", "Recovering cache nodes 0001")
    group.available()
    assert _filled(group) == KEYS


def test_too_little_room(cloud: Cloud) -> None:
    """Nothing is begun."""
    group = Sharded(cloud, "rg").create(2, 0)
    before = group.slots
    with closing(redis_py(group)) as client:
        for tag in ("{a}", "{b}"):  # slots 15495 and 3300
            client.setrange(tag, LARGE, "x")

    def refused() -> bool:
        try:
            group.ask_shards(1, NodeGroupsToRemove=["0002"])
        except ClientError as error:
            return "insufficient memory" in str(error)
        raise AssertionError("it was not refused")

    until("it is refused", refused)
    assert group.shown["Status"] == "available"
    assert group.slots == before
    group.check()


def _progress(group: Sharded) -> float:
    """How much of a resharding is done, in per cent, while there is one."""
    pending = group.shown["PendingModifiedValues"]
    return float(pending["Resharding"]["SlotMigration"]["ProgressPercentage"]) if pending else 100.0


def _in_sync(group: Sharded, primary: str, replica: str) -> bool:
    """Whether a replica has received all that its primary has taken."""
    places = group.places
    with group.connected(places[replica]) as behind, group.connected(places[primary]) as ahead:
        seen = behind.info("replication")  # a replica that comes does not follow from its first moment
        received, link = (seen.get(key) for key in ("slave_repl_offset", "master_link_status"))
        return bool(link == "up" and received == ahead.info("replication")["master_repl_offset"])


def _filled(group: Sharded) -> int:
    """How many of the keys that were there before are there, and are what they were."""
    with closing(redis_py(group)) as client:
        values = client.mget_nonatomic([f"key-{number}" for number in range(KEYS)])
    return sum(value == str(number) for number, value in enumerate(values))


def _numbers(*shards: int) -> list[str]:
    return [f"{shard:04}" for shard in shards]
