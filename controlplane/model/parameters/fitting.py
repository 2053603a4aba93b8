"""Which values do not go together, or not with a node type, although each is allowed.

Source: the ElastiCache user guide, "Data tiering" and "Memcached engine versions", 1.4.33.
"""

from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.faults import invalid_combination
from cachewright.controlplane.model.node_types import MIB
from cachewright.controlplane.model.parameters import effective
from cachewright.controlplane.model.parameters.refusals import objections
from cachewright.controlplane.model.scaling import TIERED
from cachewright.controlplane.model.versions import Engine

TIERED_POLICIES = ("volatile-lru", "allkeys-lru", "volatile-lfu", "allkeys-lfu", "noeviction")
ITEMS_AT_LEAST = 4  # of the largest size that must fit into a Memcached node


def check_fit(spec: Spec) -> None:
    """Fault when a cache cannot have the values that its parameter group sets."""
    check_combination(spec)
    for words in objections(effective(spec)):
        raise invalid_combination(words)


def check_combination(spec: Spec) -> None:
    """Fault when values do not go together. A group may set them, one after the other: AWS says so to its caches."""
    values = effective(spec)
    if spec.node_type.startswith(TIERED) and values["maxmemory-policy"] not in TIERED_POLICIES:
        raise invalid_combination(
            f"The maxmemory-policy {values['maxmemory-policy']} is not supported with data tiering."
        )
    if spec.engine is Engine.MEMCACHED and "slab_chunk_max" in values:
        _check_chunks({name: int(values[name]) for name in ("slab_chunk_max", "max_item_size")})
        _check_largest_item(
            int(values["max_item_size"]),
            (int(values["max_cache_memory"]) - int(values["memcached_connections_overhead"])) * MIB,
        )


def _check_chunks(values: dict[str, int]) -> None:
    chunk, item = values["slab_chunk_max"], values["max_item_size"]
    if chunk > item:
        raise invalid_combination(f"slab_chunk_max {chunk} must not be greater than max_item_size {item}.")
    if item % chunk:
        raise invalid_combination(f"max_item_size {item} must be a multiple of slab_chunk_max {chunk}.")


def _check_largest_item(item: int, memory: int) -> None:
    if item * ITEMS_AT_LEAST > memory:
        raise invalid_combination(
            f"max_item_size {item} must not be greater than a quarter of max_cache_memory without"
            " memcached_connections_overhead."
        )
