"""What was seen of a cache: its containers, and what the engines in them answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from cachewright.agents.planning.cluster.nodes import ClusterNode
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.images import Image, ImageNeed, Job
from cachewright.agents.planning.labels import LIFE, LOGIN, TRANSIT, YES, knows_login
from cachewright.agents.planning.links import Entry, Link, Reach
from cachewright.controlplane.model.cache import Address, Key, NodeStatus, Transit
from cachewright.controlplane.model.slots import EVERY, Ranges


@dataclass(frozen=True, slots=True)
class Replication:
    """A Redis or Valkey node's own view of its place."""

    leads: bool
    follows: Address | None = None
    linked: bool = False  # it has everything that its primary had, and keeps receiving
    offset: int = 0  # bytes of the stream of changes that it wrote or received
    idle: bool = False  # it follows somebody, but only tries to connect now and then, or waits for the kernel to
    syncing: bool = False  # it is being sent a whole copy
    heard: frozenset[str] = frozenset()  # the hosts of the replicas that it sends everything
    fenced: bool = False  # it was told to hold writes back for a switchover, and not to go on since
    failing_over: bool = False  # a client told it to give its place to a replica, which has not taken it yet


@dataclass(frozen=True, slots=True)
class Peer:
    """A node of a cluster as another one sees it."""

    address: Address
    leads: bool
    follows: str = ""  # the id of its primary
    slots: Ranges = ()  # that it serves
    heard: bool = True  # whether they talk to each other
    apart: bool = False  # whether they never will, see cachewright.agents.planning.cluster.views


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A cluster node's own view of its cluster."""

    id: str
    peers: Mapping[str, Peer]  # by id, the node itself among them; none that is only being met
    meeting: frozenset[Address] = frozenset()  # where it is about to meet somebody
    opened: Ranges = ()  # slots that it is about to give away or to receive
    serves: bool = False  # it takes requests: all is well as far as it can see
    encrypted: bool = False  # what it tells other nodes
    listed: frozenset[str] = frozenset()  # the ids of whom it tells clients: those that serve, and their replicas
    named: bool = True  # it tells clients where each of them is: what hosts are called it learns by gossip
    prepared: bool = False  # it was made ready for slots to move, and has not been set back since
    apart: bool = False  # it takes nobody for failed, because it hears of nobody

    @property
    def alone(self) -> bool:
        """Whether it serves all slots as a replica: no primary has any, so that its cluster is down for ever, and it
        answers reads.
        """
        own = self.peers[self.id]
        return not own.leads and own.slots == EVERY

    @property
    def tells_own_slots(self) -> bool:
        """Whether it tells clients of its own slots: before Redis 6.2 engines leave out those that a replica serves."""
        return not self.peers[self.id].slots or self.id in self.listed

    @property
    def port(self) -> int:
        """The one that it tells clients."""
        return self.peers[self.id].address.port


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine says about itself."""

    build: str
    replication: Replication | None = None
    access: str | None = None  # the digest of the logins that it knows, see Fingerprints.access; None: it knows none
    membership: Membership | None = None  # None: the engine does not run in cluster mode, or is loading
    loading: bool = False  # it is reading a file of all that it is to hold, which is not its primary's
    relogging: bool = False  # its log is being written anew: until then it may be of what it held before


@dataclass(frozen=True, slots=True)
class Sight:
    """One node: its container, if there is one, and the engine's answer, if it gave one."""

    container: Container | None = None
    answer: Answer | None = None
    asked: datetime | None = None  # when the engine was asked last
    relay: Container | None = None  # the container beside it that takes both plain and encrypted connections
    relay_refuses: bool = False  # nobody listens at the port of a relay that counts
    delayer: Container | None = None  # the relay beside it by which it follows another region, later
    delayer_refuses: bool = False  # nobody listens there
    parameters: str | None = None  # of the values that it has: as desired, or empty; None: they were not read
    worked: int | None = None  # nanoseconds of CPU that a node on the network has used that did not answer
    busy: bool = False  # it has used some since it was looked at last: one that is stopped or stuck uses none
    refused: bool = False  # nobody listens at its own address
    shut_out: bool = False  # it answers, but does not let the agent in
    overfull: bool | None = None  # it holds more than it may; None: it was not asked, or did not say
    filled: bool | None = None  # it says that it was told all that it was to begin with; None: as for `overfull`
    led: bool | None = (
        None  # it was a primary at its end, as its own file says; None: nobody had to know, or it is gone
    )
    astray: bool = False  # the file that it has loaded had keys of slots that it does not serve

    @property
    def transit(self) -> Transit | None:
        """How the container that is there takes connections; None when it does not say."""
        label = self.container.labels.get(TRANSIT) if self.container else None
        return Transit(label) if label else None

    @property
    def entry(self) -> Entry | None:
        """How the container that is there is entered; None when it does not say."""
        transit = self.transit
        return Entry(transit, knows_login(self.container.labels)) if self.container and transit else None

    @property
    def containers(self) -> tuple[str, ...]:
        """The names of what is there."""
        return tuple(container.name for container in (self.relay, self.delayer, self.container) if container)


@dataclass(frozen=True, slots=True)
class Predecessor:
    """The primary of another cache, whose place a primary takes."""

    key: Key  # of that cache
    node: str
    known: NodeStatus
    reach: Reach
    link: Link  # as whoever takes its place follows it until then
    settled: bool = True  # nobody led before it who may take writes yet


@dataclass(frozen=True, slots=True)
class World:
    """Everything that carries the name of one cache."""

    nodes: Mapping[str, Sight] = field(default_factory=dict)  # by node name
    strays: tuple[str, ...] = ()  # containers of no node, or of an earlier cache of that name
    gateway: str = ""  # names the gateway that runs; another one has to be told every route again
    images: Mapping[ImageNeed, Image] = field(default_factory=dict)  # that are at hand
    jobs: frozenset[Job] = frozenset()  # that run, and make the cache due at their end
    volumes: frozenset[str] = frozenset()  # the names of those of its nodes
    stray_volumes: tuple[str, ...] = ()  # those of no node
    upstreams: Mapping[str, Link] = field(default_factory=dict)  # whom primaries follow outside of it, by shard id
    # The cluster nodes, one of which each shard is to follow, by its id.
    outside: Mapping[str, tuple[ClusterNode, ...]] = field(default_factory=dict)
    slots_settled: bool = False  # the cluster that it follows serves every slot where it shall be
    # Whose places primaries take, by shard id; None: it is lost.
    predecessors: Mapping[str, Predecessor | None] = field(default_factory=dict)
    yielding: bool = False  # another cache is about to take its place
    outdated: frozenset[str] = frozenset()  # the shards of which a cache that follows it has something older
    silent: Mapping[str, str] = field(default_factory=dict)  # hosts that do not answer, and why

    def is_released(self, shard: str) -> bool:
        """Whether nobody outside of the cache is left whom a shard follows: it leads, takes the place of somebody lost,
        or was told to follow nobody any more.
        """
        if shard in self.predecessors:
            return self.predecessors[shard] is None
        return shard not in self.upstreams and not self.yielding

    def may_write(self, node: str) -> bool:
        """Whether a container of a node is in reach, whether it answers or not."""
        container = self.at(node).container
        there = container is not None and container.state in (State.RUNNING, State.PAUSED)
        return there and container is not None and container.connected

    def is_unheard(self, node: str) -> bool:
        """Whether the host of a node's container does not answer: the container is as it was last known."""
        container = self.at(node).container
        return container is not None and container.host in self.silent

    def at(self, node: str) -> Sight:
        """The sight of a node; an empty one for a node that is nowhere."""
        return self.nodes.get(node, NOTHING)

    @property
    def loads(self) -> bool:
        """Whether some engine is reading a file of all that it is to hold."""
        return any(sight.answer and sight.answer.loading for sight in self.nodes.values())

    @property
    def refuses(self) -> bool:
        """Whether the process of a node has ended, by what the kernel says."""
        return any(sight.refused for sight in self.nodes.values())

    def without_refusals(self) -> "World":
        """The same, for another look: whoever refused connections is asked again."""
        return replace(self, nodes={name: replace(sight, refused=False) for name, sight in self.nodes.items()})


NOTHING = Sight()


def as_last_seen(name: str, status: NodeStatus) -> Container:
    """The container of a node whose host does not answer, in the life that answered last: it may well run still, and
    may answer itself.
    """
    labels = {LIFE: str(status.answered), TRANSIT: status.transit.value, **({LOGIN: YES} if status.login else {})}
    return Container(name, State.RUNNING, labels, status.tuned, image=status.image, host=status.host)


class Condition(StrEnum):
    """How a node is, in one word."""

    ABSENT = "absent"
    STALE = "stale"  # the container of an earlier life
    DEAD = "dead"  # the container is there, but does not run
    PAUSED = "paused"
    SILENT = "silent"  # it runs, but does not answer
    REFUSING = "refusing"  # it runs as far as is known, but its process, which answered before, listens no more
    BUSY = "busy"  # it does not answer, but works: it used CPU since the last look
    SHUT_OUT = "shut-out"  # it answers, but does not let the agent in: somebody has changed its login
    LOADING = "loading"  # it has not served yet since its start, and reads what it is to begin with
    LIVE = "live"


OF_STATE: dict[State, Condition] = {
    State.CREATED: Condition.DEAD,
    State.RUNNING: Condition.SILENT,
    State.PAUSED: Condition.PAUSED,
    State.RESTARTING: Condition.DEAD,
    State.REMOVING: Condition.DEAD,
    State.EXITED: Condition.DEAD,
    State.DEAD: Condition.DEAD,
}


def has_answered(container: Container, status: NodeStatus) -> bool:
    """Whether a node has answered since its container was started: one that has not may be about to listen."""
    return container.started_at == status.tuned


def condition(sight: Sight, status: NodeStatus) -> Condition:
    """How a node is that should be in the life of `status`."""
    if sight.container is None:
        return Condition.ABSENT
    if sight.container.labels.get(LIFE) != str(status.life):
        return Condition.STALE
    if sight.answer:
        loading = sight.answer.loading and not has_answered(sight.container, status)
        return Condition.LOADING if loading else Condition.LIVE
    found = OF_STATE[sight.container.state]
    if found is not Condition.SILENT:
        return found
    if sight.refused and has_answered(sight.container, status):
        return Condition.REFUSING
    if sight.shut_out:
        return Condition.SHUT_OUT
    return Condition.BUSY if sight.busy else Condition.SILENT
