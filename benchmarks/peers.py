"""What a peer can do as well, in the same run: ministack, an emulator of many AWS services.

It is installed apart from everything else, and its nodes run the engine that ours run.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.docker import ask, docker, model
from benchmarks.figures import Row, Summary, alternated
from benchmarks.idling import NODES, memory
from benchmarks.plane import Plane
from benchmarks.process import await_answer, data_directory, free_port, plane, running, serving
from benchmarks.waiting import CannotMeasure, milliseconds, until
from benchmarks.wire import Client, request, told

PEER, VERSION = "ministack", "1.5.33"
PREFIX = "cachewright-bench"  # of the images that it looks for: nobody else takes them for an engine's
IMAGE = f"{PREFIX}/redis:7-alpine"  # what it runs as Redis 7
GLANCE = 0.002  # seconds between two PINGs
_HOME = Path("build", "peers")
_LOOK = request("DescribeCacheClusters", {})


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, while it serves."""

    served: Plane

    def create(self, name: str) -> None:
        """One small Redis node, until it is available and answers PING where Describe says."""
        self.served.create_cluster(name)
        host, port = self.place(name)
        until(lambda: b"PONG" in ask(host, port, "PING"), f"a PING of {name}", GLANCE)

    def place(self, name: str) -> tuple[str, int]:
        """Where the node of a cluster answers."""
        asked = {"CacheClusterId": name, "ShowCacheNodeInfo": "true"}
        endpoint = self.served.client.call("DescribeCacheClusters", asked).partition(b"<CacheNodes>")[2]
        return told(endpoint, "Address"), int(told(endpoint, "Port"))


def compared(rounds: int) -> Iterator[Row]:
    """Start, create, memory. No bars: the floor is the peer, and it does less."""
    peer, floor_is = _installed(), f"{PEER} {VERSION}"
    with data_directory() as past:
        ours, theirs = alternated(rounds, lambda: _start(past), lambda: _their_start(peer))
    yield Row("from the command to the first answer to DescribeCacheClusters", "ms", ours, theirs, floor_is)
    with ExitStack() as stack:
        us = Side(stack.enter_context(plane()))
        us.create("bench-model")
        stack.enter_context(_image(model("bench-model.0001").image))
        them, names = Side(stack.enter_context(_serving(peer))), (f"peer-{number}" for number in count())
        ours, theirs = alternated(rounds, lambda: _create(us, next(names)), lambda: _create(them, next(names)))
        yield Row("CreateCacheCluster, one Redis node, until PING", "ms", ours, theirs, floor_is)
        for number in range(NODES):
            us.create(f"idle-{number}")
            them.create(f"idle-{number}")
        ours, theirs = (Summary((memory(side.served.pid),)) for side in (us, them))
        for number in range(NODES):
            them.served.delete("CacheCluster", f"idle-{number}")
        until(lambda: not docker("ps", "-aq", "--filter", f"ancestor={IMAGE}"), "the end of the peer's nodes", GLANCE)
    yield Row(f"memory with {NODES} nodes (RSS)", "MB", ours, theirs, floor_is)


def _create(side: Side, name: str) -> float:
    took = milliseconds(lambda: side.create(name))
    side.served.delete("CacheCluster", name)
    return took


def _start(past: Path) -> float:
    begin = time.perf_counter()
    with serving(past) as served:
        served.client.send(_LOOK)
        return (time.perf_counter() - begin) * 1000


def _their_start(peer: Path) -> float:
    begin = time.perf_counter()
    with _serving(peer):
        return (time.perf_counter() - begin) * 1000


@contextmanager
def _serving(peer: Path) -> Iterator[Plane]:
    """The peer, from its first answer until it has ended."""
    client = Client(free_port())
    with TemporaryDirectory(prefix="cachewright-bench-") as home, ExitStack() as stack:
        others = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK_"))}
        ports = {"GATEWAY_PORT": str(client.port), "ELASTICACHE_BASE_PORT": str(free_port())}
        own = {"HOME": home, "MINISTACK_IMAGE_PREFIX": PREFIX, **ports}
        process = stack.enter_context(running([str(peer)], others | own))
        stack.callback(client.close)
        await_answer(client, _LOOK, process)
        yield Plane(client, process.pid)


@contextmanager
def _image(ours: str) -> Iterator[None]:
    """The image that the peer asks for, made of ours, so that both start the same engine."""
    recipe = f'FROM {ours}\nENTRYPOINT []\nCMD ["redis-server", "--protected-mode", "no", "--save", ""]\n'
    with TemporaryDirectory(prefix="cachewright-bench-") as context:
        Path(context, "Dockerfile").write_text(recipe)
        docker("build", "--quiet", "--force-rm", "--tag", IMAGE, context)
    try:
        yield
    finally:
        docker("rmi", IMAGE)


def _installed() -> Path:
    """The peer's command, in an environment of its own."""
    command = _HOME / "bin" / PEER
    wanted = [f"{PEER}=={VERSION}", "docker"]
    steps = [[sys.executable, "-m", "venv", str(_HOME)], [str(_HOME / "bin" / "pip"), "install", "-q", *wanted]]
    for step in steps:
        done = subprocess.run(step, capture_output=True, check=False, text=True)
        if done.returncode:
            raise CannotMeasure(f"cannot install {PEER}: {done.stderr.strip()[-500:]}")
    return command.absolute()
