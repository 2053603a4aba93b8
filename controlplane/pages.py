"""The pages: what is shown and done over HTTP beside the API. FastAPI serves them, and is loaded with this module."""

from collections.abc import Awaitable, Callable, Iterable

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request

from cachewright.controlplane.console.paths import METRICS, PAGES
from cachewright.controlplane.guard import NO_ROUTE, sent
from cachewright.controlplane.wire.gate import Gate


def pages(routers: Iterable[APIRouter], gate: Gate, guard: Middleware) -> FastAPI:
    """The application that has these routes, behind the guard. `gate` decides who is let in."""
    app = FastAPI(openapi_url=None, redirect_slashes=False, exception_handlers={**NO_ROUTE}, middleware=[guard])
    for router in routers:
        app.include_router(router, dependencies=[Depends(_admission(gate))])
    return app


def _admission(gate: Gate) -> Callable[[HTTPConnection], Awaitable[None]]:
    async def admitted(connection: HTTPConnection) -> None:
        path = connection.scope["path"]
        if path == METRICS:
            gate.admit_to_metrics(sent(connection, b""))
        elif path.startswith(PAGES):
            body = await connection.body() if isinstance(connection, Request) else b""
            gate.admit_to_pages(sent(connection, body))

    return admitted
