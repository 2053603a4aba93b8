"""Where the data of caches is asked for. Everything is sent with POST and as JSON: nothing of it is in an address, in a
log or in the timeline, pages of other sites cannot send it, and where keys are set it takes one of a writer.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, answered, body_of, refused
from cachewright.controlplane.console.data.bodies import (
    Asked,
    AskedForCommand,
    AskedForCreation,
    AskedForDocs,
    AskedForEdit,
    AskedForEnd,
    AskedForKeys,
    AskedForSlowLog,
    AskedForValue,
    Question,
    written,
)
from cachewright.controlplane.console.paths import DATA
from cachewright.controlplane.model.browsing import Browses, Conflict, Denied, Refusal, Silent

Body = TypeVar("Body", bound=Asked)

QUESTIONS: Mapping[str, type[Question]] = {
    "keys": AskedForKeys,
    "value": AskedForValue,
    "create": AskedForCreation,
    "edit": AskedForEdit,
    "end": AskedForEnd,
    "command": AskedForCommand,
    "docs": AskedForDocs,
    "slow-log": AskedForSlowLog,
}

# Why there is no answer; 401 says that who asks has to come with something else.
_STATUSES: Mapping[type[Exception], int] = {Denied: 401, Conflict: 409, Refusal: 422, Silent: 504}


def data_routes(browses: Browses) -> APIRouter:
    """The routes of the data of caches."""
    router = APIRouter()

    def route(name: str, model: type[Body], answer: Callable[[Body], object]) -> None:
        router.add_api_route(f"{DATA}/{name}", _endpoint(model, answer), methods=["POST"], response_model=None)

    def entrances(asked: Asked) -> object:
        return written(browses.entrances(asked.visitor.cache))

    def answer(asked: Question) -> object:
        with browses.data(asked.visitor) as data:
            return asked.answer(data)

    route("entrances", Asked, entrances)
    for name, model in QUESTIONS.items():
        route(name, model, answer)
    return router


def _endpoint(model: type[Body], answer: Callable[[Body], object]) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def endpoint(request: Request) -> JSONResponse:
        try:
            asked = await body_of(request, model)
        except Misread as reason:
            return refused(400, str(reason))
        return await run_in_threadpool(_answered, lambda: answer(asked))

    return endpoint


def _answered(answer: Callable[[], object]) -> JSONResponse:
    try:
        return answered(200, answer)
    except tuple(_STATUSES) as reason:
        return refused(_STATUSES[type(reason)], str(reason))
