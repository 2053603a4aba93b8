"""Processes of containers, seen from this machine: the kernel tells at once what Docker tells with its next second."""

import os
from dataclasses import dataclass
from pathlib import Path

from cachewright.agents.planning.host_usage import HostUsage

PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")  # in a second of CPU time


def cpu_time(pid: int, container: str, proc: Path = PROC) -> int | None:
    """How many nanoseconds a container's process has worked, all its threads; None where it is no process of this
    machine, as with an engine elsewhere or in a virtual machine. `container` is the whole id.
    """
    here = proc / str(pid)
    try:
        if container not in (here / "cgroup").read_text():
            return None
        return sum(int(thread.read_text().split()[0]) for thread in here.glob("task/*/schedstat")) or None
    except (OSError, ValueError, IndexError):
        return None


@dataclass(frozen=True, slots=True)
class Ran:
    """A container's process, and the memory that it may have, in bytes."""

    pid: int
    container: str  # the whole id
    memory_limit: int


def usage(ran: Ran, processors: int, now: float, proc: Path = PROC) -> HostUsage | None:
    """What a container's process takes, with the children that it has had; None where it is no process of this machine.
    `now` is of a clock that nobody sets, in seconds.
    """
    here = proc / str(ran.pid)
    try:
        if ran.container not in (here / "cgroup").read_text():
            return None
        fields = (here / "stat").read_text().rpartition(")")[2].split()
        memory = _kilobytes((here / "status").read_text())
        network = _networks((here / "net" / "dev").read_text())
        return HostUsage(
            cpu_seconds=sum(map(int, fields[11:15])) / _TICKS,
            processor_seconds=now * processors,
            memory=memory["VmRSS"] * 1024,
            memory_limit=ran.memory_limit,
            swap=memory["VmSwap"] * 1024,
            major_faults=int(fields[9]) + int(fields[10]),
            bytes_in=network[0],
            bytes_out=network[8],
            packets_in=network[1],
            packets_out=network[9],
        )
    except (OSError, ValueError, IndexError, KeyError):
        return None


def _kilobytes(status: str) -> dict[str, int]:
    rows = (line.split() for line in status.splitlines() if line.startswith(("VmRSS", "VmSwap")))
    return {row[0].rstrip(":"): int(row[1]) for row in rows}


def _networks(table: str) -> list[int]:
    """The columns of `/proc/net/dev`, added up over all networks but the loopback."""
    rows = (line.partition(":") for line in table.splitlines()[2:])
    columns = [list(map(int, counts.split())) for name, _, counts in rows if name.strip() != "lo"]
    return [sum(column) for column in zip(*columns, strict=True)] or [0] * 16
