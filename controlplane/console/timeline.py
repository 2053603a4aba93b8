"""What happened to a cache, and who asked for what: events and requests in one list, the newest first."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, answered, query_of, refused
from cachewright.controlplane.console.paths import TIMELINE
from cachewright.controlplane.model.events import HISTORY, DatedEvent
from cachewright.controlplane.model.requests import Request as Asked
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.events import EventQuery

MOST = 200  # entries of an answer
READ = 2000  # events of an account among which those of a cache are looked for
_MEMBER = re.compile(r"(-\d{4})?-\d{3}")  # what the name of a group has behind it in those of its cache clusters
_AHEAD = timedelta(minutes=1)  # that a moment in the database may lie behind the clock's


class Wanted(BaseModel):
    """The query of a request for a timeline: of an account in a region, or of one cache there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: str = Field(pattern="^[0-9]{12}$")
    region: str = Field(min_length=1, max_length=32)
    cache: str = Field("", max_length=64)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event or a request. `error` and `milliseconds` are of requests alone."""

    moment: str  # ISO 8601, UTC
    kind: str  # `event` or `request`
    source: str  # a resource, or an operation
    text: str  # what happened, or what was asked for
    error: str = ""
    message: str = ""
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Up to where somebody was told: the newest event, and the newest request of anybody's."""

    moment: datetime  # of the event
    event: int
    request: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the store and the recorder know; `requests` are those that are remembered."""

    store: Store
    requests: Callable[[], Sequence[Asked]]
    clock: Callable[[], datetime]

    def since(self, wanted: Wanted, mark: Mark | None = None) -> tuple[Sequence[Entry], Mark]:
        """What has happened behind a mark, the newest first, at most `MOST`; and the mark behind that. Unusable when
        the store does not answer.
        """
        now = self.clock()
        mark = mark or Mark(now - HISTORY, 0, 0)
        asked = [one for one in self.requests() if one.number > mark.request]
        query = EventQuery(wanted.account, wanted.region, mark.moment - _AHEAD, now + _AHEAD)
        with self.store.read() as transaction:
            found = transaction.events.newest(query, None, READ if wanted.cache else MOST)
        told = [each for each in found if each.number > mark.event]
        own = [_asked(one) for one in asked if _concerns(one, wanted)]
        return _newest([*_events(told, wanted), *own]), _behind(mark, told, asked)


def _behind(mark: Mark, told: Sequence[DatedEvent], asked: Sequence[Asked]) -> Mark:
    moment = max([mark.moment, *(each.date for each in told)])
    return Mark(
        moment, max([mark.event, *(each.number for each in told)]), max([mark.request, *(one.number for one in asked)])
    )


def timeline_routes(timeline: Timeline) -> APIRouter:
    """The route of the timeline."""
    router = APIRouter()

    @router.get(TIMELINE)
    def _timeline(request: Request) -> JSONResponse:
        try:
            wanted = query_of(request, Wanted)
        except Misread as reason:
            return refused(400, str(reason))

        return answered(200, lambda: {"entries": [asdict(entry) for entry in timeline.since(wanted)[0]]})

    return router


def _events(found: Iterable[DatedEvent], wanted: Wanted) -> Iterable[Entry]:
    return [_happened(each) for each in found if not wanted.cache or _is_of(each.event.source, wanted.cache)]


def _is_of(source: str, cache: str) -> bool:
    """Whether a source is a cache, or a cache cluster of a group: `orders`, `orders-001`, `orders-0001-001`."""
    return source == cache or (source.startswith(f"{cache}-") and bool(_MEMBER.fullmatch(source[len(cache) :])))


def _concerns(request: Asked, wanted: Wanted) -> bool:
    here = (request.account, request.region) == (wanted.account, wanted.region)
    return here and (not wanted.cache or any(_is_of(word, wanted.cache) for word in _values(request.params)))


def _values(params: str) -> Iterable[str]:
    return (part.rpartition("=")[2].strip("[]{}").lower() for part in params.split(", "))


def _happened(dated: DatedEvent) -> Entry:
    return Entry(dated.date.isoformat(), "event", dated.event.source, dated.event.message)


def _asked(request: Asked) -> Entry:
    moment, took = request.moment.isoformat(), round(request.milliseconds, 1)
    return Entry(moment, "request", request.operation, request.params, request.error, request.message, took)


def _newest(entries: Iterable[Entry]) -> Sequence[Entry]:
    return sorted(entries, key=lambda entry: entry.moment, reverse=True)[:MOST]
