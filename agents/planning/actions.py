"""What can be done to the world. Doing one twice is doing it once."""

from collections.abc import Mapping
from dataclasses import dataclass

from cachewright.agents.planning.cluster.nodes import ClusterNode
from cachewright.agents.planning.images import Image
from cachewright.agents.planning.links import Entry, Link, Reach
from cachewright.controlplane.model.cache import Address, Discovery, Key
from cachewright.controlplane.model.seeds import SeedFile
from cachewright.controlplane.model.slots import Ranges


@dataclass(frozen=True, slots=True)
class Launch:
    """A new container for the node's present life, in place of any earlier one; it follows `primary` from its first
    moment if given. In cluster mode it knows itself and all other nodes from then on. It begins with what is in `seed`,
    a file of the snapshot that the cache is made of, else with nothing.
    """

    node: str
    image: Image
    primary: Link | None = None
    cluster_nodes: tuple[ClusterNode, ...] = ()
    seed: SeedFile | None = None
    anew: bool = False  # without what is on its volume


@dataclass(frozen=True, slots=True)
class Remove:
    """The end of a container, running or not."""

    container: str


@dataclass(frozen=True, slots=True)
class RemoveVolume:
    """The end of a volume of a node that is no more, and of what is on it."""

    volume: str


@dataclass(frozen=True, slots=True)
class Restart:
    """The same container once more; what the engine held is lost, unless it has a volume."""

    container: str


@dataclass(frozen=True, slots=True)
class Fill:
    """A running node is told what is in `seed`, a file of the snapshot that the cache is made of."""

    node: str
    seed: SeedFile


@dataclass(frozen=True, slots=True)
class Discard:
    """The file that a node has loaded is no more in its container, or nothing there tells that it was told what is in
    it; the node holds what was in it.
    """

    container: str
    node: str


@dataclass(frozen=True, slots=True)
class Interrupt:
    """A busy node ends what keeps it so, if that is a script which runs for too long and has written nothing."""

    node: str


@dataclass(frozen=True, slots=True)
class Unpause:
    """A paused container goes on where it was."""

    container: str


@dataclass(frozen=True, slots=True)
class Disconnect:
    """A container leaves the network, so that nobody's write is taken there any more, and stays otherwise."""

    container: str


@dataclass(frozen=True, slots=True)
class Reinstate:
    """A container that was fenced is on the network again, at its address, and goes on where it was."""

    container: str
    address: str


@dataclass(frozen=True, slots=True)
class ReplicateFrom:
    """The node becomes a replica of `primary`."""

    node: str
    primary: Link


@dataclass(frozen=True, slots=True)
class RequestAck:
    """A replica and its primary talk at once: the one tells how far it is, the other begins to send what it writes."""

    node: str
    primary: str


@dataclass(frozen=True, slots=True)
class Promote:
    """The node becomes the primary, and `endpoint` leads to it."""

    node: str
    endpoint: Address | None


@dataclass(frozen=True, slots=True)
class ForcedFailover:
    """`node` becomes the primary in place of one that may run, but cannot switch over. Its `container` leaves the
    network first, so that nobody's write is taken there any more, and ends last; `endpoint` leads to `node`.
    """

    container: str
    node: str
    endpoint: Address | None


@dataclass(frozen=True, slots=True)
class Switchover:
    """`node` becomes the primary in place of `old_primary`, which is alive: it takes no more writes, `node` receives
    all that it has, is promoted, and `endpoint` leads to it. No acknowledged write is lost.
    """

    old_primary: str
    node: str
    endpoint: Address | None
    container: str  # of the life of `old_primary` that runs
    entry: Entry | None = None  # how to connect to that


@dataclass(frozen=True, slots=True)
class TakeOver:
    """`node` becomes the primary in place of a node of another cache, which is alive: that takes no more writes, `node`
    receives all that it has, is promoted, and is followed by it. No acknowledged write is lost.
    """

    key: Key  # of the other cache
    old_primary: str
    reach: Reach  # of the old primary
    node: str
    link: Link  # as the old primary follows `node`
    host: str = ""  # that the old primary runs on
    ends: bool = False  # the old primary ends in place of that


@dataclass(frozen=True, slots=True)
class ResumeWrites:
    """A primary that says that it holds writes back, for a switchover that was given up, takes them again."""

    node: str


@dataclass(frozen=True, slots=True)
class ClusterMeet:
    """A cluster node gets to know others, by their addresses."""

    node: str
    peers: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class ClusterJoin:
    """A cluster node that was kept apart is an ordinary one from now on, and gets to know others by their addresses."""

    node: str
    peers: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class ClusterFollow:
    """A cluster node that follows a node of another cluster, and serves slots itself, follows another one of these."""

    node: str
    id: str  # of whom it is to follow
    slots: Ranges  # that it serves


@dataclass(frozen=True, slots=True)
class ClusterForget:
    """A cluster node forgets others, by their ids."""

    node: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClusterReplicate:
    """A cluster node becomes a replica of the node `primary`."""

    node: str
    primary: str


@dataclass(frozen=True, slots=True)
class EncryptBus:
    """From now on a cluster node connects to others encrypted, and expects it of them; or no more."""

    node: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class ClusterAnnounce:
    """A cluster node tells clients another port from now on: it has another role."""

    node: str
    port: int


@dataclass(frozen=True, slots=True)
class ClusterAnnounceHost:
    """A cluster node tells clients and other nodes another address of its own from now on."""

    node: str
    host: str


@dataclass(frozen=True, slots=True)
class AssignSlots:
    """A primary serves slots that nobody serves."""

    node: str
    slots: Ranges


@dataclass(frozen=True, slots=True)
class StabilizeSlots:
    """Slots that a primary still calls on their way are where they are to stay."""

    node: str
    slots: Ranges


@dataclass(frozen=True, slots=True)
class MigrateSlots:
    """Slots move with their keys, as many as a moment allows, from one primary to another."""

    source: str
    target: str
    slots: Ranges


@dataclass(frozen=True, slots=True)
class Route:
    """Each endpoint leads to these addresses, and its sessions to others end."""

    routes: Mapping[Address, tuple[Address, ...]]
    sole: frozenset[Address] = frozenset()  # those that lead to one at a time as long as they live


@dataclass(frozen=True, slots=True)
class Unroute:
    """These endpoints are no more."""

    endpoints: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class PublishDiscovery:
    """The directory answers with this list."""

    discovery: Discovery


@dataclass(frozen=True, slots=True)
class WithdrawDiscovery:
    """The directory answers no more at this port."""

    port: int


@dataclass(frozen=True, slots=True)
class PublishDns:
    """The directory knows these addresses by the cache's host names, and no others; encrypted clients are led to its
    endpoints by these of them.
    """

    names: Mapping[str, str]
    led: Mapping[Address, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ApplyAcl:
    """The node knows the logins that are desired, and no others."""

    node: str


@dataclass(frozen=True, slots=True)
class ApplyParameters:
    """The node has the parameter values that are desired, as far as a running node can be told."""

    node: str


@dataclass(frozen=True, slots=True)
class Relay:
    """A container beside the node's present start, which takes both plain and encrypted connections for it, or lets no
    more pass than so many ECPUs per second.
    """

    node: str
    start: str
    image: Image
    rate: int = 0  # 0: it does not count


@dataclass(frozen=True, slots=True)
class Delay:
    """A container beside the node's present start, by which it follows `primary`: so many milliseconds later."""

    node: str
    start: str
    image: Image
    primary: Address
    delay: int


@dataclass(frozen=True, slots=True)
class EndMigration:
    """What a node was made ready with for slots to move is taken back: nobody does that any more."""

    node: str


@dataclass(frozen=True, slots=True)
class Adopt:
    """The container that was started before the node was asked for is called as if it had been made for it."""

    node: str


@dataclass(frozen=True, slots=True)
class Recycle:
    """The container of a node that is no more runs for nobody from now on, with nothing of what it held, if there is a
    need of it and it can be done; else it is removed. No endpoint of its cache leads to it any more.
    """

    node: str
    container: str


Beside = Relay | Delay
OfNodes = Launch | Adopt | Recycle | Restart | Unpause | Disconnect | Reinstate | Beside
OfContainers = OfNodes | Remove | RemoveVolume | Discard
OfReplication = ReplicateFrom | RequestAck | Promote | ForcedFailover | Switchover | TakeOver | ResumeWrites
OfSlots = AssignSlots | StabilizeSlots | MigrateSlots | EndMigration
OfMembers = ClusterMeet | ClusterJoin | ClusterFollow | ClusterForget | ClusterReplicate
OfClusters = OfMembers | EncryptBus | ClusterAnnounce | ClusterAnnounceHost | OfSlots
OfSettings = ApplyAcl | ApplyParameters | Interrupt | Fill
OfEndpoints = Route | Unroute | PublishDiscovery | WithdrawDiscovery | PublishDns
Action = OfContainers | OfReplication | OfClusters | OfSettings | OfEndpoints

# Words to engines: the containers stay what they were, but for those that end at a word, where nobody listens any more.
SPOKEN = (
    Interrupt,
    Fill,
    RequestAck,
    ResumeWrites,
    Switchover,
    TakeOver,
    ClusterMeet,
    ClusterJoin,
    ClusterFollow,
    ClusterForget,
    ClusterReplicate,
    EncryptBus,
    ClusterAnnounceHost,
    AssignSlots,
    StabilizeSlots,
    MigrateSlots,
    EndMigration,
)
