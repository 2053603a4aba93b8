"""The ASGI application: the API at `/`, `/healthz`, and the pages of the console, behind one guard."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cachewright.controlplane.console.paths import METRICS
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.wire import form, query, xml
from cachewright.controlplane.wire.caller import Caller
from cachewright.controlplane.wire.gate import Gate, Sent, permit
from cachewright.controlplane.wire.origin import refusal
from cachewright.controlplane.wire.tagging import request as tagging_request
from cachewright.controlplane.wire.tagging import response as tagging_response
from cachewright.controlplane.wire.tagging import service as tagging_service

BODY_LIMIT = 1 << 20  # bytes
_DIGITS = 18  # of a length that is worth reading

Dispatch = Callable[[str, dict[str, Any], Caller], dict[str, Any]]
"""Operation, parameters and caller -> result, in the calling thread; raises Fault."""

logger = logging.getLogger(__name__)

_XML = {"content-type": "text/xml"}
_REQUEST_ID = "cachewright.request_id"  # key of the ASGI scope
_INTERNAL = Fault("InternalFailure", "An internal error has occurred. Please try your query again at a later time.")
_PAGES = "/_cachewright/"  # paths of the console, which speaks JSON
_ROUTING = {404: "UnknownOperationException", 405: "MethodNotAllowed"}


def application(
    dispatch: Dispatch | None,
    gate: Gate,
    *,
    allowed_hosts: Iterable[str] = (),
    body_limit: int = BODY_LIMIT,
    routers: Iterable[APIRouter] = (),
) -> FastAPI:
    """The application that answers with `dispatch`, in threads; None: there is no API.

    `gate` decides who is let in, to the API, to metrics and to pages under `/_cachewright/`; `allowed_hosts` are names
    and addresses to answer to besides localhost and the addresses that the server is reached at,
    `body_limit` counts bytes, `routers` are further pages (the console).
    """
    app = FastAPI(openapi_url=None, redirect_slashes=False, exception_handlers=dict.fromkeys(_ROUTING, _no_route))
    names = frozenset(name.lower() for name in allowed_hosts)
    app.add_middleware(Guard, allowed_hosts=names, body_limit=body_limit)
    if dispatch:
        app.add_route("/", _api(dispatch, gate), methods=["GET", "POST"])
        app.add_route(tagging_service.PATHS, _api(dispatch, gate), methods=["POST"])
    app.add_route("/healthz", _health, methods=["GET"])
    for router in routers:
        app.include_router(router, dependencies=[Depends(_pages(gate))])
    return app


def _api(dispatch: Dispatch, gate: Gate) -> Callable[[Request], Any]:
    def answer(request: Request, body: bytes) -> Response:
        sent = _sent(request, body)
        if (named := tagging_service.operation_of(sent.path, sent.headers)) is not None:
            return _written(_tagged(named, sent, dispatch, gate))
        fields = form.fields(request.scope["query_string"], request.headers.get("content-type", ""), body)
        who = gate.caller(sent, fields)
        wanted = query.parse(fields)
        permit(who, wanted.operation)
        result = dispatch(wanted.operation, wanted.params, who)
        return Response(xml.response(wanted.operation, result, request.scope[_REQUEST_ID]), headers=_XML)

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(answer, request, await request.body())

    return endpoint


def _tagged(named: str, sent: Sent, dispatch: Dispatch, gate: Gate) -> tagging_response.Written:
    """The answer to an operation of the tagging service."""
    who = gate.caller(sent, {})
    wanted = tagging_request.parse(named, sent.path, sent.body)
    permit(who, named, sent.service)
    return tagging_response.answer(sent.path, dispatch(named, wanted.params, who))


def _written(answer: tagging_response.Written) -> Response:
    return Response(answer.body, answer.status, answer.headers)


def _pages(gate: Gate) -> Callable[[HTTPConnection], Awaitable[None]]:
    async def admitted(connection: HTTPConnection) -> None:
        path = connection.scope["path"]
        if path == METRICS:
            gate.admit_to_metrics(_sent(connection, b""))
        elif path.startswith(_PAGES):
            body = await connection.body() if isinstance(connection, Request) else b""
            gate.admit_to_pages(_sent(connection, body))

    return admitted


def _sent(connection: HTTPConnection, body: bytes) -> Sent:
    scope, headers = connection.scope, connection.headers
    return Sent(
        scope.get("method", "GET"),  # a websocket has none
        scope.get("raw_path", scope["path"].encode()).decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        {name: ",".join(headers.getlist(name)) for name in headers},
        body,
    )


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def _no_route(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, HTTPException)
    raise Fault(_ROUTING[refused.status_code], f"{request.method} {request.url.path}: {refused.detail}")


@dataclass(frozen=True, slots=True)
class Guard:
    """Stands before every route: lets no foreign page and no endless body in, gives every request an id, and turns
    whatever is raised behind it into an error of AWS's form.
    """

    app: ASGIApp
    allowed_hosts: frozenset[str]
    body_limit: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._answer(scope, receive, send)
            case "websocket" if self._refusal(scope):
                await send({"type": "websocket.close", "code": 1008})
            case _:
                await self.app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = _Exchange(receive, send, self.body_limit)
        scope[_REQUEST_ID] = exchange.id
        try:
            await self._answer_or_refuse(scope, exchange)
        except ClientDisconnect:
            logger.debug("client of request %s went away", exchange.id)
        except Exception:
            logger.exception("cannot answer request %s", exchange.id)
            await exchange.refuse(scope, _INTERNAL)

    async def _answer_or_refuse(self, scope: Scope, exchange: "_Exchange") -> None:
        try:
            self._admit(scope)
            await self.app(scope, exchange.receive, exchange.send)
        except Fault as fault:
            await exchange.refuse(scope, fault)

    def _admit(self, scope: Scope) -> None:
        if cause := self._refusal(scope):
            raise Fault("AccessDenied", cause)
        length = dict(scope["headers"]).get(b"content-length", b"0").lstrip(b"0") or b"0"
        if length.isdigit() and (len(length) > _DIGITS or int(length) > self.body_limit):
            raise _too_large(self.body_limit)

    def _refusal(self, scope: Scope) -> str | None:
        scheme = scope.get("scheme", "http").replace("ws", "http")
        reached, _ = scope.get("server") or ("", None)
        return refusal(dict(scope["headers"]), scheme, self.allowed_hosts, reached)


class _Exchange:
    """One request and its response: counts what comes in, signs what goes out."""

    def __init__(self, receive: Receive, send: Send, body_limit: int) -> None:
        self.id = str(uuid4())
        self._receive = receive
        self._send = send
        self._limit = body_limit
        self._received = 0
        self._started = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self._limit:
            raise _too_large(self._limit)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = True
            message["headers"] = [*message["headers"], (b"x-amzn-requestid", self.id.encode())]
        await self._send(message)

    async def refuse(self, scope: Scope, fault: Fault) -> None:
        """Answers with an error, unless an answer has begun: then the server cuts the connection."""
        if not self._started:
            await _refusal(scope, fault, self.id)(scope, self._receive, self.send)


def _refusal(scope: Scope, fault: Fault, identifier: str) -> Response:
    """A refusal in the form that whoever asks can read."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if tagging_service.operation_of(scope["path"], headers) is not None:
        return _written(tagging_response.refusal(scope["path"], fault))
    status, body = xml.error(fault, identifier)
    pages = scope["path"].startswith((_PAGES, METRICS))
    return JSONResponse({"error": fault.message}, status) if pages else Response(body, status, _XML)


def _too_large(limit: int) -> Fault:
    return Fault("RequestEntityTooLarge", f"The request body is larger than {limit} bytes.")
