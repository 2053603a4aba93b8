"""What the engines can be set to: every parameter of every parameter group family, and the values for a cache."""

from collections.abc import Mapping
from functools import cache

from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.node_types import node_type
from cachewright.controlplane.model.parameters.by_node_type import NodeTypeParameter, node_type_parameters, rules
from cachewright.controlplane.model.parameters.families import TABLES, order
from cachewright.controlplane.model.parameters.parameter import DataType, Effect, Modifiable, Parameter
from cachewright.controlplane.model.versions import Engine, EngineVersion

__all__ = [
    "CLUSTER_ENABLED",
    "DataType",
    "Effect",
    "Modifiable",
    "NodeTypeParameter",
    "Parameter",
    "Values",
    "effective",
    "family_parameters",
    "needs_reboot",
    "node_type_parameters",
    "order",
    "reads_when_down",
]

Values = tuple[tuple[str, str], ...]  # names and values, by name

CLUSTER_ENABLED = "cluster-enabled"
READS_WHEN_DOWN = "cluster-allow-reads-when-down"


def family_parameters(family: str) -> tuple[Parameter, ...]:
    """Every parameter of a family in AWS's order; KeyError when there is no such family."""
    return TABLES[family]


@cache
def needs_reboot(family: str, name: str) -> bool:
    """Whether a running node takes another value of a parameter only when it starts again: Memcached always, whatever
    AWS says about the parameter. KeyError for a parameter that the family does not have.
    """
    effect = {row.name: row.effect for row in TABLES[family]}[name]
    return family.startswith(Engine.MEMCACHED) or effect is Effect.REBOOT


def effective(spec: Spec) -> Mapping[str, str]:
    """The value of every parameter that the version of a cache has: its family's, then what the node type decides,
    then what the parameter group sets, then what a global datastore needs. Empty for what has no value.
    """
    given = _given(spec.release, spec.node_type)
    values = {**given, **{name: value for name, value in spec.parameters if name in given}}
    if spec.clustered or spec.parameter_group.endswith(".cluster.on"):
        values[CLUSTER_ENABLED] = "yes"
    if reads_when_down(spec):
        values[READS_WHEN_DOWN] = "yes"
    return values


def reads_when_down(spec: Spec) -> bool:
    """Whether nodes answer reads while their cluster is down: that of a secondary with one node group always is. Before
    Redis 6.0 none can.
    """
    member = spec.clustered and spec.datastore is not None
    return member and READS_WHEN_DOWN in _given(spec.release, spec.node_type)


@cache
def _given(release: EngineVersion, kind: str) -> Mapping[str, str]:
    """The values of a cache that uses the default group."""
    row = node_type(kind)
    values = {each.name: each.value or "" for each in TABLES[release.family] if each.exists_in(release.described)}
    values |= {name: str(rule(row)) for name, rule in rules(release.family).items()}
    if "maxclients" in values:
        values["maxclients"] = str(row.maxclients)
    return values
