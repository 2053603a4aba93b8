"""From `cachewright up` to the first answer, against importing what it is made of."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.figures import Row, alternated
from benchmarks.process import CACHEWRIGHT, data_directory, plane, serving
from benchmarks.waiting import milliseconds
from benchmarks.wire import HOST

LIBRARIES = "fastapi, sqlalchemy, docker, botocore"
LIGHT = ("status", "list", "env")
NODES, GROUPS = 100, 20  # that are shown


def starting(rounds: int) -> Iterator[Row]:
    """With and without a past."""
    with data_directory() as past:
        known, fresh, floor = alternated(rounds, lambda: _start(past), _start_afresh, _imports)
    floor_is = f'`python -c "import {LIBRARIES}"`'
    yield Row("`cachewright up` until `/healthz` answers", "ms", known, floor, floor_is, 0.6)
    yield Row("the same in a new data directory", "ms", fresh, floor, floor_is)
    with plane("memory") as served:
        for number in range(GROUPS):
            served.create_group(f"seen-{number}", {"NumCacheClusters": NODES // GROUPS})
        where = ["--url", f"http://{HOST}:{served.client.port}"]
        *ours, floor = alternated(
            rounds,
            *(partial(_run, [*CACHEWRIGHT, command, *where]) for command in LIGHT),
            lambda: _run([sys.executable, "-c", "pass"]),
        )
    for command, taken in zip(LIGHT, ours, strict=True):
        yield Row(f"`cachewright {command}` with {NODES} nodes", "ms", taken, floor, "`python -c pass`", 12.0)


def _start(directory: Path) -> float:
    begin = time.perf_counter()
    with serving(directory):
        return (time.perf_counter() - begin) * 1000


def _start_afresh() -> float:
    with data_directory() as directory:
        return _start(directory)


def _imports() -> float:
    return _run([sys.executable, "-c", f"import {LIBRARIES}"])


def _run(command: Sequence[str]) -> float:
    """Milliseconds until it has ended well."""
    return milliseconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
