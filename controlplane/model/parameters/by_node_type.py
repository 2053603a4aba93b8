"""The parameters whose values follow from the node type; no group can set them.

Source: the ElastiCache user guide, "Redis OSS node-type specific parameters" and its Memcached counterpart.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from cachewright.controlplane.model.node_types import NODE_TYPES, NodeType
from cachewright.controlplane.model.parameters.descriptions import DESCRIPTIONS
from cachewright.controlplane.model.parameters.families import TABLES
from cachewright.controlplane.model.scaling import runs_on
from cachewright.controlplane.model.versions import VERSIONS, Engine, numbers

BEFORE_REPLICAS = frozenset({"redis2.6", "redis2.8", "redis3.2", "redis4.0"})  # which call them slaves

Rule = Callable[[NodeType], int]

_MEMCACHED: dict[str, Rule] = {
    "max_cache_memory": lambda row: row.max_cache_memory,
    "num_threads": lambda row: row.threads,
}


@dataclass(frozen=True, slots=True)
class NodeTypeParameter:
    """A parameter with the value for each node type that the family runs on."""

    name: str
    since: str
    values: tuple[tuple[str, str], ...]  # node types and values

    @property
    def description(self) -> str:
        """What it is for, in a sentence."""
        return DESCRIPTIONS[self.name]


@cache
def node_type_parameters(family: str) -> tuple[NodeTypeParameter, ...]:
    """The node-type specific parameters of a family; KeyError when there is no such family."""
    since = min((row.since for row in TABLES[family]), key=numbers)
    types = _types(family)
    return tuple(
        NodeTypeParameter(name, since, tuple((row.name, str(rule(row))) for row in types))
        for name, rule in rules(family).items()
    )


def rules(family: str) -> dict[str, Rule]:
    """How the node type decides, by parameter."""
    if family.startswith(Engine.MEMCACHED):
        return _MEMCACHED
    replicas = "slave" if family in BEFORE_REPLICAS else "replica"
    return {
        f"client-output-buffer-limit-{replicas}-hard-limit": lambda row: row.maxmemory // 10,
        f"client-output-buffer-limit-{replicas}-soft-limit": lambda row: row.maxmemory // 10,
        "maxmemory": lambda row: row.maxmemory,
    }


def _types(family: str) -> list[NodeType]:
    releases = [row for row in VERSIONS if row.family == family]
    return [row for row in NODE_TYPES if any(runs_on(release, row) for release in releases)]
