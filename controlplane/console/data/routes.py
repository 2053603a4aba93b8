"""Where the data of caches is asked for. Everything is sent with POST and as JSON: nothing of it is in an address, in a
log or in the timeline, pages of other sites cannot send it, and where keys are set it takes one of a writer.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, answered, body_of, refused
from cachewright.controlplane.console.data.bodies import (
    Asked,
    AskedForCommand,
    AskedForEdit,
    AskedForEnd,
    AskedForKeys,
    AskedForPlace,
    AskedForValue,
    reply,
    written,
)
from cachewright.controlplane.console.paths import DATA
from cachewright.controlplane.model.browsing import (
    Command,
    CommandDoc,
    Conflict,
    Denied,
    Edit,
    Entrances,
    Fate,
    KeyPage,
    KeySearch,
    Refusal,
    Silent,
    SlowCommand,
    Value,
    Visitor,
    Window,
)
from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.replies import Reply

Body = TypeVar("Body", bound=Asked)


class Browses(Protocol):
    """Whoever looks and changes. Every method may raise NoSuchTarget, Silent, Denied, Refusal or Conflict."""

    def entrances(self, cache: Key) -> Entrances:
        """Who may be somebody there."""

    def keys(self, visitor: Visitor, wanted: KeySearch) -> KeyPage:
        """Some keys."""

    def value(self, visitor: Visitor, wanted: Window) -> Value:
        """A part of what is at a key."""

    def edit(self, visitor: Visitor, wanted: Edit) -> None:
        """Another value of an element."""

    def end(self, visitor: Visitor, wanted: Fate) -> None:
        """The end of a key."""

    def run(self, visitor: Visitor, command: Command) -> Reply:
        """What a node answers to what was typed."""

    def docs(self, visitor: Visitor, where: str) -> Sequence[CommandDoc]:
        """What can be typed there."""

    def slow(self, visitor: Visitor, where: str) -> Sequence[SlowCommand]:
        """Commands that took long at a node."""


def data_routes(browses: Browses) -> APIRouter:
    """The routes of the data of caches."""
    router = APIRouter()

    def route(name: str, model: type[Body], answer: Callable[[Body], Any]) -> None:
        router.add_api_route(f"{DATA}/{name}", _endpoint(model, answer), methods=["POST"], response_model=None)

    def entrances(asked: Asked) -> object:
        return written(browses.entrances(asked.visitor.cache))

    def keys(asked: AskedForKeys) -> object:
        return written(browses.keys(asked.visitor, asked.search))

    def value(asked: AskedForValue) -> object:
        return written(browses.value(asked.visitor, asked.window))

    def edit(asked: AskedForEdit) -> object:
        browses.edit(asked.visitor, asked.edit)
        return {}

    def end(asked: AskedForEnd) -> object:
        browses.end(asked.visitor, asked.fate)
        return {}

    def command(asked: AskedForCommand) -> object:
        return reply(browses.run(asked.visitor, asked.command))

    def docs(asked: AskedForPlace) -> object:
        return {"commands": written(browses.docs(asked.visitor, asked.place))}

    def slow(asked: AskedForPlace) -> object:
        return {"entries": written(browses.slow(asked.visitor, asked.place))}

    route("entrances", Asked, entrances)
    route("keys", AskedForKeys, keys)
    route("value", AskedForValue, value)
    route("edit", AskedForEdit, edit)
    route("end", AskedForEnd, end)
    route("command", AskedForCommand, command)
    route("docs", AskedForPlace, docs)
    route("slow-log", AskedForPlace, slow)
    return router


def _endpoint(model: type[Body], answer: Callable[[Body], Any]) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def endpoint(request: Request) -> JSONResponse:
        try:
            asked = await body_of(request, model)
        except Misread as reason:
            return refused(400, str(reason))
        return await run_in_threadpool(_answered, lambda: answer(asked))

    return endpoint


def _answered(answer: Callable[[], object]) -> JSONResponse:
    """An answer, or why there is none: 401 says that who asks has to come with something else."""
    try:
        return answered(200, answer)
    except Denied as reason:
        return refused(401, str(reason))
    except Conflict as reason:
        return refused(409, str(reason))
    except Refusal as reason:
        return refused(422, str(reason))
    except Silent as reason:
        return refused(504, str(reason))
