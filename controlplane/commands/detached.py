"""`cachewright up --detach` and `cachewright stop`: a control plane that needs no terminal."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cachewright.controlplane import data_directory
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer, asked, url_of
from cachewright.controlplane.server import holder
from cachewright.controlplane.server.holder import Holder
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.locks import Held, locked

PAUSE = 0.02  # seconds between two looks
STARTING = 60.0  # seconds until it serves
ENDING = 60.0  # seconds until it has stopped


class CannotDetach(Exception):  # noqa: N818
    """Why it does not run, or does not stop, in words for the user."""


@dataclass(frozen=True, slots=True)
class Running:
    """A control plane that serves, and where it writes what it has to say."""

    url: str
    process: int
    log: str
    was_there: bool  # before anybody asked for it


def start(settings: Settings, words: Sequence[str]) -> Running:
    """Have one that serves the data directory; `words` are the options of `up`. CannotDetach with what it said when it
    ends instead, or when it does not serve in time.
    """
    directory = settings.data_dir
    try:
        data_directory.make(directory)
        log = directory / data_directory.LOG
        process = None if _is_held(settings) else _started(log, words)
    except OSError as error:
        raise CannotDetach(f"cannot write in the data directory {directory}: {error.strerror or error}") from error
    try:
        found, url = _healthy(settings, process, log)
    except BaseException:
        if process:
            process.terminate()
        raise
    return Running(url, found.process, str(log), was_there=process is None)


def stop(settings: Settings) -> int | None:
    """End whatever serves the data directory, and wait until it has ended; its process. None when nothing did.
    CannotDetach when it cannot be ended from here.
    """
    found: Holder | None = None
    deadline = time.monotonic() + ENDING
    while _is_held(settings):
        if found is None:
            found = _told_to_end(settings)
        if time.monotonic() > deadline:
            remedy = f"kill -9 {found.process}; caches survive that, too"
            raise CannotDetach(f"process {found.process} has not ended within {ENDING:.0f} s; {remedy}")
        time.sleep(PAUSE)
    return found.process if found else None


def _told_to_end(settings: Settings) -> Holder:
    found = _holder(settings)
    if not found:
        raise CannotDetach(f"something else uses the data directory {settings.data_dir}, such as `cachewright down`")
    if not found.is_here:
        raise CannotDetach(f"it runs on {found.machine}, perhaps in a container; stop it there")
    try:
        os.kill(found.process, signal.SIGTERM)
    except OSError as error:
        raise CannotDetach(f"cannot end process {found.process}: {error.strerror}") from error
    return found


def _is_held(settings: Settings) -> bool:
    return _lock(settings) is not None


def _holder(settings: Settings) -> Holder | None:
    return holder.read(_lock(settings) or "")


def _started_holder(settings: Settings, process: int) -> Holder | None:
    """The process that we started, once it has the lock; whoever tried the lock meanwhile could keep it from that."""
    path = settings.data_dir / data_directory.LOCK
    found = holder.read(path.read_text()) if path.exists() else None
    return found if found and found.process == process else None


def _lock(settings: Settings) -> str | None:
    """What the holder of the data directory says of itself; None when nobody holds it."""
    path = settings.data_dir / data_directory.LOCK
    if not path.exists():
        return None
    try:
        with locked(path):
            return None
    except Held as held:
        return str(held)


def _started(log: Path, words: Sequence[str]) -> "subprocess.Popen[bytes]":
    """A process of its own; what the one before said is kept under another name."""
    if log.exists():
        log.replace(log.with_name(data_directory.LOG_BEFORE))
    log.touch(mode=0o600)
    with log.open("ab") as file:
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "cachewright", "up", *words],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )


def _healthy(settings: Settings, process: "subprocess.Popen[bytes] | None", log: Path) -> tuple[Holder, str]:
    """Who serves, and where, once it answers."""
    deadline = time.monotonic() + STARTING
    while time.monotonic() < deadline:
        found = _started_holder(settings, process.pid) if process else _holder(settings)
        if found and not found.is_here:
            raise CannotDetach(f"it runs already, on {found.machine}, perhaps in a container")
        if found and _answers(url := url_of(replace(settings, host=found.host, port=found.port))):
            return found, url
        if process and process.poll() is not None:
            raise CannotDetach(_last_words(log))
        if not process and not found and not _is_held(settings):
            raise CannotDetach("it was just ending; try again")
        time.sleep(PAUSE)
    raise CannotDetach(f"it does not serve within {STARTING:.0f} s; {log} may say why")


def _answers(url: str) -> bool:
    try:
        return bool(asked(ControlPlane(url), "/healthz"))
    except NoAnswer:
        return False


def _last_words(log: Path) -> str:
    """Why it ended, in its own words."""
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1].removeprefix("cachewright: ") if lines else f"it has ended, and {log} does not say why"
