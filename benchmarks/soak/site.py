"""Three hosts, a PostgreSQL, an API, two agents, and two caches across the hosts."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.members import Members, members
from benchmarks.soak.clients import Connected, client, cluster_client
from benchmarks.soak.steps import HOSTS
from benchmarks.waiting import until
from benchmarks.wire import told
from cachewright.agents.planning.labels import NODE
from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.console.paths import EXPLAIN, TOPOLOGY
from cachewright.controlplane.console.paths import HOSTS as HOST_PAGE
from cachewright.controlplane.console.seen import CacheSeen, Topology
from cachewright.controlplane.model.hosts import HostSeen
from tests.machines import NAMES, Machines

LIMIT = 240.0  # seconds until everything is as desired; what takes longer is stuck
GLANCE = 0.1  # seconds between two looks
AVAILABLE = "available"
FIRST = "0001"  # the shard that has the keys of the writers
PORTS = "16379,16409"
SETTINGS: Mapping[str, str] = {"CACHEWRIGHT_QUOTAS": "test-failovers=10000"}
EVERY = tuple(range(1, HOSTS + 1))
_LISTED = f'{{{{.Label "{NODE}"}}}} {{{{.State}}}}'


@dataclass(frozen=True, slots=True)
class Shape:
    """A cache of a kind."""

    name: str
    asked: Mapping[str, str | int]
    endpoint: str  # the element that has it
    connected: Callable[[Sequence[str], int], Connected]
    replicas: tuple[int, ...]  # that each shard may have
    shards: tuple[int, ...] = ()  # how many there may be; none: it is not in cluster mode


SHAPES = (
    Shape("soak-group", {"NumCacheClusters": 3}, "PrimaryEndpoint", client, (1, 2, 3)),
    Shape(
        "soak-shards",
        {"NumNodeGroups": 3, "ReplicasPerNodeGroup": 1},
        "ConfigurationEndpoint",
        cluster_client,
        (1, 2),
        (2, 3),
    ),
)


@dataclass(frozen=True, slots=True)
class Site:
    """All of it."""

    made: Machines
    members: Members

    def create(self, shape: Shape) -> None:
        """Ask for a cache, and wait until it is available."""
        usual: Mapping[str, str | int] = {"MultiAZEnabled": "true", "AutomaticFailoverEnabled": "true"}
        small = {"Engine": "redis", "CacheNodeType": "cache.t3.micro", "ReplicationGroupDescription": "soaked"}
        asked = {"ReplicationGroupId": shape.name, **usual, **small, **shape.asked}
        self.members.plane.client.call("CreateReplicationGroup", asked)
        until(lambda: self.seen(shape.name).phase == AVAILABLE, shape.name, GLANCE, LIMIT)

    def connected(self, shape: Shape) -> Connected:
        """How clients come to a cache."""
        body = self.members.plane.client.call("DescribeReplicationGroups", {"ReplicationGroupId": shape.name})
        endpoint = body.partition(f"<{shape.endpoint}>".encode())[2]
        return shape.connected([host.address for host in self.made.hosts], int(told(endpoint, "Port")))

    def seen(self, name: str) -> CacheSeen:
        """What is known of a cache."""
        every = read(Topology, self.members.said("GET", TOPOLOGY)).caches
        return next(cache for cache in every if cache.id == name)

    def leader(self, name: str) -> str:
        """The primary of the shard that has the keys of the writers; empty while there is none."""
        shard = next(shard for shard in self.seen(name).shards if shard.id == FIRST)
        return next((node.name for node in shard.nodes if node.role == "primary"), "")

    def has_left(self, number: int) -> bool:
        """Whether every cache is available without a host."""
        caches = [self.seen(shape.name) for shape in SHAPES]
        places = {node.host for cache in caches for shard in cache.shards for node in shard.nodes}
        return NAMES[number - 1] not in places and all(cache.phase == AVAILABLE for cache in caches)

    def drain(self, number: int, *, draining: bool) -> None:
        """Have nodes leave a host, or let some come again."""
        self.members.asked("PUT", f"{HOST_PAGE}/{NAMES[number - 1]}", {"draining": draining})

    def nodes_on(self, number: int) -> int:
        """How many nodes a host has, or is to have."""
        return self._host(number).nodes

    def is_silent(self, number: int) -> bool:
        """Whether it is known that a host does not answer."""
        return bool(self._host(number).silent)

    def _host(self, number: int) -> HostSeen:
        return next(host for host in self._hosts() if host.name == NAMES[number - 1])

    def _hosts(self) -> Sequence[HostSeen]:
        return read(tuple[HostSeen, ...], self.members.said("GET", HOST_PAGE))

    def is_settled(self) -> bool:
        """Whether everything is as desired: every member and every host there, every cache available, each of its nodes
        running once and nothing else.
        """
        if not self.members.are_all_there() or any(host.silent for host in self._hosts()):
            return False
        return all(self.seen(shape.name).phase == AVAILABLE for shape in SHAPES) and not self.misplaced()

    def misplaced(self) -> dict[str, tuple[int, int]]:
        """The nodes that do not run once: how many containers of each there are, and how many of these run."""
        listed = [line.split() for number in EVERY for line in self._containers(number)]
        there = Counter(node for node, _ in listed)
        running = Counter(node for node, state in listed if state == "running")
        shards = (shard for shape in SHAPES for shard in self.seen(shape.name).shards)
        wanted = {node.name for shard in shards for node in shard.nodes}
        once = (1, 1)
        found = {node: (there[node], running[node]) for node in {*there, *wanted}}
        return {node: counts for node, counts in found.items() if node not in wanted or counts != once}

    def _containers(self, number: int) -> list[str]:
        said = self.made.docker(number, "ps", "--all", f"--filter=label={NODE}", f"--format={_LISTED}")
        return said.splitlines()

    def delete(self) -> list[str]:
        """Delete every cache; the containers of nodes that are left then."""
        for shape in SHAPES:
            self.members.plane.delete("ReplicationGroup", shape.name)
        return [f"{NAMES[number - 1]}: {line}" for number in EVERY for line in self._containers(number)]

    def explained(self) -> Iterator[str]:
        """Why caches are not as desired, and which nodes do not run once."""
        for shape in SHAPES:
            because = self.members.asked("POST", EXPLAIN, {"target": shape.name})["because"]
            yield from (f"{shape.name}: {why}" for why in because)
        yield from (f"{node}: {many} containers, {run} of them run" for node, (many, run) in self.misplaced().items())


@contextmanager
def site(made: Machines, settings: Mapping[str, str], logs: Path) -> Iterator[Site]:
    """An installation on these hosts, with its caches; at the end it is taken down."""
    with members({**SETTINGS, **settings}, logs) as some:
        found = Site(made, some)
        until(some.are_all_there, "all members", GLANCE)
        for shape in SHAPES:
            found.create(shape)
        yield found


def left(made: Machines) -> list[str]:
    """Containers, volumes and networks of an installation that is no more."""
    commands = (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
    return [
        f"{' '.join(words)} on host {NAMES[number - 1]}: {one}"
        for number in EVERY
        for words in commands
        for one in made.docker(number, *words, "--quiet", *_own(words)).split()
    ]


def _own(words: tuple[str, ...]) -> tuple[str, ...]:
    return () if words[0] == "ps" else ("--filter=name=cachewright",)
