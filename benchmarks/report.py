"""The figures as a table for the terminal, as Markdown, and as JSON. Pure, but for `this_machine`."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.table import Table

from benchmarks.figures import Row, Summary

HEADINGS = ("What", "Median (least to most)", "Floor", "Median (least to most)", "Ratio", "Bar", "")
VERDICTS: Mapping[bool | None, str] = {True: "met", False: "missed", None: ""}
_COLOURS: Mapping[bool | None, str] = {True: "green", False: "red", None: ""}


def table(rows: Sequence[Row]) -> Table:
    """For the terminal."""
    drawn = Table(*HEADINGS, show_lines=False)
    for row in rows:
        drawn.add_row(*(cell.replace("[", r"\[") for cell in cells(row)), style=_COLOURS[row.met])
    return drawn


def markdown(rows: Sequence[Row]) -> str:
    """For a page."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(cells(row) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cells(row: Row) -> tuple[str, ...]:
    """One row in words."""
    name = f"{row.name} ({row.note})" if row.note else row.name
    floor = figure(row.floor, row.unit) if row.floor else ""
    ratio = f"{row.ratio.median:.2f}" if row.ratio else ""
    return name, figure(row.ours, row.unit), row.floor_is, floor, ratio, _bar(row), VERDICTS[row.met]


def figure(summary: Summary, unit: str) -> str:
    """Median, smallest and largest, as precise as is worth while."""
    if len(summary.samples) == 1:
        return f"{number(summary.median)} {unit}"
    return f"{number(summary.median)} {unit} ({number(summary.low)} to {number(summary.high)})"


def number(value: float) -> str:
    """Three digits that count, and never fewer than those before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def document(
    rows: Sequence[Row], missing: Mapping[str, str], taken: date, machine: Mapping[str, object]
) -> dict[str, Any]:
    """For programs: every sample; `missing` tells what could not be measured, and why."""
    return {
        "taken": taken.isoformat(),
        "machine": dict(machine),
        "rows": [_record(row) for row in rows],
        "missing": dict(missing),
    }


def _record(row: Row) -> dict[str, Any]:
    return {
        "name": row.name,
        "unit": row.unit,
        "note": row.note,
        "ours": _summary(row.ours),
        "floor": _summary(row.floor) if row.floor else None,
        "floor_is": row.floor_is,
        "ratio": _summary(row.ratio) if row.ratio else None,
        "bar": row.bar,
        "met": row.met,
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {"median": summary.median, "min": summary.low, "max": summary.high, "samples": list(summary.samples)}


def _bar(row: Row) -> str:
    if row.bar is None:
        return ""
    return f"≤ {row.bar:g}" if row.floor else f"≤ {row.bar:g} {row.unit}"


def this_machine() -> dict[str, object]:
    """What figures depend on: cores, system and Python."""
    return {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
