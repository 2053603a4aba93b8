"""The ASGI application: the API at `/`, `/healthz`, and the pages, which are loaded once somebody asks for one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from cachewright.controlplane.guard import NO_ROUTE, REQUEST_ID, XML, Guard, sent, written
from cachewright.controlplane.lazy import Lazy
from cachewright.controlplane.wire import form, query, xml
from cachewright.controlplane.wire.caller import Caller
from cachewright.controlplane.wire.gate import Gate, Sent, permit
from cachewright.controlplane.wire.tagging import request as tagging_request
from cachewright.controlplane.wire.tagging import response as tagging_response
from cachewright.controlplane.wire.tagging import service as tagging_service

if TYPE_CHECKING:
    from fastapi import APIRouter

BODY_LIMIT = 1 << 20  # bytes

Dispatch = Callable[[str, dict[str, Any], Caller], dict[str, Any]]
"""Operation, parameters and caller -> result, in the calling thread; raises Fault."""


def application(
    dispatch: Dispatch | None,
    gate: Gate,
    *,
    allowed_hosts: Iterable[str] = (),
    body_limit: int = BODY_LIMIT,
    routers: "Callable[[], Iterable[APIRouter]]" = tuple,
) -> "Application":
    """The application that answers with `dispatch`, in threads; None: there is no API.

    `gate` decides who is let in, to the API, to metrics and to pages under `/_cachewright/`; `allowed_hosts` are names
    and addresses to answer to besides localhost and the addresses that the server is reached at,
    `body_limit` counts bytes, `routers` makes the pages (the console), when the first of them is asked for.
    """
    names = frozenset(name.lower() for name in allowed_hosts)
    guard = Middleware(Guard, allowed_hosts=names, body_limit=body_limit)
    routes = [Route("/healthz", _health, methods=["GET"])]
    if dispatch:
        routes += [
            Route("/", _api(dispatch, gate), methods=["GET", "POST"]),
            Route(tagging_service.PATHS, _api(dispatch, gate), methods=["POST"]),
        ]
    api = Starlette(routes=routes, middleware=[guard], exception_handlers=NO_ROUTE)

    def pages() -> ASGIApp:
        from cachewright.controlplane import pages  # noqa: PLC0415 - FastAPI and Pydantic are 20 MB

        return pages.pages(routers(), gate, guard)

    return Application(api, tuple(routes), Lazy(pages))


@dataclass(frozen=True, slots=True)
class Application:
    """Implements ASGI. What is no route of the API is a page, or found by nobody there."""

    api: ASGIApp
    routes: tuple[Route, ...]  # of the API
    pages: Lazy[ASGIApp]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if any(route.matches(scope)[0] is not Match.NONE for route in self.routes):
            await self.api(scope, receive, send)
        elif pages := self.pages.there:
            await pages(scope, receive, send)
        else:
            made = await run_in_threadpool(self.pages.made)
            await made(scope, receive, send)


def _api(dispatch: Dispatch, gate: Gate) -> Callable[[Request], Any]:
    def answer(request: Request, body: bytes) -> Response:
        arrived = sent(request, body)
        if (named := tagging_service.operation_of(arrived.path, arrived.headers)) is not None:
            return written(_tagged(named, arrived, dispatch, gate))
        fields = form.fields(request.scope["query_string"], request.headers.get("content-type", ""), body)
        who = gate.caller(arrived, fields)
        wanted = query.parse(fields)
        permit(who, wanted.operation)
        result = dispatch(wanted.operation, wanted.params, who)
        return Response(xml.response(wanted.operation, result, request.scope[REQUEST_ID]), headers=XML)

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(answer, request, await request.body())

    return endpoint


def _tagged(named: str, arrived: Sent, dispatch: Dispatch, gate: Gate) -> tagging_response.Written:
    """The answer to an operation of the tagging service."""
    who = gate.caller(arrived, {})
    wanted = tagging_request.parse(named, arrived.path, arrived.body)
    permit(who, named, arrived.service)
    return tagging_response.answer(arrived.path, dispatch(named, wanted.params, who))


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})
