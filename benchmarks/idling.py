"""What a control plane costs that has nothing to do."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Row, Summary
from benchmarks.process import plane

NODES = 20
WINDOW = 10.0  # seconds of a sample
SETTLING = 5.0  # seconds before the first
_TICK, _PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


def idling(rounds: int) -> Iterator[Row]:
    """Processor and memory, with real containers to look after."""
    with plane() as served:
        for number in range(NODES):
            served.create_cluster(f"idle-{number}")
        time.sleep(SETTLING)
        samples = [_sample(served.pid) for _ in range(rounds)]
    cpu, held = (Summary(tuple(values)) for values in zip(*samples, strict=True))
    note = f"{rounds} windows of {WINDOW:.0f} s"
    yield Row(f"idle with {NODES} nodes: processor", "% of a core", cpu, bar=0.5, note=note)
    yield Row(f"idle with {NODES} nodes: memory (RSS)", "MB", held, bar=85.0, note=note)


def _sample(pid: int) -> tuple[float, float]:
    """Percent of a core over the window, megabytes at its end."""
    before, begin = busy(pid), time.monotonic()
    time.sleep(WINDOW)
    share = (busy(pid) - before) / (time.monotonic() - begin)
    return 100 * share, memory(pid)


def memory(pid: int) -> float:
    """Megabytes of a process that are in memory."""
    return int(_proc(pid, "statm")[1]) * _PAGE / 1e6


def busy(pid: int) -> float:
    """Seconds on a processor so far, of all threads."""
    fields = _proc(pid, "stat")
    return (int(fields[13]) + int(fields[14])) / _TICK


def _proc(pid: int, name: str) -> list[str]:
    return Path(f"/proc/{pid}/{name}").read_text().split()
