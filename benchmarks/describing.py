"""Looking at caches, against moto's server."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

from benchmarks.figures import Row, alternated
from benchmarks.process import await_answer, free_port, plane, running
from benchmarks.waiting import milliseconds
from benchmarks.wire import Client, request

CLUSTERS = 300  # as many as ElastiCache allows in a region
PAGE = 100
CALLS = 50  # a sample is the mean of so many calls


def describing(rounds: int) -> Iterator[Row]:
    """One cluster, and a page of many."""
    with ExitStack() as stack:
        pair = _ours(stack), _motos(stack)
        yield _compared(rounds, pair, "one cluster", {"CacheClusterId": cluster_name(CLUSTERS // 2)})
        yield _compared(rounds, pair, f"a page of {PAGE} of {CLUSTERS} clusters", {"MaxRecords": PAGE})


def _compared(rounds: int, pair: tuple[Client, Client], name: str, params: Mapping[str, str | int]) -> Row:
    wanted = request("DescribeCacheClusters", {"ShowCacheNodeInfo": "true", **params})
    ours, floor = alternated(rounds, *(_calls(client, wanted) for client in pair))
    note = "answers of {:.1f} kB, moto {:.1f} kB".format(*(len(client.send(wanted)) / 1000 for client in pair))
    return Row(f"DescribeCacheClusters, {name}", "ms", ours, floor, "moto_server", 0.8, note)


def _calls(client: Client, wanted: bytes) -> Callable[[], float]:
    return lambda: milliseconds(lambda: [client.send(wanted) for _ in range(CALLS)]) / CALLS


def _ours(stack: ExitStack) -> Client:
    served = stack.enter_context(plane("memory"))
    populate(served.client)
    for number in range(CLUSTERS):
        served.await_cluster(cluster_name(number))
    return served.client


def _motos(stack: ExitStack) -> Client:
    client = Client(free_port())
    command = [sys.executable, "-c", "from moto.server import main; main()", "--port", str(client.port)]
    process = stack.enter_context(running(command))
    stack.callback(client.close)
    await_answer(client, request("DescribeCacheClusters", {}), process)
    populate(client)
    return client


def populate(client: Client) -> None:
    """Ask for all clusters."""
    small: Mapping[str, str | int] = {"Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1}
    for number in range(CLUSTERS):
        client.call("CreateCacheCluster", {"CacheClusterId": cluster_name(number), **small})


def cluster_name(number: int) -> str:
    """One of them."""
    return f"c{number:03}"
