"""Files that a node writes of everything it holds: RDB, by BGSAVE.

`rdb_last_bgsave_status` does not tell of a save that was ended (by FLUSHALL, by a full copy from another primary), and
is `ok` in a process that never saved. What tells is the moment of the last save that succeeded, in the same process. It
has seconds only, so no save is begun in the second of the one before.
"""

import time
from dataclasses import dataclass
from typing import Any

from redis import Redis

from cachewright.agents.engines.facets import Save
from cachewright.agents.engines.redis.command_line import SCRATCH
from cachewright.agents.engines.redis.connections import Connections, later
from cachewright.agents.planning.containers import File
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later

FILE = f"{SCRATCH}/dump.rdb"  # an engine puts it in the place of the one before once it is whole
LOG = f"{SCRATCH}/appendonly.aof"  # what an engine that logs begins with: a file as above is one, too
EMPTY = b"REDIS0006\xff" + bytes(8)  # of a version that every engine reads, without a checksum
TICK = 0.02  # seconds between two looks at its clock, which it looks at itself ten times a second
SOON = 0.5  # seconds until a node that writes a file for somebody else is asked again


@dataclass(frozen=True, slots=True)
class RedisPersistence:
    """The facet Persistence of Redis and Valkey."""

    connections: Connections

    def begin_save(self, node: Reach) -> Save:
        """BGSAVE. A replica that is being sent a whole copy counts as another save, too."""
        with later(f"cannot have {node} save what it holds"):
            client = self.connections.client(node)
            server, told = _facts(client)
            if told["rdb_bgsave_in_progress"]:
                raise Later(f"cannot have {node} save what it holds: another save is under way", SOON)
            while _seconds_between(told["rdb_last_save_time"], server["lru_clock"]) < 1:
                time.sleep(TICK)
                server, _ = _facts(client)
            client.execute_command("BGSAVE")
            return Save(server["run_id"], told["rdb_last_save_time"])

    def saved(self, node: Reach, save: Save) -> str | None:
        """INFO."""
        with later(f"cannot see whether {node} has saved what it holds"):
            server, told = _facts(self.connections.client(node))
        if server["run_id"] != save.process:
            raise Later(f"cannot have {node} save what it holds: it was started anew meanwhile")
        if told["rdb_bgsave_in_progress"]:
            return None
        if told["rdb_last_bgsave_status"] != "ok":
            raise Later(f"cannot have {node} save what it holds: the engine could not write the file")
        if told["rdb_last_save_time"] == save.last:
            raise Later(f"cannot have {node} save what it holds: somebody ended the save")
        return FILE

    def discarded(self) -> File:
        """A file of no keys: engines cannot be told to remove one."""
        return File(FILE, EMPTY, 0o600)


def _facts(client: Redis) -> tuple[Any, Any]:
    """What it tells about itself, and about saves."""
    pipeline = client.pipeline(transaction=False)
    pipeline.execute_command("INFO", "server")
    pipeline.execute_command("INFO", "persistence")
    server, told = pipeline.execute()
    return server, told


def _seconds_between(moment: int, clock: int) -> int:
    """How many have begun since, by a clock that shows the last 24 bits of Unix time; -1 while that lags behind.

    TIME would tell all of it, but may be renamed.
    """
    return (clock - moment + 1) % (1 << 24) - 1
