"""The floor of everything that replicates: the docker command, and what Redis is told by hand."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from benchmarks.docker import GLANCE, PORT, Model, ask, run
from benchmarks.waiting import until

_marks = count()


def start(copied: Model, names: Mapping[int, str]) -> None:
    """Start copies, by their numbers, all at once; until each answers PING."""
    with ThreadPoolExecutor(len(names)) as hands:
        list(hands.map(lambda number: run(copied, number, names[number]), names))


def follow(copied: Model, leader: int, followers: Iterable[int]) -> None:
    """REPLICAOF for copies, until everything that is written to the leader arrives at each."""
    source, hosts = copied.address(leader), [copied.address(number) for number in followers]
    for host in hosts:
        ask(host, PORT, f"REPLICAOF {source} {PORT}")
    until(lambda: all(_linked(host) for host in hosts), "replication", GLANCE)
    mark = f"mark-{next(_marks)}"
    ask(source, PORT, f"SET mark {mark}")
    until(lambda: all(_has(host, mark) for host in hosts), "a replicated key", GLANCE)


def _linked(host: str) -> bool:
    return b"master_link_status:up" in ask(host, PORT, "INFO replication")


def _has(host: str, mark: str) -> bool:
    return mark.encode() in ask(host, PORT, "GET mark")
