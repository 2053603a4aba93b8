"""Figures of the last minutes."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest

from cachewright.controlplane.console.figures import KEPT, RecentFigures, figure_routes
from cachewright.controlplane.model.metrics.samples import EVERY, Collected, Place, Sample
from cachewright.controlplane.model.versions import Engine
from tests.api.test_protocol import ask, build

ACCOUNT, REGION = "123456789012", "us-east-1"
QUERY = {"account": ACCOUNT, "region": REGION, "cache": "orders"}


@dataclass(slots=True)
class Nodes:
    """Nodes that count one command more at each look."""

    names: list[tuple[str, str]] = field(default_factory=lambda: [("orders", "orders-001"), ("", "pages")])
    wanted: bool = True
    now: float = 1000.0
    looks: int = 0
    figures: RecentFigures = field(init=False)

    def __post_init__(self) -> None:
        self.figures = RecentFigures(self.collect, lambda: self.wanted, lambda: self.now)

    def collect(self) -> Collected:
        self.looks += 1
        said = {"seconds": self.now, "total_commands_processed": float(self.looks), "used_memory": 5.0}
        places = [Place(ACCOUNT, REGION, cluster, "0001", group, "0001", "primary") for group, cluster in self.names]
        return Collected(tuple(Sample(place, Engine.REDIS, said) for place in places))

    def look(self, times: int = 1) -> None:
        for _ in range(times):
            self.now += EVERY
            self.figures.look()

    def told(self, **query: str) -> tuple[int, Any]:
        app = build(routers=lambda: [figure_routes(self.figures)])
        answer = ask(app, "GET", f"/_cachewright/figures?{urlencode(query)}", {"host": "localhost"})
        return answer.status, json.loads(answer.body)

    def points(self) -> list[Any]:
        return list(self.told(**QUERY)[1]["nodes"].get("orders-001.0001", []))


def test_a_cache_has_the_points_of_its_nodes_and_the_first_at_once() -> None:
    nodes = Nodes()
    status, told = nodes.told(**QUERY)
    assert (status, list(told["nodes"])) == (200, ["orders-001.0001"])
    nodes.look(2)
    assert [(point["operations"], point["memory"]) for point in nodes.points()] == [(None, 5), (0.1, 5), (0.1, 5)]
    assert list(nodes.told(**QUERY | {"cache": "pages"})[1]["nodes"]) == ["pages.0001"]


def test_every_node_has_a_newest_point() -> None:
    nodes = Nodes()
    nodes.look(2)
    app = build(routers=lambda: [figure_routes(nodes.figures)])
    answer = ask(app, "GET", "/_cachewright/figures/newest", {"host": "localhost"})
    told = json.loads(answer.body)["nodes"]
    assert sorted(told) == [f"{ACCOUNT}/{REGION}/orders-001.0001", f"{ACCOUNT}/{REGION}/pages.0001"]
    assert {point["at"] for point in told.values()} == {nodes.now}


def test_nobody_is_asked_while_nobody_looks() -> None:
    nodes = Nodes(wanted=False)
    nodes.look(3)
    assert nodes.looks == 0


def test_a_node_costs_a_fixed_number_of_points() -> None:
    nodes = Nodes()
    nodes.look(KEPT + 5)
    assert len(nodes.points()) == KEPT


def test_whoever_is_gone_is_forgotten_once_it_is_old() -> None:
    nodes = Nodes()
    nodes.look()
    nodes.names.clear()
    nodes.look()
    assert len(nodes.points()) == 1
    nodes.look(KEPT)
    assert nodes.points() == []


@pytest.mark.parametrize("query", [{}, QUERY | {"account": "me"}, QUERY | {"cache": ""}, QUERY | {"more": "x"}])
def test_bad_requests(query: dict[str, str]) -> None:
    assert Nodes().told(**query)[0] == 400
