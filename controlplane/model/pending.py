"""What a spec says about change: what waits for the maintenance window, and what the latest change is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cachewright.controlplane.model.versions import Engine


@dataclass(frozen=True, slots=True)
class Resize:
    """Memcached nodes that come or go, never both."""

    zones: tuple[str, ...] = ()  # of the nodes that come, one for each
    leaving: tuple[str, ...] = ()  # the ids of those that go


@dataclass(frozen=True, slots=True)
class Pending:
    """Changes that were asked for and wait for the maintenance window. Empty and None: nothing waits."""

    node_type: str = ""
    engine: Engine | None = None  # always with `version`
    version: str = ""  # as AWS describes it
    parameter_group: str = ""  # that the version needs
    primary: str = ""  # the cache cluster that shall lead
    automatic_failover: bool | None = None
    multi_az: bool | None = None  # as far as it cannot be before the failover that waits
    resize: Resize = field(default_factory=Resize)
    parameters: tuple[tuple[str, str], ...] = ()  # what that parameter group sets


WORDS: Mapping[str, str] = {
    "node_type": "CacheNodeType",
    "version": "EngineVersion",
    "primary": "PrimaryClusterId",
    "automatic_failover": "AutomaticFailoverEnabled",
    "multi_az": "MultiAZEnabled",
    "resize": "NumCacheNodes",
}


def words(waits: Pending) -> tuple[str, ...]:
    """What waits, in AWS's names."""
    nothing = Pending()
    return tuple(word for name, word in WORDS.items() if getattr(waits, name) != getattr(nothing, name))


@dataclass(frozen=True, slots=True)
class Change:
    """What the spec of `generation` changed, for as long as the world is not as it says; see `with_change`."""

    generation: int = 0
    automatic_failover: bool = False  # it is being turned on or off
    transit: str = ""  # how connections were taken before, a value of Transit; empty: no change
    cluster_mode: str = ""  # what it was before, a value of ClusterMode; empty: no change
    moving: int = 0  # slots that have to go to another shard
    token: str = ""  # what becomes of the AUTH tokens: AWS's AuthTokenStatus
    joining: bool = False  # replicas come, and nothing else becomes otherwise
    nodes: int = 0  # how many Memcached nodes there were; 0: as many as now
    leaving: tuple[tuple[str, str], ...] = ()  # id and zone of Memcached nodes that are being removed
    quiet: bool = False  # the cache was available before, and only its parameter group or user group is another one
    users: tuple[str, ...] = ()  # the ids of those who may do something else from now on
    members: bool = False  # others are in its user group
    more_replicas: bool = False  # some shard has more than before
    user_group: str | None = None  # that it had before; empty: it had none; None: no change
    migrated: bool = False  # a migration ends: it follows its source no more

    def makes_quiet(self, generation: int) -> bool:
        """Whether the spec of that generation is a quiet one."""
        return self.quiet and self.generation == generation
