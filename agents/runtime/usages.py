"""What containers take of their machine: from the kernel where their processes are this machine's, else from Docker,
whose answer takes a second or two and is waited for by a thread of its own.
"""

import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from typing import Any

from cachewright.agents.planning.host_usage import HostUsage
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.processes import Ran, usage

ASKERS = 4  # threads that wait for Docker; its answers take a second each


class Usages:
    """Remembers which process is which container's. Safe to share among threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ran: dict[str, Ran] = {}
        self._told: dict[str, HostUsage] = {}  # by Docker, of containers elsewhere
        self._asking: set[str] = set()
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(ASKERS, thread_name_prefix="usage")

    def of(self, name: str) -> HostUsage | None:
        """What is known now. Whoever is not known, or no process of this machine, is asked for behind this."""
        ran = self._ran.get(name)
        if ran and (found := usage(ran, os.cpu_count() or 1, time.monotonic())):
            return found
        with self._lock:
            new = name not in self._asking
            self._asking.add(name)
        if new:
            self._pool.submit(self._ask, name)
        return self._told.get(name)

    def forget(self, name: str) -> None:
        """A container is called otherwise: whoever has its name next is another one."""
        self._ran.pop(name, None)
        self._told.pop(name, None)

    def _ask(self, name: str) -> None:
        try:
            self._learn(name)
        except (Later, Never):
            self._ran.pop(name, None)
            self._told.pop(name, None)
        finally:
            with self._lock:
                self._asking.discard(name)

    def _learn(self, name: str) -> None:
        with self._engine.asked(f"look at container {name}", look=True) as client:
            found = client.inspect_container(name)
            ran = Ran(found["State"]["Pid"], found["Id"], found["HostConfig"]["Memory"])
            if usage(ran, 1, 0.0):
                self._ran[name] = ran
                return
            stats = client.stats(name, stream=False, one_shot=True)
        self._told.pop(name, None)
        with suppress(KeyError):  # it does not run, and Docker has nothing to tell of it
            self._told[name] = remote(stats, ran.memory_limit, time.monotonic())


def remote(stats: Mapping[str, Any], memory_limit: int, now: float) -> HostUsage:
    """What Docker's `stats` of a container say; `now` is of a clock that nobody sets. KeyError for one that does not
    run. Of swap it tells nothing: containers have none beside their memory.
    """
    memory, cpu = stats["memory_stats"], stats["cpu_stats"]
    networks = list(stats.get("networks", {}).values())
    cached = memory["stats"].get("inactive_file", memory["stats"].get("total_inactive_file", 0))
    return HostUsage(
        cpu_seconds=cpu["cpu_usage"]["total_usage"] / 1e9,
        processor_seconds=now * cpu["online_cpus"],
        memory=memory["usage"] - cached,
        memory_limit=memory_limit,
        swap=memory["stats"].get("swap", 0),
        major_faults=memory["stats"]["pgmajfault"],
        bytes_in=sum(one["rx_bytes"] for one in networks),
        bytes_out=sum(one["tx_bytes"] for one in networks),
        packets_in=sum(one["rx_packets"] for one in networks),
        packets_out=sum(one["tx_packets"] for one in networks),
    )
