"""The figures of a run of `make bench` that was kept, as Markdown. Pure, but for its file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.report import number

KEPT = Path(__file__).parent / "bench.json"
HEADINGS = ("What", "Cachewright", "Floor in the same run", "Ratio", "Bar")


def kept() -> str:
    """The table of the run that was kept."""
    return table(json.loads(KEPT.read_text()))


def table(document: Mapping[str, Any]) -> str:
    """Its machine and its date in a sentence, and a row for each figure."""
    machine = document["machine"]
    said = f"Taken on {document['taken']}: {machine['cores']} cores, {machine['system']}, Python {machine['python']}."
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(_cells(row) for row in document["rows"])]
    return "\n".join([said, "", *(f"| {' | '.join(line)} |" for line in lines)])


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    unit, floor, ratio = row["unit"], row["floor"], row["ratio"]
    name = f"{row['name']} ({row['note']})" if row["note"] else row["name"]
    beneath = f"{row['floor_is']}: {number(floor['median'])} {unit}" if floor else ""
    return (
        name,
        f"{number(row['ours']['median'])} {unit}",
        beneath,
        f"{ratio['median']:.2f}" if ratio else "",
        _bar(row),
    )


def _bar(row: Mapping[str, Any]) -> str:
    if row["bar"] is None:
        return ""
    limit = f"≤ {row['bar']:g}" if row["floor"] else f"≤ {row['bar']:g} {row['unit']}"
    return limit if row["met"] else f"{limit}, missed"
