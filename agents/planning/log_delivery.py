"""What of a log is to be read next, and how records leave. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cachewright.agents.planning.log_records import Record
from cachewright.controlplane.model.log_delivery import DestinationType

MOST = 10_000  # entries or lines that are read of a node at a time: of a slow log that has more, the newest
DAY = 24 * 60 * 60 * 1000  # milliseconds

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SlowPosition:
    """How far a node's slow log is delivered."""

    process: str  # names the process that counts
    id: int  # of the last entry

    def __str__(self) -> str:
        return f"{self.process} {self.id}"


def slow_position(written: str) -> SlowPosition | None:
    """What was written; None when that says nothing."""
    process, _, number = written.partition(" ")
    return SlowPosition(process, int(number)) if number.isdigit() else None


def missing(end: SlowPosition | None, reached: SlowPosition | None) -> int:
    """How many of the newest entries are still to be read. Ids count from 0 in each process; one that is lower than
    before counts anew, too.
    """
    if end is None:
        return 0
    if reached is None or reached.process != end.process or end.id < reached.id:
        return min(end.id + 1, MOST)
    return min(end.id - reached.id, MOST)


@dataclass(frozen=True, slots=True)
class Item:
    """A record, and how far its log is delivered with it; None: nothing is delivered of this part of the log."""

    record: Record | None
    position: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a service takes in one request, in records and in bytes, each of which counts for some more."""

    records: int
    size: int
    extra: int


# Source: the API references of PutLogEvents and of PutRecordBatch.
LIMITS: Mapping[DestinationType, Limits] = {
    DestinationType.CLOUDWATCH_LOGS: Limits(10_000, 1_048_576, 26),
    DestinationType.FIREHOSE: Limits(500, 4 << 20, 1),
}


def batches(items: Sequence[Item], limits: Limits) -> Iterator[list[Item]]:
    """In order, as much as a request takes; what is in one is of one day, as CloudWatch wants it."""
    batch: list[Item] = []
    count = size = 0
    first: int | None = None
    for item in items:
        length = len(item.record.text.encode()) + limits.extra if item.record else 0
        moment = item.record.moment if item.record else None
        over = count + 1 > limits.records or size + length > limits.size
        if batch and moment is not None and (over or abs(moment - (moment if first is None else first)) >= DAY):
            yield batch
            batch, count, size, first = [], 0, 0, None
        batch.append(item)
        if moment is not None:
            count, size, first = count + 1, size + length, moment if first is None else first
    if batch:
        yield batch


def in_order(records: Sequence[Record]) -> list[Record]:
    """As CloudWatch wants them: the earliest first."""
    return sorted(records, key=lambda record: record.moment)


def backoff(failures: int) -> float:
    """Seconds until a destination is tried again that has failed so often."""
    return min(60.0, 2.0 ** (failures - 1))
