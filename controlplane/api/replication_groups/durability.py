"""Which groups AWS lets be durable, and how that is changed.

Source: the ElastiCache user guide, "Durability". The texts are our own: AWS's are not known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model.cache import Cache, ClusterMode, Spec, Transit
from cachewright.controlplane.model.durability import EFFECTIVE, Durability
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.lifecycle import UNBORN
from cachewright.controlplane.model.versions import Engine, numbers

FIRST_VALKEY = (9, 0)
FAMILIES = ("r8g", "r7g", "r6g", "m8g", "m7g", "m6g", "c8gn", "c7gn")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a durable group has to be like, and what it is told otherwise."""

    holds: Callable[[Spec], bool]
    needs: str


def _is_recent(spec: Spec) -> bool:
    return spec.engine is Engine.VALKEY and numbers(spec.version) >= FIRST_VALKEY


def _is_of_family(spec: Spec) -> bool:
    return spec.node_type.split(".")[1:2] in [[family] for family in FAMILIES]


RULES: Sequence[Rule] = (
    Rule(_is_recent, "Valkey 9.0 or later"),
    Rule(lambda spec: spec.cluster_mode is ClusterMode.ENABLED, "cluster mode enabled"),
    Rule(lambda spec: spec.multi_az, "Multi-AZ enabled"),
    Rule(lambda spec: all(len(shard.nodes) > 1 for shard in spec.shards), "at least 1 replica in each node group"),
    Rule(lambda spec: spec.transit is not Transit.OFF, "encryption in transit"),
    Rule(lambda spec: spec.at_rest, "encryption at rest"),
    Rule(_is_of_family, f"a node type of one of the families {', '.join(FAMILIES)}"),
)


def asked_durability(params: Params) -> Durability | None:
    """What a request asks for; None when it says nothing. Fault for a value that AWS does not have."""
    wanted = params.get("Durability")
    if not wanted:
        return None
    if wanted not in EFFECTIVE:
        raise invalid_value(f"Invalid value {wanted} for Durability. Must be one of: {', '.join(EFFECTIVE)}")
    return EFFECTIVE[wanted]


def check_durable(spec: Spec) -> None:
    """Fault for a durable group that AWS does not let be."""
    for rule in RULES if spec.durable else ():
        if not rule.holds(spec):
            raise invalid_combination(f"Durability {spec.durability} requires {rule.needs}.")


def next_durability(params: Params, spec: Spec) -> Durability:
    """What a change of a group asks for. To and from `disabled` AWS has let it be changed since October 2026."""
    wanted = asked_durability(params)
    return spec.durability if wanted is None else wanted


def effective(cache: Cache) -> Durability:
    """What is true by now: a group is as durable as it is to be once every node has its log."""
    nodes = cache.status.nodes.values()
    logged = all(known.volume for known in nodes) or cache.status.phase in UNBORN
    return cache.spec.durability if logged else Durability.DISABLED
