"""A cluster client whose writes count only when a replica has them, too: what it is told to be safe outlives a crash.

`WAIT` speaks of the writes of its own connection, so it has to follow its write at once, wherever that was redirected.
"""

from typing import Any

from redis import Redis
from redis.crc import key_slot
from redis.exceptions import AskError, ConnectionError, MovedError, RedisError  # noqa: A004 - redis-py's own

from tests.e2e.cloud import Place, redis_at
from tests.e2e.sharded import Sharded

HOPS = 5  # redirections of one write
PATIENCE = 500  # milliseconds for a replica to have it


class NotCopiedError(RedisError):
    """No replica has it."""


class Careful:
    """Follows redirections by itself, and begins anew at the entrance after every failure."""

    def __init__(self, group: Sharded) -> None:
        self._entrance, self._options = group.entrance, group.options
        self._clients: dict[Place, Redis] = {}
        self._owners: dict[int, Place] = {}

    def set(self, key: str, value: int) -> None:
        """Write it, until a replica has it. RedisError when it is not known whether that is so."""
        try:
            self._set(key, value)
        except (RedisError, OSError):
            self.close()
            raise

    def close(self) -> None:
        """Hang up, and forget everything."""
        for client in self._clients.values():
            client.close()
        self._clients, self._owners = {}, {}

    def _set(self, key: str, value: int) -> None:
        slot, asking = key_slot(key.encode()), False
        where = self._owners.get(slot, self._entrance)
        for _ in range(HOPS):
            try:
                self._write(where, key, value, asking=asking)
                return
            except MovedError as moved:
                where, asking = (moved.host, moved.port), False
                self._owners[slot] = where
            except AskError as asked:
                where, asking = (asked.host, asked.port), True
        raise ConnectionError(f"cannot write {key}: sent on again and again")

    def _write(self, where: Place, key: str, value: int, *, asking: bool) -> None:
        pipeline = self._client(where).pipeline(transaction=False)
        if asking:
            pipeline.execute_command("ASKING")
        pipeline.set(key, value)
        pipeline.execute_command("WAIT", 1, PATIENCE)
        answers: list[Any] = pipeline.execute(raise_on_error=False)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        if answers[-1] < 1:
            raise NotCopiedError(f"no replica has {key}")

    def _client(self, where: Place) -> Redis:
        if where not in self._clients:
            self._clients[where] = redis_at(where, **self._options)
        return self._clients[where]
