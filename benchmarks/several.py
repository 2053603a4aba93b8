"""Several processes at one PostgreSQL: what looking at caches costs there, and the end of an agent."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

from benchmarks.describing import CALLS, CLUSTERS, PAGE, cluster_name, populate
from benchmarks.docker import ask, container_of, docker
from benchmarks.figures import Row, Summary, alternated
from benchmarks.members import Members, database, members
from benchmarks.process import plane as alone
from benchmarks.waiting import milliseconds, until
from benchmarks.wire import Client, request

GROUP = "bench-agents"
BAR = 5000.0  # milliseconds
GLANCE = 0.01  # seconds between two looks


def describing(rounds: int) -> Iterator[Row]:
    """The same looks with either database behind the API."""
    with ExitStack() as stack:
        settings = {"CACHEWRIGHT_DATABASE_URL": stack.enter_context(database())}
        pair = [stack.enter_context(alone("memory", chosen)) for chosen in (settings, {})]
        for served in pair:
            populate(served.client)
            for number in range(CLUSTERS):
                served.await_cluster(cluster_name(number))
        clients = [served.client for served in pair]
        yield _compared(rounds, clients, "one cluster", {"CacheClusterId": cluster_name(CLUSTERS // 2)})
        yield _compared(rounds, clients, f"a page of {PAGE} of {CLUSTERS} clusters", {"MaxRecords": PAGE})


def _compared(rounds: int, pair: list[Client], what: str, params: Mapping[str, str | int]) -> Row:
    wanted = request("DescribeCacheClusters", {"ShowCacheNodeInfo": "true", **params})
    ours, floor = alternated(rounds, *(_calls(client, wanted) for client in pair))
    return Row(f"DescribeCacheClusters on PostgreSQL, {what}", "ms", ours, floor, "on SQLite", 2.0)


def _calls(client: Client, wanted: bytes) -> Callable[[], float]:
    return lambda: milliseconds(lambda: [client.send(wanted) for _ in range(CALLS)]) / CALLS


def agents(rounds: int) -> Iterator[Row]:
    """SIGKILL for the agent of a group and for the group's primary at the same moment: until a write is acknowledged
    at the primary endpoint again.
    """
    with members() as site:
        site.plane.create_group(GROUP)
        endpoint = site.plane.primary_endpoint(GROUP)
        taken = [_lost(site, endpoint) for _ in range(rounds)]
    note = "two agents; a lease lasts 2.5 s"
    yield Row(
        "SIGKILL for an agent and for a primary of its: to the next write",
        "ms",
        Summary(tuple(taken)),
        None,
        "",
        BAR,
        note,
    )


def _lost(site: Members, endpoint: tuple[str, int]) -> float:
    """Milliseconds; everything is whole again afterwards."""
    name = _owner(site)
    primary = container_of(f"{site.plane.primary(GROUP)}.0001")
    until(lambda: _writes(endpoint), "a write", GLANCE)
    site.kill(name)
    docker("kill", primary)
    span = milliseconds(lambda: until(lambda: _writes(endpoint), "a write", GLANCE))
    site.begin(name)
    until(site.are_all_there, "all members", GLANCE)
    site.plane.await_group(GROUP)
    return span


def _owner(site: Members) -> str:
    """The agent that works on the only cache, once all have agreed."""
    until(lambda: any(member["caches"] for member in site.told()), "the agent of the group", GLANCE)
    pids = [member["process"] for member in site.told() if member["caches"]]
    return next(name for name, one in site.agents.items() if one.pid in pids)


def _writes(endpoint: tuple[str, int]) -> bool:
    return ask(*endpoint, "SET written 1").startswith(b"+OK")
