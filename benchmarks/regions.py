"""A global datastore of two regions: how long a client waits when the other one takes over, and how far it lags."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import Any

from redis import Redis

from benchmarks.drilling import WRITER, Scene, Stage, watched
from benchmarks.figures import Row, Summary
from benchmarks.plane import WATCH, Plane
from benchmarks.process import plane
from benchmarks.waiting import CannotMeasure, until
from benchmarks.wire import REGION, Client, told
from benchmarks.writer import REFUSALS, client

HOME, AWAY = "bench-home", "bench-away"
OTHER = "eu-west-1"
REGIONS = {REGION: HOME, OTHER: AWAY}
SUFFIX = "bench"
LARGE: Mapping[str, str | int] = {"CacheNodeType": "cache.r6g.large", "NumCacheClusters": 2}
FAILOVER = "FailoverGlobalReplicationGroup"
OUTAGE = 100.0  # milliseconds
LAG = 20.0  # milliseconds
RATE = 1000  # writes per second
SPAN = 5.0  # seconds of them
MARK = "mark"


@dataclass(frozen=True, slots=True)
class Datastore:
    """A global datastore, as both of its regions see it."""

    id: str
    here: Plane
    there: Plane

    def places(self) -> list[tuple[str, int]]:
        """The primary endpoints of both regions."""
        return [self.here.primary_endpoint(HOME), self.there.primary_endpoint(AWAY)]

    def leader(self) -> str:
        """The region that takes writes."""
        for member in self._shown().split(b"<GlobalReplicationGroupMember>"):
            if b"<Role>PRIMARY<" in member:
                return told(member, "ReplicationGroupRegion")
        return ""

    def await_available(self) -> None:
        """Until every member is as desired."""
        until(lambda: told(self._shown(), "Status") == "available", f"the datastore {self.id}", WATCH)

    def fail_over(self, scene: Scene) -> None:
        """The other region takes over."""
        region = next(name for name in REGIONS if name != scene.primary)
        asked = {"PrimaryRegion": region, "PrimaryReplicationGroupId": REGIONS[region]}
        self.await_available()
        self.here.client.call(FAILOVER, {"GlobalReplicationGroupId": self.id, **asked})

    def _shown(self) -> bytes:
        asked: Mapping[str, str | int] = {"GlobalReplicationGroupId": self.id, "ShowMemberInfo": "true"}
        return self.here.client.call("DescribeGlobalReplicationGroups", asked)


class Either(Redis):
    """A client that goes to the other region when the one that it is at takes no writes."""

    def __init__(self, places: Sequence[tuple[str, int]], patience: float) -> None:
        """Of both regions; it waits so many seconds for a connection or an answer."""
        self._clients = [client(place, patience) for place in places]

    def __enter__(self) -> "Either":
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._clients:
            one.close()

    def execute_command(self, *words: Any, **options: Any) -> Any:  # noqa: ANN401 - redis-py's own
        """What the region answers that it is at."""
        try:
            return self._clients[0].execute_command(*words, **options)
        except REFUSALS:
            self._clients.reverse()
            raise


def regions(rounds: int) -> Iterator[Row]:
    """There and back again."""
    with _datastore() as datastore:
        places = datastore.places()
        yield _lag(places)
        stage = Stage(datastore.here, HOME, lambda patience: Either(places, patience), datastore.leader)
        seen = watched(stage, [datastore.fail_over] * rounds)
        yield seen.gap(FAILOVER, OUTAGE, f"{WRITER}, {seen.pace:.1f} ms otherwise")
        yield seen.loss(FAILOVER, 0.0)


@contextmanager
def _datastore() -> Iterator[Datastore]:
    with plane() as here:
        there = Plane(Client(here.client.port, OTHER), here.pid)
        here.create_group(HOME, LARGE)
        asked = {"GlobalReplicationGroupIdSuffix": SUFFIX, "PrimaryReplicationGroupId": HOME}
        name = told(here.client.call("CreateGlobalReplicationGroup", asked), "GlobalReplicationGroupId")
        joined: Mapping[str, str | int] = {"GlobalReplicationGroupId": name, "NumCacheClusters": 2}
        there.client.call(
            "CreateReplicationGroup", {"ReplicationGroupId": AWAY, "ReplicationGroupDescription": "measured", **joined}
        )
        there.await_group(AWAY)
        yield Datastore(name, here, there)
        there.client.close()


def _lag(places: Sequence[tuple[str, int]]) -> Row:
    """From just before a write to the first look in the other region that shows it, or a later one."""
    written: list[float] = []
    writing = threading.Thread(target=_write, args=(places[0], written))
    late: list[float] = []
    with client(places[1], 1.0) as reader:
        writing.start()
        while writing.is_alive() or len(late) < len(written):
            seen, now = int(reader.get(MARK) or 0), time.monotonic()
            late += [1000 * (now - moment) for moment in written[len(late) : seen]]
            if written and now - written[-1] > SPAN:
                raise CannotMeasure("cannot measure how far a region lags: its last write does not arrive")
    worst = Summary((sorted(late)[ceil(0.99 * len(late)) - 1],))
    return Row("replication lag between regions, p99", "ms", worst, bar=LAG, note=f"{len(late) / SPAN:,.0f} writes/s")


def _write(place: tuple[str, int], written: list[float]) -> None:
    """So many writes per second, each with its number; the moment before each is written down."""
    begun = time.monotonic()
    with client(place, 1.0) as writer:
        for number in range(1, int(RATE * SPAN) + 1):
            time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            written.append(time.monotonic())
            writer.set(MARK, number)
