"""Figures of nodes over the last minutes, in memory: a fixed number of points for each node. Nodes are asked only while
a page is open: see decision 57.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, answered, query_of, refused
from cachewright.controlplane.console.paths import FIGURES, NEWEST
from cachewright.controlplane.model.metrics.recent import Point, point
from cachewright.controlplane.model.metrics.samples import EVERY, Collected, Place, Sample
from cachewright.controlplane.model.metrics.terms import Figures

KEPT = 90  # points of a node: 15 minutes


class Wanted(BaseModel):
    """The query of a request for figures: of one cache."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: str = Field(pattern="^[0-9]{12}$")
    region: str = Field(min_length=1, max_length=32)
    cache: str = Field(min_length=1, max_length=64)


@dataclass(slots=True)
class _Series:
    """What is remembered of a node."""

    place: Place
    last: Figures
    points: deque[Point] = field(default_factory=lambda: deque(maxlen=KEPT))


class RecentFigures:
    """Remembers points of every node while `wanted`. Safe to share among threads."""

    def __init__(
        self,
        collect: Callable[[], Collected],
        wanted: Callable[[], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`collect` asks every node and takes two seconds at most; `clock` tells seconds since 1970."""
        self._collect, self._wanted, self._clock = collect, wanted, clock
        self._series: dict[str, _Series] = {}
        self._looked = 0.0
        self._looking = threading.Lock()  # for as long as nodes take to answer: nobody who only reads waits for it
        self._lock = threading.Lock()

    def look(self) -> None:
        """Another point of every node that answers, if somebody wants one. Unusable when the store does not answer."""
        if self._wanted():
            self._learn()

    def of(self, wanted: Wanted) -> Mapping[str, object]:
        """The points of the nodes of a cache, by node, the oldest first; the first one at once."""
        self._freshen()
        with self._lock:
            own = [series for series in self._series.values() if _is_of(series.place, wanted)]
            return {_name(series.place): [asdict(each) for each in series.points] for series in own}

    def newest(self) -> Mapping[str, object]:
        """The newest point of every node: by account, region and name, with slashes between."""
        self._freshen()
        with self._lock:
            return {name: asdict(series.points[-1]) for name, series in self._series.items()}

    def _freshen(self) -> None:
        """A point at once for whoever comes first; who comes while nodes are asked has what there is."""
        if self._clock() - self._looked > EVERY and not self._looking.locked():
            self._learn()

    def _learn(self) -> None:
        with self._looking:
            collected, moment = self._collect(), self._clock()
        with self._lock:
            self._looked = moment
            there = {sample.place.name for sample in collected.samples}
            self._series = {name: one for name, one in self._series.items() if name in there or self._is_recent(one)}
            for sample in collected.samples:
                self._add(sample)

    def _add(self, sample: Sample) -> None:
        known = self._series.get(sample.place.name)
        series = _Series(sample.place, sample.figures, *([known.points] if known else []))
        series.points.append(point(self._looked, sample.engine, sample.figures, known.last if known else None))
        self._series[sample.place.name] = series

    def _is_recent(self, series: _Series) -> bool:
        """Of whoever is silent is kept what was seen as long as that is worth showing."""
        return self._looked - series.points[-1].at < EVERY * KEPT


def figure_routes(figures: RecentFigures) -> APIRouter:
    """The route of recent figures."""
    router = APIRouter()

    @router.get(FIGURES)
    def _figures(request: Request) -> JSONResponse:
        try:
            wanted = query_of(request, Wanted)
        except Misread as reason:
            return refused(400, str(reason))
        return answered(200, lambda: {"nodes": figures.of(wanted)})

    @router.get(NEWEST)
    def _newest() -> JSONResponse:
        return answered(200, lambda: {"nodes": figures.newest()})

    return router


def _is_of(place: Place, wanted: Wanted) -> bool:
    return (place.account, place.region, place.group or place.cluster) == (wanted.account, wanted.region, wanted.cache)


def _name(place: Place) -> str:
    return f"{place.cluster}.{place.node}"
