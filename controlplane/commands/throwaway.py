"""A control plane of one's own for a while: a process, a free port and a data directory that all go in the end."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

STARTING = 30.0  # seconds until it says where it listens
ENDING = 10.0  # seconds until it has stopped
_KEPT = frozenset({"CACHEWRIGHT_ENDPOINTS"})  # of this machine; everything else is chosen here
_URL = re.compile(r"http://\S+")


class Broken(Exception):  # noqa: N818
    """What went wrong, in words for the user."""


@dataclass(frozen=True, slots=True)
class Plane:
    """A control plane that runs."""

    url: str
    directory: Path
    process: subprocess.Popen[str] = field(repr=False)

    @property
    def last_words(self) -> str:
        """The end of what it logged."""
        return _log(self.directory).read_text()[-1500:].strip()


@contextmanager
def control_plane() -> Iterator[Plane]:
    """Start one on a directory of its own; in the end nothing of it is left. Broken when either fails."""
    with TemporaryDirectory(prefix="cachewright-") as name:
        directory = Path(name, "data")
        directory.mkdir()
        with running(directory) as plane:
            yield plane


@contextmanager
def running(directory: Path, settings: Mapping[str, str] | None = None) -> Iterator[Plane]:
    """Start one on a data directory, with these variables in its environment; in the end stop it and remove everything
    that it owns. Broken when either fails.
    """
    process = _started(directory, settings or {})
    try:
        yield Plane(_listening(process, directory), directory, process)
    finally:
        with _undisturbed():
            _stop(process)
            remove(directory)


def remove(directory: Path) -> list[str]:
    """`cachewright down`; what it told. Broken when something may be left."""
    done = subprocess.run(  # noqa: S603 - our own command
        _command("down", directory), env=environment(os.environ), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Broken(f"cannot remove what is left: {done.stderr.strip()}")
    return done.stdout.splitlines()


def environment(whole: Mapping[str, str]) -> dict[str, str]:
    """An environment without settings that would lead to another database or another runtime."""
    return {name: value for name, value in whole.items() if name in _KEPT or not name.startswith("CACHEWRIGHT_")}


def _command(verb: str, directory: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "cachewright", verb, "--data-dir", str(directory), *options]


def _log(directory: Path) -> Path:
    return directory.with_suffix(".log")


def _started(directory: Path, settings: Mapping[str, str]) -> subprocess.Popen[str]:
    with _log(directory).open("w") as log:
        return subprocess.Popen(  # noqa: S603 - our own command
            _command("up", directory, "--port", "0"),
            env={**environment(os.environ), **settings},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # Ctrl-C is for us: we stop it when everything is deleted
        )


def _listening(process: subprocess.Popen[str], directory: Path) -> str:
    """Where it listens: its first line says so, once connections are accepted."""
    assert process.stdout
    giving_up = Timer(STARTING, process.kill)
    giving_up.start()
    try:
        found = _URL.search(process.stdout.readline())
    finally:
        giving_up.cancel()
    if not found:
        raise Broken(f"the control plane does not start: {_log(directory).read_text().strip() or 'no answer'}")
    return found.group()


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(ENDING)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdout
    process.stdout.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Another Ctrl-C does not keep the end from being clean."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
