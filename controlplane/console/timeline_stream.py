"""The timeline as server-sent events: everything at first, then what is new, as it happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cachewright.controlplane.console.bell import Bell
from cachewright.controlplane.console.bodies import Misread, query_of, refused
from cachewright.controlplane.console.paths import TIMELINE
from cachewright.controlplane.console.server_sent import event_stream
from cachewright.controlplane.console.timeline import Mark, Timeline, Wanted
from cachewright.controlplane.store.failures import Unusable, tell

AT_MOST_EVERY = 0.15  # seconds between two looks: what happens in between is told together
LOOK_ANYHOW = 10.0  # seconds until the next look where nothing rings: another process may have written


class TimelineStream:
    """Tells whoever follows, in the server's loop."""

    def __init__(self, timeline: Timeline, bell: Bell) -> None:
        """The bell rings when something may have happened."""
        self._timeline, self._bell, self._closed = timeline, bell, False

    def close(self) -> None:
        """Let everybody go; in any thread."""
        self._closed = True
        self._bell.ring()

    async def follow(self, wanted: Wanted) -> AsyncIterator[str]:
        """Events; a line that says nothing where nothing happened for a while."""
        mark: Mark | None = None
        with self._bell.heard() as ear:
            while not self._closed:
                told, mark = await run_in_threadpool(self._look, wanted, mark)
                yield f"data: {told}\n\n" if told else ":\n\n"
                await asyncio.sleep(AT_MOST_EVERY)
                await ear.rung(LOOK_ANYHOW)

    def _look(self, wanted: Wanted, mark: Mark | None) -> tuple[str, Mark | None]:
        """What is new behind a mark as JSON, empty when nothing is; and the mark behind it."""
        try:
            entries, after = self._timeline.since(wanted, mark)
        except Unusable as reason:
            tell(reason)
            return json.dumps({"error": str(reason)}), mark
        if mark and not entries:
            return "", after
        return json.dumps({"entries": [asdict(entry) for entry in entries], "whole": mark is None}), after


def timeline_stream_routes(stream: TimelineStream) -> APIRouter:
    """The route of the stream."""
    router = APIRouter()

    @router.get(f"{TIMELINE}/stream")
    async def _follow(request: Request) -> Response:
        try:
            wanted = query_of(request, Wanted)
        except Misread as reason:
            return refused(400, str(reason))
        return event_stream(stream.follow(wanted))

    return router
