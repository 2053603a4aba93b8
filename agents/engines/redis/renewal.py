"""An engine whose process begins anew, in the same container and under the same number.

`DEBUG CRASH-AND-RECOVER` closes every connection, saves nothing, and has the kernel put the program in the place of
itself (`execve`), with its first command line. Nothing of a process survives that but what it wrote to files.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as Ended
from redis.exceptions import RedisError

from cachewright.agents.engines.redis.command_line import DEBUG_FROM
from cachewright.agents.engines.redis.connections import LOOK_TIMEOUT, Connections, borrowed, later
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later

PATIENCE = 2.0  # seconds for a process to listen
POLL = 0.005  # seconds between two looks at one that does not listen yet


def renewable(command: Sequence[str], version: tuple[int, ...]) -> tuple[str, ...]:
    """The command line of a node that can be told to begin anew by whoever may say DEBUG, which is the agent. It has to
    begin in the directory of its program: an engine takes the first word for a path that leads on from there.
    """
    return (*command, "--enable-debug-command", "yes") if version >= DEBUG_FROM else tuple(command)


@dataclass(frozen=True, slots=True)
class RedisRenewal:
    """The facet Renewal of Redis and Valkey."""

    connections: Connections

    def renew(self, node: Reach) -> None:
        """See Renewal. An engine that refuses says so; one that does it ends the connection."""
        with later(f"cannot begin {node} anew"):
            client = self.connections.client(node)
            before = self._facts(client)
            if before["latest_fork_usec"]:
                raise Later(f"cannot begin {node} anew: it may have written files")
            with suppress(Ended), borrowed(client) as connection:
                connection.send_command("DEBUG", "CRASH-AND-RECOVER")
                connection.read_response()
        self.connections.disconnect(node.address)
        deadline = time.monotonic() + PATIENCE
        while (now := self._seen(node)) is None or now["run_id"] == before["run_id"]:
            if time.monotonic() > deadline:
                raise Later(f"cannot begin {node} anew: it does not listen after {PATIENCE:.0f} s")
            time.sleep(POLL)
        if now["loading"] or any(name.startswith("db") and name[2:].isdigit() for name in now):
            raise Later(f"cannot begin {node} anew: it has begun with a file")

    def _seen(self, node: Reach) -> Mapping[str, Any] | None:
        """What the process tells of itself; None while none listens."""
        with suppress(RedisError, OSError):
            return self._facts(self.connections.client(node, LOOK_TIMEOUT))
        return None

    def _facts(self, client: Redis) -> Mapping[str, Any]:
        facts: Mapping[str, Any] = client.execute_command("INFO")
        return facts
