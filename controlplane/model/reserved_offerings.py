"""What can be reserved: an offering for each engine, node type, duration and way to pay.

AWS's prices are not published with its API, and nobody pays here: those of this catalogue are made up. They follow from
the memory of the node type by the rates below, so that they are plausible, in proportion, and the same at all times.
Source of durations and ways to pay: the API reference of DescribeReservedCacheNodesOfferings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from types import MappingProxyType

from cachewright.controlplane.model.node_types import NODE_TYPES, NodeType
from cachewright.controlplane.model.scaling import family, runs_on
from cachewright.controlplane.model.versions import VERSIONS, Engine

YEAR = 31_536_000  # seconds, as AWS counts it
DURATIONS: Mapping[str, int] = {"1": YEAR, "3": 3 * YEAR, str(YEAR): YEAR, str(3 * YEAR): 3 * YEAR}

_HOURS = YEAR // 3600
_DOLLARS = 0.025  # of an hour on demand, for each GiB
_GIB = 1024**3
_OLD = frozenset({"t1", "m1", "m2", "m3", "c1", "r3"})  # families that are paid for in the old ways


@dataclass(frozen=True, slots=True)
class Offering:
    """One row. Prices in dollars: `fixed` at once, `usage` for an hour that is used, `hourly` for every hour."""

    id: str
    node_type: str
    duration: int  # seconds
    product: str  # the engine
    type: str
    fixed: float
    usage: float
    hourly: float


@dataclass(frozen=True, slots=True)
class _Rate:
    """A way to pay: what is left of the price on demand with it, by years; and the share that is paid at each time."""

    left: Mapping[int, float]
    fixed: float
    usage: float
    hourly: float


_NEW: Mapping[str, _Rate] = {
    "All Upfront": _Rate({1: 0.64, 3: 0.43}, 1, 0, 0),
    "No Upfront": _Rate({1: 0.68, 3: 0.48}, 0, 0, 1),
    "Partial Upfront": _Rate({1: 0.65, 3: 0.45}, 0.5, 0, 0.5),
}
_FORMER: Mapping[str, _Rate] = {
    "Heavy Utilization": _Rate({1: 0.65, 3: 0.45}, 0.5, 0, 0.5),
    "Light Utilization": _Rate({1: 0.80, 3: 0.65}, 0.2, 0.8, 0),
    "Medium Utilization": _Rate({1: 0.72, 3: 0.55}, 0.4, 0.6, 0),
}
TYPES = frozenset({*_NEW, *_FORMER})


@cache
def offerings() -> Mapping[str, Offering]:
    """All of them by id, in the order of the ids. An id stays the same for ever."""
    every = (each for engine in Engine for row in NODE_TYPES if _offered(engine, row) for each in _of(engine, row))
    return MappingProxyType({offering.id: offering for offering in sorted(every, key=lambda each: each.id)})


def _offered(engine: Engine, row: NodeType) -> bool:
    """Valkey came long after the node types that are paid for in the old ways."""
    versions = [release for release in VERSIONS if release.engine is engine]
    fits = any(runs_on(release, row) for release in versions)
    return fits and not (engine is Engine.VALKEY and family(row) in _OLD)


def _of(engine: Engine, row: NodeType) -> Iterator[Offering]:
    on_demand = _DOLLARS * row.maxmemory / _GIB
    for kind, rate in (_FORMER if family(row) in _OLD else _NEW).items():
        for years, left in rate.left.items():
            price = on_demand * left
            yield Offering(
                _id(f"{engine} {row.name} {years} {kind}"),
                row.name,
                years * YEAR,
                engine.value,
                kind,
                fixed=float(round(price * rate.fixed * _HOURS * years)),
                usage=round(price * rate.usage, 4),
                hourly=round(price * rate.hourly, 4),
            )


def _id(name: str) -> str:
    """In the form of a UUID, as AWS has them."""
    digits = sha256(name.encode()).hexdigest()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))
