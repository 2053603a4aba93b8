"""From `cachewright up` to the first answer, against importing what it is made of."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Row, alternated
from benchmarks.process import data_directory, serving
from benchmarks.waiting import milliseconds

LIBRARIES = "fastapi, sqlalchemy, docker, botocore"


def starting(rounds: int) -> Iterator[Row]:
    """With and without a past."""
    with data_directory() as past:
        known, fresh, floor = alternated(rounds, lambda: _start(past), _start_afresh, lambda: milliseconds(_imports))
    floor_is = f'`python -c "import {LIBRARIES}"`'
    yield Row("`cachewright up` until `/healthz` answers", "ms", known, floor, floor_is, 2.0)
    yield Row("the same in a new data directory", "ms", fresh, floor, floor_is)


def _start(directory: Path) -> float:
    begin = time.perf_counter()
    with serving(directory):
        return (time.perf_counter() - begin) * 1000


def _start_afresh() -> float:
    with data_directory() as directory:
        return _start(directory)


def _imports() -> None:
    subprocess.run([sys.executable, "-c", f"import {LIBRARIES}"], check=True)
