"""What the command line tells of a drill."""

import io

from rich.console import Console

from cachewright.controlplane.commands.drills import table
from cachewright.controlplane.model.drills import DrillKind, Order, Outcome, Progress, Report


def test_what_did_not_happen_is_a_dash() -> None:
    outcomes = (
        Outcome("0", "us-east-1", "replication-group", "rg", ("rg-001.0001",), 52.4, 97.6, 480.0, 101.2, 812, 0),
        Outcome("0", "us-east-1", "cache-cluster", "web", ("web.0001", "web.0002"), recovery_ms=300.0),
    )
    told = io.StringIO()
    Console(file=told, width=100).print(
        table(Report("1", Order(DrillKind.KILL, "x"), Progress.DONE, outcomes=outcomes))
    )
    assert [line.split() for line in told.getvalue().splitlines()] == [
        ["CACHE", "NODES", "DETECTED", "PROMOTED", "RECOVERED", "OUTAGE", "WRITES", "LOST"],
        ["rg", "rg-001.0001", "52", "ms", "98", "ms", "480", "ms", "101", "ms", "812", "0"],
        ["web", "web.0001", "web.0002", "-", "-", "300", "ms", "-", "-", "-"],
    ]
