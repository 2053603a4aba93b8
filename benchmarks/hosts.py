"""A group across three hosts: made, its primary handed over, and a host of it lost."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.docker import GLANCE, PORT, Model, ask, docker, modelled
from benchmarks.drilling import WRITER, Drilled, Scene, Stage, drilled, watched
from benchmarks.figures import Row, Summary, alternated
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.waiting import CannotMeasure, milliseconds, until
from benchmarks.writer import client
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.settings import Settings
from tests.machines import NAMES, Machines, absent, machines

GROUP, MODEL = "bench-hosts", "bench-model"
FLOOR_PORT = 17000  # of the copies that are made by hand
IMAGES = ("cachewright/redis", "cachewright/gateway")
LATE = 500.0  # milliseconds that a host's loss may cost beyond the patience
HANDED = "TestFailover from host to host"
LOST = "Power loss of the primary's host"


@dataclass(frozen=True, slots=True)
class _Site:
    """Three hosts, and a control plane that was told of them."""

    made: Machines
    served: Plane

    def home(self, group: str) -> int:
        """The number of the host that runs the primary."""
        node = f"-{self.served.primary(group)}.0001."
        runs = (number for number in range(1, len(NAMES) + 1) if node in self.made.docker(number, "ps"))
        return next(runs)

    def door(self, host: Host, group: str) -> tuple[str, int]:
        """The primary endpoint of a group, at a host."""
        return host.address, self.served.primary_endpoint(group)[1]


def across(rounds: int) -> Iterator[Row]:
    """Everything is measured from this machine, through the hosts' addresses."""
    with _site() as site:
        yield _creating(site, rounds)
        site.served.create_group(GROUP, {"MultiAZEnabled": "true"})
        handed, alone = _handing_over(site, rounds), _handing_over_alone(rounds)
        yield Row(
            f"{HANDED}: gap between two acknowledged writes",
            "ms",
            Summary(handed.outages),
            Summary(alone.outages),
            "the same on one host, published",
            2.0,
        )
        yield handed.loss(HANDED, 0)
        yield from _losing(site, rounds)


def _creating(site: _Site, rounds: int) -> Row:
    names = (f"three-{number}" for number in count())
    site.served.create_group(MODEL, {"MultiAZEnabled": "true"})
    floor_of = partial(_trio, site.made, _model(site.made))
    site.served.delete("ReplicationGroup", MODEL)
    ours, floor = alternated(rounds, lambda: _made(site.served, next(names)), floor_of)
    by_hand = "`docker run -d` on each of the hosts at once, REPLICAOF, until a key arrives"
    return Row("CreateReplicationGroup, 3 nodes over 3 hosts, until `available`", "ms", ours, floor, by_hand, 1.3)


def _made(served: Plane, name: str) -> float:
    took = milliseconds(lambda: served.create_group(name, {"MultiAZEnabled": "true"}))
    served.delete("ReplicationGroup", name)
    return took


def _model(made: Machines) -> Model:
    """How a node of ours was made."""
    name = made.docker(1, "ps", "--filter", f"name={MODEL}", "--format={{.Names}}").strip()
    return modelled(name, partial(made.docker, 1))


def _trio(made: Machines, copied: Model) -> float:
    names = [f"bench-floor-{host.name}" for host in made.hosts]
    try:
        return milliseconds(lambda: _replicated(made.hosts, names, copied))
    finally:
        for host, name in zip(made.hosts, names, strict=True):
            with suppress(CannotMeasure):  # it was never started
                docker("-H", host.engine, "rm", "--force", "--volumes", name)


def _replicated(hosts: tuple[Host, ...], names: list[str], copied: Model) -> None:
    with ThreadPoolExecutor(len(hosts)) as hands:
        leader, *_ = hands.map(partial(_begun, copied), hosts, names)
    first, *others = hosts
    for host in others:
        ask(host.address, FLOOR_PORT, f"REPLICAOF {leader} {PORT}")
    until(lambda: all(_says(host, "INFO replication", "link_status:up") for host in others), "replication", GLANCE)
    ask(first.address, FLOOR_PORT, "SET mark here")
    until(lambda: all(_says(host, "GET mark", "here") for host in others), "a replicated key", GLANCE)


def _begun(copied: Model, host: Host, name: str) -> str:
    """The address of a copy that answers."""
    place = (f"--name={name}", f"--network={copied.network}", f"--publish={host.address}:{FLOOR_PORT}:{PORT}")
    docker("-H", host.engine, "run", "--detach", *place, *copied.options, copied.image, *copied.arguments)
    until(lambda: b"PONG" in ask(host.address, FLOOR_PORT, "PING"), f"a PING of {name}", GLANCE)
    template = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return docker("-H", host.engine, "inspect", "--format", template, name).strip()


def _says(host: Host, question: str, answer: str) -> bool:
    return answer.encode() in ask(host.address, FLOOR_PORT, question)


def _handing_over(site: _Site, rounds: int) -> Drilled:
    place = site.door(site.made.hosts[0], GROUP)
    return watched(_stage(site, place), [_failover] * rounds)


def _handing_over_alone(rounds: int) -> Drilled:
    with plane(settings={"CACHEWRIGHT_ENDPOINTS": "published", "CACHEWRIGHT_PUBLISHED_PORTS": "17100,17110"}) as served:
        served.create_group(GROUP)
        return drilled(served, GROUP, [_failover] * rounds)


def _failover(scene: Scene) -> None:
    scene.served.client.call("TestFailover", {"ReplicationGroupId": scene.group, "NodeGroupId": "0001"})


def _losing(site: _Site, rounds: int) -> Iterator[Row]:
    """The client is on none of the hosts, and comes in by one that stays."""
    parts = [_lost(site) for _ in range(rounds)]
    patience = 1000 * Settings().patience
    outages = tuple(outage for part in parts for outage in part.outages)
    note = f"{WRITER}; the patience is {patience:.0f} ms"
    yield Row(f"{LOST}: gap between two acknowledged writes", "ms", Summary(outages), bar=patience + LATE, note=note)
    lost = Summary((float(sum(part.lost for part in parts)),))
    written = sum(part.written for part in parts)
    yield Row(f"{LOST}: acknowledged writes lost", "writes", lost, note=f"of {written:,}: not replicated yet")


def _lost(site: _Site) -> Drilled:
    """One of them; all are there again afterwards."""
    number = site.home(GROUP)
    survivor = site.made.hosts[number % len(NAMES)]
    seen = watched(_stage(site, site.door(survivor, GROUP)), [lambda _: site.made.do("off", number)])
    site.made.do("on", number)
    door = site.door(site.made.hosts[number - 1], GROUP)
    until(lambda: ask(*door, "SET back 1").startswith(b"+OK"), "the host that comes back", GLANCE)
    site.served.await_group(GROUP)
    return seen


def _stage(site: _Site, place: tuple[str, int]) -> Stage:
    return Stage(site.served, GROUP, partial(client, place), lambda: site.served.primary(GROUP))


@contextmanager
def _site() -> Iterator[_Site]:
    with three("16379,16399") as (made, settings), plane(settings=settings) as served:
        yield _Site(made, served)


@contextmanager
def three(ports: str) -> Iterator[tuple[Machines, Mapping[str, str]]]:
    """Three hosts, and the settings that tell a control plane of them; CannotMeasure where there can be none."""
    if reason := absent():
        raise CannotMeasure(f"cannot measure hosts: {reason}")
    with machines() as made, TemporaryDirectory() as directory:
        tags = (docker("images", image, "--format={{.Repository}}:{{.Tag}}").split() for image in IMAGES)
        made.load(*(tag for some in tags for tag in some if "redis:6" not in tag))
        told = Path(directory) / "hosts.json"
        told.write_text(json.dumps([asdict(host) for host in made.hosts]))
        yield made, {"CACHEWRIGHT_HOSTS": str(told), "CACHEWRIGHT_PUBLISHED_PORTS": ports}
