"""What the page is made of that is open in a browser: its files, and what it follows."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from fastapi import APIRouter

from cachewright.controlplane.console.bell import Bell
from cachewright.controlplane.console.changes import Changes
from cachewright.controlplane.console.choices import Choices, choice_routes
from cachewright.controlplane.console.figures import RecentFigures, figure_routes
from cachewright.controlplane.console.page_routes import Page, page_routes
from cachewright.controlplane.console.statuses import Statuses, status_routes
from cachewright.controlplane.console.stream import Stream, stream_routes
from cachewright.controlplane.console.timeline import Timeline, timeline_routes
from cachewright.controlplane.console.timeline_stream import TimelineStream, timeline_stream_routes
from cachewright.controlplane.model.metrics.samples import Collected
from cachewright.controlplane.model.requests import Request
from cachewright.controlplane.store.database import Store


class Recorded(Protocol):
    """Whoever remembers requests."""

    @property
    def requests(self) -> Sequence[Request]:
        """The last ones, from the oldest to the newest."""

    def follow(self, follower: Callable[[], None]) -> None:
        """From now on, call `follower` after every request, in any thread."""


class LivePage:
    """Follows the store and the requests from the beginning on, and tells whoever looks."""

    def __init__(
        self, store: Store, recorded: Recorded, collect: Callable[[], Collected], clock: Callable[[], datetime]
    ) -> None:
        """`collect` asks every node for its figures, and takes two seconds at most."""
        self._timeline = Timeline(store, lambda: recorded.requests, clock)
        changes, happenings, commits = Bell(), Bell(), Bell()
        self._timeline_stream = TimelineStream(self._timeline, happenings)
        self._stream = Stream(Changes(store), changes)
        self._statuses = Statuses(store, commits)
        self._figures = RecentFigures(collect, lambda: self._stream.followed)
        for ring in (changes.ring, happenings.ring, commits.ring):
            store.follow(ring)
        recorded.follow(happenings.ring)

    def routers(self, choices: Callable[[], Choices]) -> Sequence[APIRouter]:
        """Its routes; the choices are those of its forms."""
        return (
            stream_routes(self._stream),
            status_routes(self._statuses),
            timeline_routes(self._timeline),
            timeline_stream_routes(self._timeline_stream),
            figure_routes(self._figures),
            choice_routes(choices),
            page_routes(Page()),
        )

    def sample(self) -> None:
        """Take figures, if somebody looks. Unusable when the store does not answer."""
        self._figures.look()

    def close(self) -> None:
        """Let everybody go who follows; in any thread."""
        self._stream.close()
        self._timeline_stream.close()
        self._statuses.close()
