"""Control planes of our own: a process, a free port, a directory that is thrown away with everything that it owns."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.plane import Plane
from benchmarks.waiting import CannotMeasure, until
from benchmarks.wire import HOST, Client

STOPPING = 15.0  # seconds
GLANCE = 0.002  # seconds between two attempts to be served
CACHEWRIGHT = (sys.executable, "-m", "cachewright")

_USUAL: Mapping[str, str] = {}  # every setting as it is without being chosen
_HEALTH = f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


@contextmanager
def plane(runtime: str = "docker", settings: Mapping[str, str] = _USUAL) -> Iterator[Plane]:
    """A control plane that serves; at the end nothing of it is left."""
    with data_directory(runtime) as directory, serving(directory, runtime, settings) as served:
        yield served


@contextmanager
def data_directory(runtime: str = "docker") -> Iterator[Path]:
    """A directory for control planes; at the end it is removed with everything that it owns."""
    with TemporaryDirectory(prefix="cachewright-bench-") as name:
        directory = Path(name)
        try:
            yield directory
        finally:
            down(directory, runtime)


def down(directory: Path, runtime: str = "docker") -> None:
    """Remove everything that a data directory owns; CannotMeasure when that fails."""
    command = [*CACHEWRIGHT, "down", "--data-dir", str(directory)]
    done = subprocess.run(command, env=_environment(runtime), capture_output=True, check=False, text=True)
    if done.returncode != 0:
        raise CannotMeasure(f"cannot clean up {directory}: {done.stderr.strip()}")


@contextmanager
def serving(directory: Path, runtime: str = "docker", settings: Mapping[str, str] = _USUAL) -> Iterator[Plane]:
    """A control plane on a data directory, from its first answer until it has ended."""
    port = free_port()
    command = [*CACHEWRIGHT, "up", "--port", str(port), "--data-dir", str(directory)]
    client = Client(port)
    with running(command, {**_environment(runtime), **settings}) as process:
        await_answer(client, _HEALTH, process)
        try:
            yield Plane(client, process.pid)
        finally:
            client.close()


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A process; it is asked to end at the end, and killed when it does not."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def await_answer(client: Client, wanted: bytes, process: subprocess.Popen[bytes]) -> None:
    """Ask a process that is starting until it answers 200."""

    def answered() -> bool:
        if process.poll() is not None:
            raise CannotMeasure(f"cannot start {process.args!r}: exit status {process.returncode}")
        try:
            return client.exchange(wanted)[0] == 200
        except ConnectionError:
            return False

    until(answered, "the first answer", GLANCE)


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.create_server((HOST, 0)) as door:
        return int(door.getsockname()[1])


def _environment(runtime: str) -> dict[str, str]:
    """This process's own, but for what the user has chosen for Cachewright."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("CACHEWRIGHT_")}
    return others | {"CACHEWRIGHT_RUNTIME": runtime}
