"""`cachewright list`: a line for each cache."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cachewright.controlplane.commands.outline import table
from cachewright.controlplane.commands.seen import place
from cachewright.controlplane.console.seen import CacheSeen, Topology


@dataclass(frozen=True, slots=True)
class Row:
    """What a list says of a cache."""

    id: str
    kind: str
    engine: str
    version: str
    node_type: str
    phase: str
    nodes: int
    endpoint: str  # empty before there is one
    account: str
    region: str


def rows(seen: Topology, account: str) -> Sequence[Row]:
    """Of every cache, or those of an account."""
    return [_row(cache) for cache in seen.caches if account in ("", cache.account)]


def lines(listed: Sequence[Row]) -> Iterator[str]:
    """A table; accounts and regions are among it where there are several."""
    if not listed:
        yield "There is no cache yet; `cachewright create redis NAME` makes one."
        return
    several = len({(row.account, row.region) for row in listed}) > 1
    where = ("ACCOUNT", "REGION") if several else ()
    yield from table(
        ("ID", "ENGINE", "STATUS", "NODES", "ENDPOINT", *where), [_cells(row, several=several) for row in listed]
    )


def _row(cache: CacheSeen) -> Row:
    return Row(
        cache.id,
        cache.kind,
        cache.engine,
        cache.version,
        cache.node_type,
        cache.phase,
        sum(len(shard.nodes) for shard in cache.shards),
        place(cache),
        cache.account,
        cache.region,
    )


def _cells(row: Row, *, several: bool) -> tuple[str, ...]:
    where = (row.account, row.region) if several else ()
    return row.id, f"{row.engine} {row.version}", row.phase, str(row.nodes), row.endpoint or "-", *where
