"""What was seen of nodes at one look."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cachewright.controlplane.model.cache import Cache, Kind, Node, Shard
from cachewright.controlplane.model.described import role
from cachewright.controlplane.model.metrics.terms import Figures
from cachewright.controlplane.model.versions import Engine

EVERY = 10.0  # seconds between two looks, while somebody looks


@dataclass(frozen=True, slots=True)
class Place:
    """Whose figures they are, in AWS's words; empty where AWS has none."""

    account: str
    region: str
    cluster: str  # CacheClusterId
    node: str  # CacheNodeId
    group: str  # ReplicationGroupId
    shard: str  # NodeGroupId
    role: str  # CurrentRole

    @property
    def name(self) -> str:
        """The same whoever leads."""
        return f"{self.account}/{self.region}/{self.cluster}.{self.node}"


@dataclass(frozen=True, slots=True)
class Sample:
    """A node that answered, and what was counted since a look about a minute before; empty at the first."""

    place: Place
    engine: Engine
    figures: Figures = field(repr=False)
    minute: Figures = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Collected:
    """All of them at one look."""

    samples: tuple[Sample, ...] = ()
    silent: int = 0  # nodes that were asked and did not answer in time
    phases: Mapping[str, int] = field(default_factory=dict)  # how many caches there are, by where they are
    seconds: float = 0.0  # that it took


def place(cache: Cache, shard: Shard, node: Node) -> Place:
    """Where a node belongs."""
    key, grouped = cache.key, cache.key.kind is Kind.REPLICATION_GROUP
    group, number = (key.id, shard.id) if grouped else ("", "")
    return Place(key.account, key.region, node.cluster, node.id, group, number, role(cache, shard, node))
