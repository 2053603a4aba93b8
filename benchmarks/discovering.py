"""`config get cluster` at the configuration endpoint of a Memcached cluster."""

import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from benchmarks.figures import Row, alternated
from benchmarks.plane import Plane
from benchmarks.process import plane
from benchmarks.waiting import CannotMeasure, milliseconds
from benchmarks.wire import request, told

CLIENTS = 20
ASKED = 1000  # times by each client, one after another
NODES = 10
NAME = "bench-discovery"
BAR = 1_000_000 / 5_000  # microseconds from one answer to the next, over all clients
_QUESTION, _END = b"config get cluster\r\n", b"\n\r\nEND\r\n"


def discovering(rounds: int) -> Iterator[Row]:
    """Many clients that ask and wait for the answer. They share the processors with the directory and the gateway."""
    with plane() as served, ExitStack() as stack:
        where = _configuration(served)
        clients = [stack.enter_context(socket.create_connection(where)) for _ in range(CLIENTS)]
        pool = stack.enter_context(ThreadPoolExecutor(CLIENTS))
        (ours,) = alternated(rounds, lambda: _per_answer(clients, pool))
    note = f"{1_000_000 / ours.median:,.0f} per second; each lists {NODES} nodes"
    yield Row(f"`config get cluster`, {CLIENTS} connections, from answer to answer", "µs", ours, bar=BAR, note=note)


def _configuration(served: Plane) -> tuple[str, int]:
    asked: Mapping[str, str | int] = {"Engine": "memcached", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": NODES}
    served.client.call("CreateCacheCluster", {"CacheClusterId": NAME, **asked})
    served.await_cluster(NAME)
    body = served.client.send(request("DescribeCacheClusters", {"CacheClusterId": NAME}))
    endpoint = body.partition(b"<ConfigurationEndpoint>")[2]
    return told(endpoint, "Address"), int(told(endpoint, "Port"))


def _per_answer(clients: list[socket.socket], pool: ThreadPoolExecutor) -> float:
    took = milliseconds(lambda: list(pool.map(_ask, clients)))
    return took * 1000 / (CLIENTS * ASKED)


def _ask(client: socket.socket) -> None:
    for _ in range(ASKED):
        client.sendall(_QUESTION)
        heard = b""
        while not heard.endswith(_END):
            if not (more := client.recv(1 << 16)):
                raise CannotMeasure("cannot ask the configuration endpoint: it hung up")
            heard += more
