"""The topology on a terminal."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from cachewright.controlplane.commands.board import board
from cachewright.controlplane.commands.demo import events, going_on
from cachewright.controlplane.console.seen import CacheSeen, EndpointSeen, NodeSeen, ShardSeen, Topology
from tests.api.world import START

PRIMARY = NodeSeen("rg-001.0001", "primary", "available", "10.200.4.0:6379", "redis 7.0.15", "us-east-1a")
REPLICA = NodeSeen("rg-002.0001", "replica", "modifying", "10.200.4.1:6379", "redis 7.0.15", "us-east-1b")
GROUP = CacheSeen(
    account="000000000000",
    region="us-east-1",
    kind="replication-group",
    id="rg",
    phase="available",
    reason="",
    notes=(),
    engine="redis",
    version="7.1.0",
    node_type="cache.t3.micro",
    shards=(ShardSeen("0001", (PRIMARY, REPLICA)),),
    endpoints=(EndpointSeen("primary", "10.200.128.1:6379", ("10.200.4.0:6379",)), EndpointSeen("reader", "x", ())),
)


def _lines(what: object) -> list[str]:
    console = Console(file=io.StringIO(), width=80)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize(
    "line",
    [
        "rg available replication group, redis 7.1.0, cache.t3.micro, us-east-1",
        "node role phase address runs zone",
        "rg-001 primary available 10.200.4.0:6379 redis 7.0.15 us-east-1a",
        "rg-002 replica modifying 10.200.4.1:6379 redis 7.0.15 us-east-1b",
        "primary endpoint 10.200.128.1:6379 leads to rg-001",
        "reader endpoint x leads to nobody",
    ],
)
def test_a_group_fits_a_narrow_terminal(line: str) -> None:
    assert line in _lines(board(Topology((GROUP,))))


LEADING = NodeSeen("c-0001-001.0001", "primary", "available", "a:1", "valkey 8.0.1", "us-east-1a", 33_333, 5_400_000)
CLUSTER = replace(
    GROUP,
    id="c",
    shards=(ShardSeen("0001", (LEADING, REPLICA), "0-5461,6000"), ShardSeen("0002", (REPLICA,))),
    cluster_mode="enabled",
    moved=12.5,
)


@pytest.mark.parametrize(
    "line",
    [
        "shard primary keys memory slots",
        "0001 c-0001-001 33,333 5.4 MB 0-5461 6000",
        "0002 none",
        "c-0001-001 primary available a:1 valkey 8.0.1 us-east-1a",
        "resharding: 12.5 % of the slots that have to move have moved",
    ],
)
def test_a_cluster_fits_a_terminal(line: str) -> None:
    assert line in _lines(board(Topology((CLUSTER,))))


def test_no_cache() -> None:
    assert _lines(board(Topology(()))) == ["There is no cache yet."]


def test_the_oldest_event_comes_first() -> None:
    told = [{"Date": START, "SourceIdentifier": "m", "Message": message} for message in ("second", "first")]
    assert [line.split()[-1] for line in _lines(events(told))[1:]] == ["first", "second"]


def test_how_to_go_on_names_the_port(tmp_path: Path) -> None:
    told = "\n".join(going_on(tmp_path, 4568))
    assert told.count("http://127.0.0.1:4568") == 2
    assert f"{tmp_path}/cachewright up" in told
