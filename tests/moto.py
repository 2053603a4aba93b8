"""AWS services for tests: moto's server, as a process of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError
from urllib.request import urlopen

from tests.e2e.plane import free_port

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
START = 30.0  # seconds until it has to answer


@contextmanager
def moto() -> Iterator[str]:
    """Its URL; it ends with the block."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(process, f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _await(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + START
    while True:
        assert process.poll() is None, "moto's server has ended"
        try:
            with urlopen(f"{url}/moto-api/", timeout=1):
                return
        except (URLError, TimeoutError, ConnectionError):
            assert time.monotonic() < deadline, "moto's server does not answer"
            time.sleep(0.05)
