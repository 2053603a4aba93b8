"""A KMS for tests: moto's server, as a process of its own."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from botocore.session import Session

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
START = 30.0  # seconds until it has to answer
PROGRAM = "from moto.server import main; main()"


@contextmanager
def kms_server() -> Iterator[str]:
    """Its URL; it ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-c", PROGRAM, "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def client_of(url: str, region: str = "us-east-1") -> Any:  # botocore makes its clients at run time
    """Who makes keys there, and takes them away."""
    own = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return Session().create_client("kms", region_name=region, endpoint_url=url, **own)


def _await(url: str) -> None:
    deadline = time.monotonic() + START
    while True:
        try:
            with urlopen(f"{url}/moto-api/", timeout=1):
                return
        except (URLError, TimeoutError, ConnectionError):
            assert time.monotonic() < deadline, "moto's server does not answer"
            time.sleep(0.05)
