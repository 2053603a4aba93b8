"""Keys arrive at their target as the request of a client, and may be larger than what its clients may send."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

# As much as engines take by themselves, in bytes; a key of 256 MB, the largest that moves, passes.
ROOM: Mapping[str, int] = {"client-query-buffer-limit": 1 << 30, "proto-max-bulk-len": 512 << 20}


@contextmanager
def made_room(target: Redis) -> Iterator[None]:
    """Limits that a parameter group sets for clients let every key in for as long as the block lasts. An engine that
    does not know a limit has none.
    """
    narrow = {name: limit for name in ROOM if (limit := _limit(target, name)) and int(limit) < ROOM[name]}
    try:
        for name in narrow:
            target.execute_command("CONFIG", "SET", name, ROOM[name])
        yield
    finally:
        with suppress(RedisError, OSError):  # what went wrong before is the one to tell
            for name, limit in narrow.items():
                target.execute_command("CONFIG", "SET", name, limit)


def _limit(target: Redis, name: str) -> bytes:
    answer: Any = target.execute_command("CONFIG", "GET", name)
    return bytes(answer[1]) if answer else b""
