"""What the command line tells of a drill."""

import io

import pytest
from rich.console import Console

from cachewright.controlplane.commands.drills import table, told
from cachewright.controlplane.model.drills import DrillKind, Order, Outcome, Progress, Report, Slowed


@pytest.mark.parametrize(
    ("slowed", "words"),
    [
        (
            Slowed("eu-west-1", 80, 0, ("eu-west-1/away", "us-east-1/home")),
            "80 ms later: eu-west-1/away, us-east-1/home",
        ),
        (
            Slowed("eu-west-1", 80, 80),
            "80 ms later, once a secondary with cluster mode disabled is there",
        ),
        (Slowed("eu-west-1", 0, 80, ("eu-west-1/away",)), "eu-west-1 is slow no more"),
        (Slowed("eu-west-1", 0, 0), "eu-west-1 was not slow"),
    ],
)
def test_what_has_become_of_a_region(slowed: Slowed, words: str) -> None:
    assert told(slowed).endswith(words)


def test_what_did_not_happen_is_a_dash() -> None:
    outcomes = (
        Outcome("0", "us-east-1", "replication-group", "rg", ("rg-001.0001",), 52.4, 97.6, 480.0, 101.2, 812, 0),
        Outcome("0", "us-east-1", "cache-cluster", "web", ("web.0001", "web.0002"), recovery_ms=300.0),
    )
    printed = io.StringIO()
    Console(file=printed, width=100).print(
        table(Report("1", Order(DrillKind.KILL, "x"), Progress.DONE, outcomes=outcomes))
    )
    assert [line.split() for line in printed.getvalue().splitlines()] == [
        ["CACHE", "NODES", "DETECTED", "PROMOTED", "RECOVERED", "OUTAGE", "WRITES", "LOST"],
        ["rg", "rg-001.0001", "52", "ms", "98", "ms", "480", "ms", "101", "ms", "812", "0"],
        ["web", "web.0001", "web.0002", "-", "-", "300", "ms", "-", "-", "-"],
    ]
