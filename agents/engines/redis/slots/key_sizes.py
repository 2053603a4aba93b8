"""How much moves at a time, and what is too large to move at all."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from redis import Redis

KEYS, BYTES = 500, 4 << 20  # of one step, for which the source serves nobody; a single key may be larger
LARGE = 16 << 20  # bytes; it may take a target seconds to take in such a key
OVERSIZED = 256 << 20  # bytes; AWS moves no key that is larger


def at_once(source: Redis) -> int:
    """How many keys may go in one step, by their mean size."""
    mean = _held(source) // max(1, int(source.dbsize()))
    return max(1, min(KEYS, BYTES // max(1, mean)))


def in_one_step(source: Redis, slots: Sequence[int]) -> list[int]:
    """The first of these slots, as many as have few enough keys for one step, with room for those that clients add; one
    at least.
    """
    pipeline = source.pipeline(transaction=False)
    for slot in slots:
        pipeline.execute_command("CLUSTER", "COUNTKEYSINSLOT", slot)
    limit = at_once(source) * 4 // 5
    sums = accumulate(int(count) for count in pipeline.execute())
    return list(slots[: max(1, sum(total <= limit for total in sums))])


def oversized(source: Redis, slots: Sequence[int]) -> dict[int, str]:
    """The slots that cannot move, and why. Few nodes hold enough to have such a key."""
    if _held(source) < OVERSIZED:
        return {}
    found = ((slot, _oversized(source, slot)) for slot in slots)
    return {slot: reason for slot, reason in found if reason}


def has_large(source: Redis, slots: Sequence[int]) -> bool:
    """Whether a key of these slots is so large that the target is silent for long while it comes."""
    return _held(source) >= LARGE and any(size > LARGE for slot in slots for _, size in _sizes(source, slot))


def _held(source: Redis) -> int:
    """Bytes of all keys. Valkey 8 counts too much overhead when there are few, and says 2^64 less the difference."""
    memory: Any = source.info("memory")
    held = int(memory["used_memory_dataset"])
    return held if held < int(memory["used_memory"]) else 0


def _oversized(source: Redis, slot: int) -> str:
    large = [(key, size) for key, size in _sizes(source, slot) if size > OVERSIZED]
    weights = ((key, _weight(source, key, size)) for key, size in large)
    return next((_refusal(slot, key, weight) for key, weight in weights if weight > OVERSIZED), "")


def _sizes(source: Redis, slot: int) -> list[tuple[bytes, int]]:
    """The keys of a slot and the bytes that each takes in memory."""
    count: Any = source.execute_command("CLUSTER", "COUNTKEYSINSLOT", slot)
    keys: Any = source.execute_command("CLUSTER", "GETKEYSINSLOT", slot, count)
    pipeline = source.pipeline(transaction=False)
    for key in keys:
        pipeline.execute_command("MEMORY", "USAGE", key)
    return [(key, size or 0) for key, size in zip(keys, pipeline.execute(), strict=True)]


def _weight(source: Redis, key: bytes, size: int) -> int:
    """Bytes of a key on its way; anything but a string is taken for as large as it is in memory."""
    kind: Any = source.execute_command("TYPE", key)
    length: Any = source.execute_command("STRLEN", key) if kind == b"string" else size
    return int(length)


def _refusal(slot: int, key: bytes, size: int) -> str:
    name = key.decode(errors="backslashreplace")
    return f"cannot move slot {slot}: its key {name} takes {size >> 20} MB, and no key of more than 256 MB moves"
