"""Groups are modified while clients write: no acknowledged write is lost, no address changes."""

from contextlib import closing
from typing import Any

import pytest

from tests.e2e.checks import check_copies, check_roles
from tests.e2e.clients import crowding, writing
from tests.e2e.cloud import Cloud, addresses, member_places, node_places, place, redis_at, roles
from tests.e2e.encrypted import GUARDED, PLAIN, TOKEN, Options, insider, verifying
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

SMALL = "cache.t3.small"

Spec = dict[str, Any]


def _settings(cloud: Cloud, group: dict[str, Any], name: str, options: Options) -> set[str | None]:
    """What every engine of a group says about one of its settings."""
    values = set()
    for where in member_places(group).values():
        with closing(redis_at(where, **{**options, **insider(cloud.plane)})) as client:
            values.add(client.config_get(name)[name])
    return values


def _builds(group: dict[str, Any]) -> set[str]:
    """The engines that really run."""
    builds = set()
    for where in member_places(group).values():
        with closing(redis_at(where)) as client:
            server = client.info("server")
        name = "valkey" if "valkey_version" in server else "redis"
        builds.add(f"{name} {server[f'{name}_version']}"[: len("redis 7")])
    return builds


def _modify(cloud: Cloud, before: dict[str, Any], asked: Spec, *ways: Options) -> dict[str, Any]:
    """The group after a modification during which everybody wrote: all as before, but for what was asked for."""
    old = {name: container.id for name, container in cloud.containers().items()}
    with crowding(place(before["PrimaryEndpoint"]), ways) as crowd:
        after = cloud.modified("rg", **asked)
        crowd.progress()
    assert crowd.lost() == {}
    assert addresses(after) == addresses(before)
    check_roles(after, ways[-1])
    check_copies(after, ways[-1])
    cloud.await_nodes(*old)
    new = {name: container.id for name, container in cloud.containers().items()}
    assert not old.items() & new.items()
    return after


@pytest.mark.parametrize("nodes", [1, 3])
def test_node_type_up_and_down(cloud: Cloud, nodes: int) -> None:
    before = cloud.group("rg", nodes)
    little = _settings(cloud, before, "maxmemory", PLAIN)
    larger = _modify(cloud, before, {"CacheNodeType": SMALL}, PLAIN, PLAIN)
    assert cloud.whole_group("rg")["CacheNodeType"] == SMALL
    assert _settings(cloud, larger, "maxmemory", PLAIN) != little
    again = _modify(cloud, larger, {"CacheNodeType": "cache.t3.micro"}, PLAIN, PLAIN)
    assert _settings(cloud, again, "maxmemory", PLAIN) == little
    succeeded = "Succeeded applying modification to cache node type to"
    told = [message for source, message in cloud.messages("rg") if message.startswith(succeeded)]
    assert told == [f"{succeeded} {SMALL}.", f"{succeeded} cache.t3.micro."]


def test_node_type_of_a_guarded_group(cloud: Cloud) -> None:
    guest = verifying(cloud.plane, TOKEN)
    before = cloud.group("rg", **GUARDED)
    after = _modify(cloud, before, {"CacheNodeType": SMALL}, guest, guest)
    assert _settings(cloud, after, "maxmemory", guest) != {str(512 * 1024 * 1024)}


@pytest.mark.parametrize(
    ("old", "asked", "runs"),
    [
        (("redis", "7.0"), {"EngineVersion": "7.1"}, "redis 7"),
        (("redis", "6.2"), {"EngineVersion": "7.1"}, "redis 7"),
        (("redis", "7.1"), {"Engine": "valkey", "EngineVersion": "8.1"}, "valkey 8"),
    ],
    ids=["7.0 to 7.1", "6.2 to 7.1", "Redis to Valkey"],
)
def test_engine(cloud: Cloud, old: tuple[str, str], asked: Spec, runs: str) -> None:
    before = cloud.group("rg", Engine=old[0], EngineVersion=old[1])
    after = _modify(cloud, before, asked, PLAIN, PLAIN)
    assert _builds(after) == {runs[: len("redis 7")]}
    for name in roles(after):
        shown = cloud.shown_cluster(name)
        wanted = (asked.get("Engine", "redis"), f"{asked['EngineVersion']}.0")
        assert (shown["Engine"], shown["EngineVersion"]) == wanted
        assert shown["PendingModifiedValues"] == {}


def test_a_lone_cluster(cloud: Cloud) -> None:
    """It has no replica to take over; still its data and its address outlive the change."""
    before = cloud.cluster("one")
    with writing(node_places(before)["0001"]) as writer:
        cloud.api.modify_cache_cluster(CacheClusterId="one", CacheNodeType=SMALL, ApplyImmediately=True)
        after = cloud.available_cluster("one")
        writer.progress()
    assert writer.lost() == []
    assert node_places(after) == node_places(before)
    assert after["CacheNodeType"] == SMALL
    cloud.await_nodes("one.0001")


def test_a_primary_named_by_hand(cloud: Cloud) -> None:
    before = cloud.group("rg", AutomaticFailoverEnabled=False)
    with crowding(place(before["PrimaryEndpoint"]), (PLAIN, PLAIN)) as crowd:
        after = cloud.modified("rg", PrimaryClusterId="rg-003")
        crowd.progress()
    assert crowd.lost() == {}
    assert addresses(after) == addresses(before)
    assert roles(after) == {"rg-001": "replica", "rg-002": "replica", "rg-003": "primary"}
    check_roles(after)


def test_what_can_wait_waits(cloud: Cloud) -> None:
    """Nothing is touched until it is asked for at once."""
    before = cloud.group("rg", 2)
    containers = {name: container.id for name, container in cloud.containers().items()}
    cloud.api.modify_replication_group(ReplicationGroupId="rg", CacheNodeType=SMALL, ApplyImmediately=False)
    assert cloud.available_group("rg") == before
    assert cloud.shown_cluster("rg-002")["PendingModifiedValues"] == {"CacheNodeType": SMALL}
    assert {name: container.id for name, container in cloud.containers().items()} == containers
    with writing(place(before["PrimaryEndpoint"])) as writer:
        after = cloud.modified("rg")
        writer.progress()
    assert writer.lost() == []
    assert addresses(after) == addresses(before)
    shown = cloud.shown_cluster("rg-002")
    assert (shown["CacheNodeType"], shown["PendingModifiedValues"]) == (SMALL, {})


def test_settings_disturb_nobody(cloud: Cloud) -> None:
    """What is said about a group, and what shall happen when its primary fails, is changed without a reconnect."""
    before = cloud.group("rg", 2, MultiAZEnabled=False, SnapshotWindow="05:00-06:00")
    with writing(place(before["PrimaryEndpoint"])) as writer:
        cloud.modified("rg", ReplicationGroupDescription="said again", PreferredMaintenanceWindow="sun:23:00-mon:01:30")
        cloud.modified("rg", MultiAZEnabled=True)
        enabled = cloud.whole_group("rg")
        cloud.modified("rg", MultiAZEnabled=False, AutomaticFailoverEnabled=False)
        disabled = cloud.whole_group("rg")
        cloud.modified("rg", AutomaticFailoverEnabled=True)
        writer.progress()
    assert (writer.lost(), writer.failures) == ([], 0)
    assert (enabled["Description"], enabled["MultiAZ"]) == ("said again", "enabled")
    assert (disabled["MultiAZ"], disabled["AutomaticFailover"]) == ("disabled", "disabled")
    assert cloud.shown_cluster("rg-001")["PreferredMaintenanceWindow"] == "sun:23:00-mon:01:30"
    assert cloud.shown_group("rg") == before
    cloud.containers()["rg-001.0001"].kill()
    until("the failover that is enabled again", lambda: roles(cloud.shown_group("rg"))["rg-001"] == "replica")
