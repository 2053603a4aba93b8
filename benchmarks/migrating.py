"""Online migration, against what a replica has to wait for at least: the source's own file of what it holds."""

from collections.abc import Iterator

from redis import Redis

from benchmarks.docker import GLANCE, PORT, address_of, ask, container_of, docker
from benchmarks.figures import Row, Summary, alternated
from benchmarks.plane import WATCH, Plane
from benchmarks.process import plane
from benchmarks.saving import KEYS, SIZE, fill
from benchmarks.waiting import CannotMeasure, milliseconds, until
from benchmarks.wire import request, told

SOURCE, TARGET = "bench-source", "bench-target"
BAR = 1.2
FILE = "/tmp/floor.rdb"  # in the source's container


def migrating(rounds: int) -> Iterator[Row]:
    """A node that keeps nothing from its clients is the source; each round begins with an empty group."""
    with plane(settings={"CACHEWRIGHT_RESTRICTED_COMMANDS": "off"}) as served:
        served.create_cluster(SOURCE)
        fill(SOURCE, KEYS, SIZE)
        served.create_group(TARGET, {"NumCacheClusters": 2, "MultiAZEnabled": "true"})
        everybody: list[float] = []
        ours, floor = alternated(rounds, lambda: _ours(served, everybody), _floor)
        name = f"migration of {KEYS:,} keys of {SIZE} bytes"
        by_hand = "`redis-cli --rdb` of the same, in the source's container"
        yield Row(f"{name}, until the primary has everything", "ms", ours, floor, by_hand, BAR)
        whole = Summary(tuple(everybody[1:]))
        yield Row(f"{name}, until its replica has everything, too", "ms", whole, floor, by_hand)


def _ours(served: Plane, everybody: list[float]) -> float:
    """Until the primary has everything; from the same beginning until the replica has, too, is written down."""
    hosts = _hosts(served)
    took = milliseconds(lambda: _started(served, hosts[:1]))
    everybody.append(took + milliseconds(lambda: _await(hosts)))
    served.client.call("CompleteMigration", {"ReplicationGroupId": TARGET})
    served.await_group(TARGET)
    with Redis(hosts[0], PORT) as client:
        if (found := client.dbsize()) != KEYS:
            raise CannotMeasure(f"cannot migrate {KEYS:,} keys: there are {found:,}")
        client.flushall()
    return took


def _started(served: Plane, hosts: list[str]) -> None:
    endpoint = "CustomerNodeEndpointList.member.1"
    where: dict[str, str | int] = {f"{endpoint}.Address": address_of(f"{SOURCE}.0001"), f"{endpoint}.Port": PORT}
    served.client.call("StartMigration", {"ReplicationGroupId": TARGET, **where})
    look = request("DescribeReplicationGroups", {"ReplicationGroupId": TARGET})
    until(lambda: told(served.client.send(look), "Status") == "migrating", "a migration", WATCH)
    _await(hosts)


def _await(hosts: list[str]) -> None:
    """Until each of them has all keys, and receives more."""
    until(lambda: all(_has_everything(host) for host in hosts), "every key", GLANCE)


def _has_everything(host: str) -> bool:
    said = ask(host, PORT, "INFO replication")
    return b"master_link_status:up" in said and ask(host, PORT, "DBSIZE").strip() == f":{KEYS}".encode()


def _hosts(served: Plane) -> list[str]:
    """Of the primary, and of its replica."""
    primary = served.primary(TARGET)
    names = sorted((f"{TARGET}-001", f"{TARGET}-002"), key=lambda name: name != primary)
    return [address_of(f"{name}.0001") for name in names]


def _floor() -> float:
    container = container_of(f"{SOURCE}.0001")
    return milliseconds(lambda: docker("exec", container, "redis-cli", "--rdb", FILE))
