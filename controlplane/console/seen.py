"""A topology as a value, which commands read without loading the model: each looks at it for a moment."""

from dataclasses import dataclass

UNSHARDED = "disabled"  # a cluster mode and kinds, as the model words them
CLUSTER, GROUP, SERVERLESS = "cache-cluster", "replication-group", "serverless-cache"


@dataclass(frozen=True, slots=True)
class NodeSeen:
    """A node. `role` is primary or replica; empty before that is decided, and when nothing replicates."""

    name: str
    role: str
    phase: str
    address: str  # host:port; empty before it has one
    build: str  # the engine that really runs: `redis 7.0.15`
    zone: str
    keys: int = 0  # that it holds, in cluster mode
    used: int = 0  # bytes that they take, in cluster mode
    host: str = ""  # that it runs on; empty where there is one only


@dataclass(frozen=True, slots=True)
class ShardSeen:
    """A shard: AWS's node group."""

    id: str
    nodes: tuple[NodeSeen, ...]
    slots: str = ""  # that it serves, as AWS writes them; none without cluster mode


@dataclass(frozen=True, slots=True)
class EndpointSeen:
    """An address that stays while what is behind it moves; `leads_to` are addresses of nodes."""

    name: str
    address: str
    leads_to: tuple[str, ...]
    nodes: tuple[str, ...] = ()  # the names of those nodes


@dataclass(frozen=True, slots=True)
class CacheSeen:
    """A cache cluster or a replication group. `version` is the one that was asked for, as AWS describes it."""

    account: str
    region: str
    kind: str
    id: str
    phase: str
    reason: str  # why it is not as desired; empty when it is
    notes: tuple[str, ...]  # where this machine differs from AWS's
    engine: str
    version: str
    node_type: str
    shards: tuple[ShardSeen, ...]
    endpoints: tuple[EndpointSeen, ...]
    cluster_mode: str = UNSHARDED
    moved: float | None = None  # per cent of the slots that have to move; None: none has to
    encrypted: bool = False  # clients have to come with TLS
    login: str = ""  # what clients have to bring: `token`, `user`, or nothing


@dataclass(frozen=True, slots=True)
class Topology:
    """Every cache of every account and region, by name."""

    caches: tuple[CacheSeen, ...]


@dataclass(frozen=True, slots=True)
class StatusSeen:
    """AWS's status of a cache; empty for one that is gone."""

    status: str


@dataclass(frozen=True, slots=True)
class MemberSeen:
    """A process of several at one database, as long as it says that it is there."""

    name: str
    role: str
    host: str
    process: int
    since: str
    duties: tuple[str, ...]  # what it alone does for the whole installation
    caches: int  # that it works on


@dataclass(frozen=True, slots=True)
class Members:
    """Every process of several; none where one does everything."""

    members: tuple[MemberSeen, ...] = ()
