"""Looking at events, of which there are many."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import Row, alternated
from benchmarks.process import data_directory, serving
from benchmarks.waiting import milliseconds
from benchmarks.wire import ACCOUNT, REGION, Client, request

MANY, FEW = 1_000_000, 1_000
SOURCES = 300  # cache clusters that the events are about, in turn
SPAN = timedelta(days=13)  # all of it is within AWS's 14 days
CALLS = 20  # a sample is the mean of so many calls
_COLUMNS = "account, region, source_type, source, message, date"


def listing(rounds: int) -> Iterator[Row]:
    """The newest hundred of all events, and of those of one cache cluster."""
    with ExitStack() as stack:
        pair = [_served(stack, count) for count in (MANY, FEW)]
        yield _compared(rounds, pair, "newest 100", {})
        source: Mapping[str, str | int] = {"SourceType": "cache-cluster", "SourceIdentifier": _source(0)}
        yield _compared(rounds, pair, "those of one source", {**source, "MaxRecords": 20})


def _compared(rounds: int, pair: list[Client], what: str, params: Mapping[str, str | int]) -> Row:
    wanted = request("DescribeEvents", {"Duration": 14 * 24 * 60, **params})
    ours, floor = alternated(rounds, *(_calls(client, wanted) for client in pair))
    return Row(f"DescribeEvents among {MANY:,} events, {what}", "ms", ours, floor, f"among {FEW:,}", 1.5)


def _calls(client: Client, wanted: bytes) -> Callable[[], float]:
    return lambda: milliseconds(lambda: [client.send(wanted) for _ in range(CALLS)]) / CALLS


def _served(stack: ExitStack, count: int) -> Client:
    """A control plane that has seen so many events: its first run makes the database."""
    directory = stack.enter_context(data_directory("memory"))
    with serving(directory, "memory"):
        pass
    _write(directory / "cachewright.db", count)
    return stack.enter_context(serving(directory, "memory")).client


def _write(database: Path, count: int) -> None:
    begin = datetime.now(UTC).replace(tzinfo=None) - SPAN
    rows = (
        (ACCOUNT, REGION, "cache-cluster", _source(number), f"Event {number}", f"{begin + SPAN * (number / count)}")
        for number in range(count)
    )
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany(f"INSERT INTO events ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", rows)


def _source(number: int) -> str:
    return f"c{number % SOURCES:03}"
