"""Runs of tests: each has a directory with a control plane, which lives for as long as a process of the run does.

Whoever takes part in a run holds a lock that the kernel frees at its end, however that comes. A process beside them,
the guardian, keeps the control plane, and removes it with all that it owns when the last lock is free. What a guardian
leaves that was killed itself is removed by the next run.
"""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import IO, Any

from cachewright.controlplane.commands.throwaway import Broken, remove

PAUSE = 0.02  # seconds between two looks
STARTING = 60.0  # seconds until a control plane listens
_GUARD, _DOOR, _USERS, _URL, _FAILURE, _DATA = "guardian", "door", "users", "url", "failure", "data"


@dataclass(frozen=True, slots=True)
class Run:
    """The directory of a run. All methods may be called by any process."""

    directory: Path

    @property
    def data(self) -> Path:
        """The data directory of its control plane."""
        return self.directory / _DATA

    @contextmanager
    def door(self) -> Iterator[None]:
        """Nobody else comes or goes meanwhile."""
        with _locked(self.directory.with_suffix(f".{_DOOR}")):
            yield

    def guarded(self) -> IO[str] | None:
        """The lock of the guardian, which is whoever holds it; None when somebody else does."""
        return _lock(self.directory / _GUARD)

    def is_used(self) -> bool:
        """Whether anybody takes part in it."""
        return any(not _is_free(user) for user in (self.directory / _USERS).glob("*"))

    def tell(self, url: str) -> None:
        """Let everybody know where the control plane listens."""
        _write(self.directory / _URL, url)

    def give_up(self, reason: str) -> None:
        """Let everybody know why there is no control plane."""
        _write(self.directory / _FAILURE, reason)

    def join(self, settings: Mapping[str, str]) -> IO[str]:
        """Take part in it until the lock that comes back is closed; the first one has the control plane started."""
        with self.door():
            (self.directory / _USERS).mkdir(parents=True, exist_ok=True)
            self.data.mkdir(exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.directory / _USERS)
            os.close(handle)
            lock = _lock(Path(name))
            assert lock, "it was made a moment ago"
            if guard := self.guarded():
                guard.close()
                self._start_guardian(settings)
            return lock

    def url(self) -> str:
        """Where its control plane listens, once it does; Broken when it does not start."""
        deadline = time.monotonic() + STARTING
        while time.monotonic() < deadline:
            with suppress(FileNotFoundError):
                return (self.directory / _URL).read_text()
            with suppress(FileNotFoundError):
                raise Broken((self.directory / _FAILURE).read_text())
            time.sleep(PAUSE)
        raise Broken(f"the control plane of {self.directory} does not start")

    def sweep(self) -> None:
        """Remove everything that is left of it, if nobody uses it any more."""
        with self.door():
            guard = self.guarded() if self.directory.is_dir() else None
            if guard is None:
                return
            with guard:
                if not self.is_used():
                    remove(self.data)
                    self.clear()

    def clear(self) -> None:
        """Remove the directory, in which nothing is of use any more."""
        rmtree(self.directory)
        self.directory.with_suffix(f".{_DOOR}").unlink(missing_ok=True)

    def _start_guardian(self, settings: Mapping[str, str]) -> None:
        guard = (self.directory / _GUARD).open("w")
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        words = (str(self.directory), str(guard.fileno()), json.dumps(dict(settings)))
        with guard, (self.directory / "guardian.log").open("w") as log:
            subprocess.run(  # noqa: S603 - our own command
                [sys.executable, "-m", "cachewright.testing.guardian", *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[guard.fileno()],
                start_new_session=True,  # Ctrl-C is for the tests
                check=True,
            )


def root() -> Path:
    """Where the runs of this user are; Broken when it is somebody else's."""
    directory = Path(tempfile.gettempdir(), f"cachewright-testing-{os.getuid()}")
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise Broken(f"{directory} is not this user's alone")
    return directory


def sweep(directory: Path) -> None:
    """Remove what runs have left whose guardians were killed."""
    for leftover in directory.iterdir():
        if leftover.is_dir():
            Run(leftover).sweep()


def _write(path: Path, text: str) -> None:
    """Nobody reads half of it."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(path)


def _lock(path: Path) -> IO[str] | None:
    file: IO[str] = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _is_free(path: Path) -> bool:
    try:
        lock = _lock(path)
    except FileNotFoundError:
        return True
    if lock is None:
        return False
    lock.close()
    return True


@contextmanager
def _locked(path: Path) -> Iterator[Any]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
