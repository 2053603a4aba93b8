"""The one aggregate: a cache is shards of nodes, desired by the API and reported by the agent.

A cache cluster, a replication group and a serverless cache are a `Cache` each; only the API knows the AWS nouns apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cachewright.controlplane.model.applied_updates import Applied
from cachewright.controlplane.model.auth import Auth
from cachewright.controlplane.model.durability import Durability
from cachewright.controlplane.model.global_replication_groups import Membership
from cachewright.controlplane.model.lifecycle import UNBORN, NodePhase, Phase
from cachewright.controlplane.model.log_delivery import Deliveries, LogConfiguration, changing
from cachewright.controlplane.model.ownership import Ownership
from cachewright.controlplane.model.pending import Change, Pending
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.schedule import Schedule
from cachewright.controlplane.model.seeds import Seed, SeedFile
from cachewright.controlplane.model.upstreams import Migration, Upstream
from cachewright.controlplane.model.usage_limits import UsageLimits
from cachewright.controlplane.model.users import User
from cachewright.controlplane.model.versions import Engine, EngineVersion, version_of
from cachewright.controlplane.model.vpcs import DUAL_STACK, IPV4, IPV6


class Kind(StrEnum):
    """What AWS calls the resource; the values are the source types of events."""

    CACHE_CLUSTER = "cache-cluster"
    REPLICATION_GROUP = "replication-group"
    SERVERLESS_CACHE = "serverless-cache"


class Transit(StrEnum):
    """Whether connections are encrypted. The values are AWS's TransitEncryptionMode, but for `off`."""

    OFF = "off"
    PREFERRED = "preferred"
    REQUIRED = "required"


class ClusterMode(StrEnum):
    """Whether the engines run in cluster mode. The values are AWS's ClusterMode; `compatible` is cluster mode with one
    shard, which clients that do not know clusters can use, too.
    """

    DISABLED = "disabled"
    COMPATIBLE = "compatible"
    ENABLED = "enabled"


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """The name of a cache: unique among all accounts and regions."""

    account: str
    region: str
    kind: Kind
    id: str

    def __str__(self) -> str:
        return f"{self.account}/{self.region}/{self.kind}/{self.id}"


def upstream_key(key: Key, upstream: Upstream) -> Key:
    """The replication group that a cache of that name follows."""
    return Key(key.account, upstream.region, Kind.REPLICATION_GROUP, upstream.group)


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where something listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Node:
    """A desired node: one container. AWS shows it as node `id` of the cache cluster `cluster`."""

    cluster: str
    id: str
    zone: str
    reboots: int = 0  # how often a reboot was asked for

    @property
    def name(self) -> str:
        """Unique within an account and region: no cluster id contains a dot."""
        return f"{self.cluster}.{self.id}"


@dataclass(frozen=True, slots=True)
class Shard:
    """A desired shard: AWS's node group. Memcached nodes live in a single shard and do not replicate."""

    id: str
    nodes: tuple[Node, ...]
    failovers: int = 0  # how often a failover was asked for
    promotions: int = 0  # how often a promotion by hand was asked for
    candidate: str = ""  # the node that the last one named
    slots: str = ""  # that it shall serve, as AWS writes them: `0-894,3134-4443`; none with cluster mode disabled


@dataclass(frozen=True, slots=True)
class Origin:
    """The cache out of which this one was made: its containers are this one's, as far as nodes have their names."""

    kind: Kind
    id: str
    incarnation: str


@dataclass(frozen=True, slots=True)
class Spec:
    """What is desired: what an agent acts upon, now or at its time. Written by the API alone."""

    engine: Engine
    version: str  # as AWS describes it: `7.1.0`
    node_type: str
    port: int
    parameter_group: str
    shards: tuple[Shard, ...]
    automatic_failover: bool = False
    multi_az: bool = False
    transit: Transit = Transit.OFF
    cluster_mode: ClusterMode = ClusterMode.DISABLED
    parameters: tuple[tuple[str, str], ...] = ()  # what the parameter group sets otherwise than its family, by name
    auth: Auth = field(default_factory=Auth)
    restricted: bool = False  # clients are refused the commands that AWS keeps for itself
    schedule: Schedule = field(default_factory=Schedule)
    pending: Pending = field(default_factory=Pending)
    change: Change = field(default_factory=Change)
    origins: tuple[Origin, ...] = ()
    released: tuple[str, ...] = ()  # nodes that became another cache
    seed: Seed | None = None  # what it begins with; None: nothing
    at_rest: bool = False  # encrypted at rest: nothing that it holds is readable on any disk, unless it is durable
    durability: Durability = Durability.DISABLED
    user_group: str = ""  # whose users may enter it; empty: whoever knows a token, if there are tokens
    users: tuple[User, ...] = ()  # of that group
    network_type: str = IPV4  # by which it is reached: of `NETWORK_TYPES`
    ip_discovery: str = IPV4  # `ipv4` or `ipv6`: of which family the addresses are that it tells
    logs: tuple[LogConfiguration, ...] = ()  # that are delivered, at most one of each type
    updates: tuple[Applied, ...] = ()  # service updates that were asked for; nodes are made by the last one
    limits: UsageLimits = field(default_factory=UsageLimits)  # of a serverless cache
    serverless: bool = False  # clients are also refused what AWS keeps for itself at serverless caches
    upstream: Upstream | None = None  # whom each primary follows, outside of the cache; None: nobody
    migration: Migration | None = None  # into a serverless cache, from when it is prepared until it is completed
    datastore: Membership | None = None  # the global datastore that it is a member of

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node of every shard, in order."""
        return tuple(node for shard in self.shards for node in shard.nodes)

    @property
    def six(self) -> bool:
        """Whether the addresses that it tells, and is reached by itself, are of IPv6."""
        return self.ip_discovery == IPV6

    @property
    def dual(self) -> bool:
        """Whether it is reached by addresses of the other family as well."""
        return self.network_type == DUAL_STACK

    @property
    def durable(self) -> bool:
        """Whether every node logs what it holds, whatever the settings say."""
        return self.durability is not Durability.DISABLED

    @property
    def in_memory(self) -> bool:
        """Whether nothing that it holds goes to a disk."""
        return self.at_rest and not self.durable

    @property
    def replicates(self) -> bool:
        """Whether the nodes of a shard follow a primary; Memcached nodes never do."""
        return self.engine is not Engine.MEMCACHED

    @property
    def clustered(self) -> bool:
        """Whether the engines run in cluster mode, and so know slots and each other."""
        return self.cluster_mode is not ClusterMode.DISABLED

    @property
    def release(self) -> EngineVersion:
        """The row of the table of engine versions that the spec names."""
        return version_of(self.engine, self.version)


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """What the agent decided and saw of one node."""

    address: Address
    phase: NodePhase = NodePhase.CREATING
    life: int = 1  # which container of this name is the right one; raised to have the node rebuilt
    fingerprint: str = ""  # what the present life is made from, see `make_of`
    transit: Transit = Transit.OFF  # how the present life takes connections
    login: bool = False  # whether it knows the agent's login; an encrypted one always does
    answered: int = 0  # the life that answered last
    reboots: int = 0  # how many of the desired reboots are done
    rebooting_from: str = ""  # the start that the reboot in progress ends
    created_at: datetime | None = None  # when it first answered
    build: str = ""  # the engine that really runs: `redis 7.0.15`
    silent_since: datetime | None = None  # it should answer, but has not since, nor has it worked
    busy_since: datetime | None = None  # it should answer, but has only worked since
    worked: int = 0  # nanoseconds of CPU that it had used when it was looked at last, and did not answer
    tuned: str = ""  # the start of which the next two speak
    parameters: str = ""  # of the parameter values that it has, as far as they can change; empty: not known
    static: str = ""  # of the parameter values that it began with and keeps until its next start, see `make_of`
    joined: int = 0  # the generation of the spec with which it came, see `cluster_node_id`; 0: an earlier release's
    astray_since: datetime | None = None  # it lives, but follows another one than it was told to, or cannot reach it
    volume: str = ""  # where it logs what it holds, from life to life; empty: that is lost with each of them
    spare: str = ""  # the volume that it gets as its cache becomes durable, or had before that ended
    logged: bool = False  # the volume was seen to have everything that it held
    copied: str = ""  # the starts of itself and of its primary in which it was seen to have everything; with a volume
    image: str = ""  # the identity of the image that the container which answered last was made from
    update: str = ""  # the service update by which the present life was made
    updating_since: datetime | None = None  # since when it is made by it
    updated_at: datetime | None = None  # when it was first available so
    ahead: str = ""  # what the container was called that had been started before its first life, and became it
    recyclable: bool = False  # its container may serve others later: callers are told an endpoint in place of it
    host: str = ""  # where its present life runs; empty: on the only host, or nowhere yet
    other_address: str = ""  # of its next life, if that runs elsewhere; then that of the life that it left
    fenced: int = 0  # the life that was given up as silent; by then its host, if it is one of several, lets nobody in
    moving_to: str = ""  # where its next life shall run, because it cannot stay where it is; empty: where it is


@dataclass(frozen=True, slots=True)
class ShardStatus:
    """What the agent decided about one shard."""

    primary: str = ""  # node name; empty: not chosen yet, or nothing replicates
    old_primary: str = ""  # the node that leads no more, until the new primary is seen to lead
    failovers: int = 0  # how many of the desired failovers are done
    promotions: int = 0  # how many of the desired promotions are done
    slots: str = ""  # that it was last known to serve, in cluster mode
    members: tuple[Node, ...] = ()  # that were desired last, in cluster mode: a shard stays until its slots have left
    seeded: bool = False  # its primary was seen with everything that it was to begin with
    lost_since: datetime | None = None  # since when it has no primary, and shall have none for a while (`Pace`)
    upstream: Address | None = None  # whom its primary is to follow outside of the cache, or did before; None: nobody
    behind: bool = False  # its primary has not everything that whom it follows there has, in cluster mode


@dataclass(frozen=True, slots=True)
class Discovery:
    """What clients of a Memcached cluster are told by Auto Discovery."""

    address: Address  # where the directory answers for this cluster; the configuration endpoint leads there
    version: int = 0  # of the list; 0: there was none yet
    nodes: tuple[str, ...] = ()  # that are listed
    live: tuple[str, ...] = ()  # of these: they are led to for everything but discovery
    places: tuple[Address, ...] = ()  # where clients reach those that are listed


@dataclass(frozen=True, slots=True)
class Status:
    """The report, written by the agent alone."""

    phase: Phase = Phase.CREATING
    generation: int = 0  # the spec that the world was last seen to fulfil
    nodes: Mapping[str, NodeStatus] = field(default_factory=dict)  # by node name
    shards: Mapping[str, ShardStatus] = field(default_factory=dict)  # by shard id
    endpoints: Mapping[str, Address] = field(default_factory=dict)  # `primary`, `reader`, `configuration`, or a node
    node_type: str = ""  # what the nodes are made of, all of them; empty: not said yet
    version: str = ""
    routes: Mapping[str, tuple[Address, ...]] = field(default_factory=dict)  # where the endpoints lead
    discovery: Discovery | None = None  # of Memcached clusters alone
    gateway: str = ""  # the gateway and the directory that were told so
    reason: str = ""  # why it is not what was desired, in words
    notes: tuple[str, ...] = ()  # where this machine differs from AWS's, told once
    hosts: Mapping[str, str] = field(default_factory=dict)  # host names that callers are told, by endpoint or node
    named: str = ""  # the host names that the directory was told, in short
    unserved: bool = False  # that nobody answers at its endpoints was said, and not yet that it is over
    since: datetime | None = None  # when it is not available, or is being deleted: since when

    def shown_address(self, node: str) -> Address:
        """Where callers reach a node: its own address, or a published one; KeyError before it has any."""
        return self.endpoints.get(node) or self.nodes[node].address

    def shown(self, part: str) -> Address:
        """What callers are told of an endpoint or a node: its host name if it has one, else its address."""
        address = self.shown_address(part)
        return Address(self.hosts.get(part, address.host), address.port)


@dataclass(frozen=True, slots=True)
class Saving:
    """Snapshots of a cache that are under way."""

    clusters: frozenset[str] = frozenset()  # of whose nodes
    final: bool = False  # the cache is deleted as soon as the last one is safe, and there is no way back
    leaving: frozenset[str] = frozenset()  # replicas of which each is deleted as soon as its last one is safe


@dataclass(frozen=True, slots=True)
class Cache:
    """A cache as it is remembered."""

    key: Key
    incarnation: str  # tells a cache from an earlier one of the same name
    created_at: datetime
    generation: int  # of the spec; every change that the world has to follow counts
    deleting: bool
    spec: Spec
    status: Status
    presentation: Presentation = field(default_factory=Presentation)  # no business of an agent
    revision: int = 1  # of spec and status together: every write of either counts, and a report must match it
    ownership: Ownership = field(default_factory=Ownership)
    unwritten: str = ""  # why a later report than `status` could not be written; it is not stored
    saving: Saving = field(default_factory=Saving)  # that is told to people and their tools; it is not stored
    deliveries: Deliveries | None = None  # of its logs, told to the same; None: nobody asked

    @property
    def phase(self) -> Phase:
        """Where the cache is in its life. `available` only when the world was seen to be as desired now, or differs in
        nothing but values of its parameter group: AWS tells of these elsewhere. A log that is not delivered as desired
        yet counts for whoever asked about its logs.
        """
        settled = self._phase
        if settled is Phase.AVAILABLE and self.deliveries is not None and changing(self.spec.logs, self.deliveries):
            return Phase.MODIFYING
        return settled

    @property
    def _phase(self) -> Phase:
        if self.ending:
            return Phase.DELETING
        if self.spec.upstream and self.spec.upstream.migrates and self.status.phase not in UNBORN:
            return Phase.MIGRATING
        if self.unwritten and self.status.phase is Phase.AVAILABLE:
            return Phase.MODIFYING
        if self.status.phase is not Phase.AVAILABLE or self.status.generation == self.generation:
            return self.status.phase
        if any(self.reboots(node) for node in self.spec.nodes):
            return Phase.REBOOTING
        return Phase.AVAILABLE if self.spec.change.makes_quiet(self.generation) else Phase.MODIFYING

    @property
    def stuck(self) -> bool:
        """Whether something keeps the cache from being as desired; then it may be deleted although AWS would wait."""
        return bool(self.reason) and not self.ending

    @property
    def ending(self) -> bool:
        """Whether it is deleted, or will be as soon as its last snapshot is safe."""
        return self.deleting or self.saving.final

    @property
    def reason(self) -> str:
        """Why it is not what was desired, in words; empty when it is."""
        return self.unwritten or self.status.reason

    @property
    def unseeded(self) -> Mapping[str, SeedFile]:
        """The files that have to be loaded until the cache is available for the first time, by shard."""
        if self.spec.seed is None or self.status.phase not in UNBORN:
            return {}
        shards = self.status.shards  # one that has left them was loaded, and its slots are elsewhere
        left = (file for file in self.spec.seed.files if not shards or file.shard in shards)
        return {file.shard: file for file in left if not shards or not shards[file.shard].seeded}

    @property
    def restoring(self) -> bool:
        """Whether it is being made of a snapshot, whose files it needs until it is available; one that has failed is
        not.
        """
        return self.spec.seed is not None and self.status.phase is Phase.CREATING and not self.deleting

    @property
    def leaving(self) -> tuple[Shard, ...]:
        """The shards that are not desired any more, but still serve slots: they stay until those have left."""
        desired = {shard.id for shard in self.spec.shards}
        rest = ((name, known.members) for name, known in self.status.shards.items() if name not in desired)
        return tuple(Shard(name, members) for name, members in rest if members)

    @property
    def shards(self) -> tuple[Shard, ...]:
        """Every shard that there is: the desired ones and those that leave, in order."""
        return tuple(sorted((*self.spec.shards, *self.leaving), key=lambda shard: shard.id))

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node that belongs to the cache, in order."""
        return tuple(node for shard in self.shards for node in shard.nodes)

    def reboots(self, node: Node) -> bool:
        """Whether a reboot of the node was asked for and is not done yet."""
        status = self.status.nodes.get(node.name)
        return status is not None and status.reboots < node.reboots

    @property
    def fails_over(self) -> bool:
        """Whether a failover of a shard was asked for and is not done yet."""
        known = self.status.shards
        return any(one.id in known and one.failovers > known[one.id].failovers for one in self.spec.shards)

    def shard_of(self, name: str) -> Shard:
        """The desired shard that holds the node `name`; KeyError when none does."""
        for shard in self.spec.shards:
            if any(node.name == name for node in shard.nodes):
                return shard
        raise KeyError(name)
