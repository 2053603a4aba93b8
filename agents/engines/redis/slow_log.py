"""Commands that took long: SLOWLOG.

Entries do not tell whose login a command came from. They tell the name of the connection, so the agent's have one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis
from redis.connection import Connection
from redis.exceptions import RedisError

from cachewright.agents.engines.facets import SlowLogEnd
from cachewright.agents.engines.redis.connections import (
    LOOK_TIMEOUT,
    NAME,
    PING_TIMEOUT,
    Connections,
    borrowed,
    later,
)
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.log_records import SlowEntry

_QUESTIONS = (("INFO", "server"), ("SLOWLOG", "GET", "1"))
_RUN_ID = re.compile(rb"run_id:([0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class RedisSlowLog:
    """The facet SlowLog of Redis and Valkey."""

    connections: Connections

    def end_of_slow_log(self, node: Reach) -> SlowLogEnd | None:
        """SLOWLOG GET 1, and INFO for the process."""
        try:
            with borrowed(self.connections.client(node, LOOK_TIMEOUT)) as connection:
                return _end(connection)
        except (RedisError, OSError):
            return None

    def slow_entries(self, node: Reach, count: int) -> Sequence[SlowEntry]:
        """SLOWLOG GET, which tells the newest first."""
        client: Redis = self.connections.client(node)
        with later(f"cannot read the slow log of {node}"), borrowed(client) as connection:
            connection.send_command("SLOWLOG", "GET", count)
            entries = [_entry(*row[:6]) for row in reversed(connection.read_response())]
        return [entry for entry in entries if entry.name != NAME.encode()]


def _end(connection: Connection) -> SlowLogEnd | None:
    connection.send_packed_command(connection.pack_commands(_QUESTIONS))
    server, newest = (connection.read_response(timeout=PING_TIMEOUT) for _ in _QUESTIONS)
    found = _RUN_ID.search(server)
    return SlowLogEnd(found[1].decode(), int(newest[0][0]) if newest else None) if found else None


def _entry(
    identifier: int, timestamp: int, duration: int, arguments: Sequence[bytes], address: bytes, name: bytes
) -> SlowEntry:
    return SlowEntry(identifier, timestamp, duration, tuple(arguments), address, name)
