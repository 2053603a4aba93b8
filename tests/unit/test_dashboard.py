"""The dashboard for Grafana asks for what is told."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed

from cachewright.controlplane.console.prometheus import LABELS, exposition, name_of
from cachewright.controlplane.model.hosts import HostSeen
from cachewright.controlplane.model.metrics.durations import Durations
from cachewright.controlplane.model.metrics.own import LoopFigures, Seen, SenderFigures
from cachewright.controlplane.model.metrics.samples import Collected
from cachewright.controlplane.model.metrics.table import METRICS

DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana.json"

_NAME = re.compile(r"\b(?:elasticache|cachewright|process)_\w+")
_LABEL = re.compile(r"(\w+)=~?\"|by \(([\w, ]+)\)|\{\{(\w+)\}\}")
OF_PROMETHEUS = frozenset({"job", "le"})
OWN = frozenset({"phase", "kind", "result", "operation", "error", "host", "zone"})


def texts(part: Any) -> Iterator[str]:
    """Every text of a document, however deep."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, list | dict):
        for each in part.values() if isinstance(part, dict) else part:
            yield from texts(each)


@pytest.fixture(scope="module")
def told() -> frozenset[str]:
    """The names of all samples that there can be."""
    turns = {("gateway", "rests"): Durations()}
    host = HostSeen("h1", "a", "10.0.0.1", "unix:///h1", 8 << 30, 0, 0, draining=False, silent="", known=True)
    answers = {("CreateUser", ""): Durations()}
    seen = Seen(Collected(phases={"available": 1}), LoopFigures(turns), answers, SenderFigures(), (host,))
    body, _ = exposition(seen, "")
    own = {sample.name for family in parsed(body.decode()) for sample in family.samples}
    return frozenset(own | {name_of(row) for row in METRICS if row.term})


def test_every_name_that_it_asks_for_is_told(told: frozenset[str]) -> None:
    asked = {name for text in texts(json.loads(DASHBOARD.read_text())) for name in _NAME.findall(text)}
    assert len(asked) > 30
    assert asked - told == set()


def test_every_label_that_it_asks_for_is_told() -> None:
    asked = {
        label.strip()
        for text in texts(json.loads(DASHBOARD.read_text()))
        for found in _LABEL.findall(text)
        for part in found
        for label in part.split(",")
        if label.strip()
    }
    assert asked - {*LABELS, *OF_PROMETHEUS, *OWN} == set()


def test_every_panel_has_a_number_and_a_place_of_its_own() -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len(places) == len(panels)
