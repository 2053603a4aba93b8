"""Keys arrive at their target as the request of a client, and may be larger than what its clients may send."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from redis import Redis
from redis.exceptions import RedisError

from cachewright.agents.engines.facets import Move
from cachewright.controlplane.model.cache import Address

# As much as engines take by themselves, in bytes; a key of 256 MB, the largest that moves, passes.
ROOM: Mapping[str, int] = {"client-query-buffer-limit": 1 << 30, "proto-max-bulk-len": 512 << 20}


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The targets that take keys, and from how many sources at the same time. Thread-safe."""

    _sources: Counter[Address] = field(default_factory=Counter)
    _turns: dict[Address, threading.Lock] = field(default_factory=dict)  # as many as there are addresses

    @contextmanager
    def made_room(self, target: Redis, move: Move) -> Iterator[None]:
        """Limits that are desired for clients let every key in for as long as the block lasts, or that of another
        source. What was found is no matter: an earlier move may have ended without its end.
        """
        narrow = narrower(move.limits)
        if not narrow:
            yield
            return
        turn = self._turns.setdefault(move.address, threading.Lock())
        with turn:
            _set(target, {name: str(ROOM[name]) for name in narrow})
            self._sources[move.address] += 1
        try:
            yield
        finally:
            with turn:
                self._sources[move.address] -= 1
                if not self._sources[move.address]:
                    with suppress(RedisError, OSError):  # what went wrong before is the one to tell
                        _set(target, narrow)


def narrower(limits: Mapping[str, str]) -> Mapping[str, str]:
    """Those of these values of parameters that would keep a key out."""
    return {name: limits[name] for name, room in ROOM.items() if int(limits.get(name, room)) < room}


def restore(client: Redis, limits: Mapping[str, str]) -> None:
    """The desired limits hold again."""
    _set(client, narrower(limits))


def _set(client: Redis, limits: Mapping[str, str]) -> None:
    for name, limit in limits.items():
        client.execute_command("CONFIG", "SET", name, limit)
