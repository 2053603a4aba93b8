"""`cachewright up` on the pretend runtime, for commands that ask it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECONDS = 60  # for one command


@dataclass(frozen=True)
class Plane:
    """Where it listens, and its data directory."""

    url: str
    directory: Path


def cachewright(*words: object, settings: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A finished command; `settings` are of its environment."""
    command, own = [sys.executable, "-m", "cachewright", *map(str, words)], {**os.environ, **(settings or {})}
    return subprocess.run(command, env=own, capture_output=True, text=True, check=False, timeout=SECONDS)


@contextmanager
def pretending(directory: Path) -> Iterator[Plane]:
    """It runs in the block, and ends well."""
    with subprocess.Popen(
        [sys.executable, "-m", "cachewright", "up", "--port", "0", "--data-dir", str(directory)],
        env={**os.environ, "CACHEWRIGHT_RUNTIME": "memory"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield Plane(process.stdout.readline().split()[3], directory)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
