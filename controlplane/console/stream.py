"""Changes as server-sent events, to every page that is open. While nobody looks nothing is done, and while nothing
happens next to nothing: a commit wakes whoever looks.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from secrets import token_hex

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from cachewright.controlplane.console.bell import Bell
from cachewright.controlplane.console.changes import Changes, Delta
from cachewright.controlplane.console.paths import STREAM
from cachewright.controlplane.console.server_sent import event_stream
from cachewright.controlplane.store.failures import Unusable, tell

AT_MOST_EVERY = 0.1  # seconds between two looks: what happens in between is told together
REST = 4.0  # times as long as a look has taken, before the next: it takes a fifth of a processor at most
LOOK_ANYHOW = 5.0  # seconds until the next look where no commit tells of a change: the database takes nothing
ALIVE = 15.0  # seconds of silence after which a line that says nothing is sent: either side notices an end of the other


class Stream:
    """Whoever follows is told what has changed. All methods but `close` are called in the server's loop."""

    def __init__(self, changes: Changes, bell: Bell) -> None:
        """The bell rings when something may have changed."""
        self._changes, self._bell = changes, bell
        self._news = Bell()  # rings when there is something to tell
        self._run = token_hex(4)  # numbers of another run mean nothing here
        self._followers, self._closed = 0, False
        self._trouble = ""  # why nothing can be read
        self._looking: asyncio.Task[None] | None = None  # while somebody follows

    @property
    def followed(self) -> bool:
        """Whether a page is open."""
        return self._followers > 0

    def close(self) -> None:
        """Let everybody go; in any thread."""
        self._closed = True
        self._news.ring()

    async def follow(self, last: str) -> AsyncIterator[str]:
        """Events from the one behind `last` on, an id that was told before; all that there is for one that means
        nothing here.
        """
        self._enter()
        try:
            await asyncio.sleep(0)  # from now on the bell is heard
            if await self._look():  # what one learns who comes, nobody learns again
                self._news.ring()
            number = self._number_of(last)
            with self._news.heard() as ear:
                while not self._closed and self._is_looking():
                    delta = self._changes.since(number)
                    yield self._event(delta)
                    number = delta.number
                    while not await ear.rung(ALIVE):
                        yield ":\n\n"
        finally:
            self._leave()

    def _enter(self) -> None:
        if not self._is_looking():
            self._looking = asyncio.get_running_loop().create_task(self._keep_looking())
            self._looking.add_done_callback(lambda _: self._news.ring())  # nobody waits for what does not come
        self._followers += 1

    def _is_looking(self) -> bool:
        """Whether the store is looked at; not while nobody follows, nor once that has failed in a way that nobody
        thought of: then who follows is let go, and comes again.
        """
        return self._looking is not None and not self._looking.done()

    def _leave(self) -> None:
        self._followers -= 1
        if not self._followers and self._looking:
            self._looking.cancel()
            self._looking = None

    async def _keep_looking(self) -> None:
        with self._bell.heard() as ear:
            while True:
                await ear.rung(LOOK_ANYHOW)
                begun = time.monotonic()
                if await self._look():
                    self._news.ring()
                await asyncio.sleep(max(AT_MOST_EVERY, REST * (time.monotonic() - begun)))

    async def _look(self) -> bool:
        """Whether there is something to tell. That the store does not answer is told as well."""
        changed, trouble = False, ""
        try:
            changed = await run_in_threadpool(self._changes.look)
        except Unusable as reason:
            tell(reason)
            trouble = str(reason)
        before, self._trouble = self._trouble, trouble
        return changed or before != trouble

    def _number_of(self, identifier: str) -> int | None:
        run, _, number = identifier.partition("-")
        return int(number) if run == self._run and number.isascii() and number.isdecimal() else None

    def _event(self, delta: Delta) -> str:
        rest = json.dumps({"gone": delta.gone, "whole": delta.whole, "trouble": self._trouble})
        return f'id: {self._run}-{delta.number}\ndata: {{"caches":[{",".join(delta.caches)}],{rest[1:]}\n\n'


def stream_routes(stream: Stream) -> APIRouter:
    """The route of the stream."""
    router = APIRouter()

    @router.get(STREAM)
    async def _follow(request: Request) -> StreamingResponse:
        events = stream.follow(request.headers.get("last-event-id", ""))
        return event_stream(events)

    return router
