"""`cachewright drill`, `zone` and `region`: failures on purpose."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from urllib.parse import quote

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.commands.plane import ControlPlane, asked, foreign
from cachewright.controlplane.console.paths import DRILLS, REGIONS, ZONES
from cachewright.controlplane.model.drills import DrillKind, Order, Outcome, Progress, Report, Slowed, is_region

PAUSE = 0.1  # seconds between two looks
_NOTHING = "-"


class Failed(Exception):  # noqa: N818
    """Why a drill could not be held, in words for the user."""


def hold(plane: ControlPlane, order: Order, console: Console, *, as_json: bool) -> None:
    """Hold a drill to its end, and print what it cost; Failed when it could not be held."""
    report = _begun(plane, order)
    told = 0
    while True:
        if not as_json:
            for step in report.steps[told:]:
                console.print(f"{step.at_ms / 1000:7.3f} s  {escape(step.what)}", highlight=False, soft_wrap=True)
            told = len(report.steps)
        if report.progress is not Progress.RUNNING:
            break
        time.sleep(PAUSE)
        report = _understood(plane, asked(plane, f"{DRILLS}/{report.id}"))
    if as_json:
        console.print_json(json.dumps(asdict(report)))
    if report.progress is Progress.FAILED:
        raise Failed(report.reason)
    if not as_json and report.outcomes:
        console.print(table(report))


def bring_up(plane: ControlPlane, target: str) -> Mapping[str, object]:
    """End the failure of a zone or of a region, and the delay of the latter; what there was of it."""
    where = REGIONS if is_region(target) else ZONES
    answer: Mapping[str, object] = json.loads(asked(plane, f"{where}/{target}/outage", "DELETE"))
    return answer


def slow_down(plane: ControlPlane, region: str, delay: int) -> Slowed:
    """Let what regions send each other arrive later, or at once again."""
    answer = asked(plane, f"{REGIONS}/{quote(region, safe='')}/delay", "PUT", {"delay": delay})
    try:
        return read(Slowed, answer)
    except ValueError as error:
        raise foreign(plane.url, "its answer does not tell how far a region is away") from error


def told(slowed: Slowed) -> str:
    """What has become of a region, in words."""
    if not slowed.delay:
        return f"{slowed.region} is slow no more" if slowed.before else f"{slowed.region} was not slow"
    who = f": {', '.join(slowed.caches)}" if slowed.caches else ", once a secondary with cluster mode disabled is there"
    return f"what {slowed.region} and other regions send each other arrives {slowed.delay} ms later{who}"


def table(report: Report) -> Table:
    """What a drill cost each cache."""
    shown = Table(box=None, pad_edge=False)
    for heading in ("CACHE", "NODES", "DETECTED", "PROMOTED", "RECOVERED", "OUTAGE", "WRITES", "LOST"):
        shown.add_column(heading, justify="left" if heading in ("CACHE", "NODES") else "right", overflow="fold")
    for outcome in report.outcomes:
        shown.add_row(*_cells(outcome))
    return shown


def _cells(outcome: Outcome) -> list[str]:
    moments = (outcome.detection_ms, outcome.promotion_ms, outcome.recovery_ms, outcome.outage_ms)
    counts = (outcome.writes, outcome.lost)
    return [
        escape(outcome.cache),
        escape(" ".join(outcome.nodes)),
        *(_NOTHING if moment is None else f"{moment:.0f} ms" for moment in moments),
        *(_NOTHING if count is None else str(count) for count in counts),
    ]


def _begun(plane: ControlPlane, order: Order) -> Report:
    body = {"kind": order.kind.value, "target": order.target, "seconds": order.seconds, "account": order.account}
    if order.kind is DrillKind.SLOW_DOWN:
        body["delay"] = order.delay
    return _understood(plane, asked(plane, DRILLS, "POST", body))


def _understood(plane: ControlPlane, document: bytes) -> Report:
    try:
        return read(Report, document)
    except ValueError as error:
        raise foreign(plane.url, "its answer is no report of a drill") from error
