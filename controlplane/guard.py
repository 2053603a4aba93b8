"""What stands before every route, of the API and of the pages."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cachewright.controlplane.console.paths import METRICS, PAGES
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.wire import xml
from cachewright.controlplane.wire.gate import Sent
from cachewright.controlplane.wire.origin import refusal
from cachewright.controlplane.wire.tagging import response as tagging_response
from cachewright.controlplane.wire.tagging import service as tagging_service

REQUEST_ID = "cachewright.request_id"  # key of the ASGI scope
XML = {"content-type": "text/xml"}

_DIGITS = 18  # of a length that is worth reading
_INTERNAL = Fault("InternalFailure", "An internal error has occurred. Please try your query again at a later time.")
_ROUTING = {404: "UnknownOperationException", 405: "MethodNotAllowed"}

log = logging.getLogger(__name__)


def sent(connection: HTTPConnection, body: bytes) -> Sent:
    """A request as whoever verifies it reads it."""
    scope, headers = connection.scope, connection.headers
    return Sent(
        scope.get("method", "GET"),  # a websocket has none
        scope.get("raw_path", scope["path"].encode()).decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        {name: ",".join(headers.getlist(name)) for name in headers},
        body,
    )


async def _no_route(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, HTTPException)
    raise Fault(_ROUTING[refused.status_code], f"{request.method} {request.url.path}: {refused.detail}")


NO_ROUTE: Mapping[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] = dict.fromkeys(
    _ROUTING, _no_route
)


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
        scope[REQUEST_ID] = exchange.id
        try:
            await self._answer_or_refuse(scope, exchange)
        except ClientDisconnect:
            log.debug("client of request %s went away", exchange.id)
        except Exception:
            log.exception("cannot answer request %s", exchange.id)
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


def written(answer: tagging_response.Written) -> Response:
    """An answer of the tagging service."""
    return Response(answer.body, answer.status, answer.headers)


def _refusal(scope: Scope, fault: Fault, identifier: str) -> Response:
    """A refusal in the form that whoever asks can read."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    if tagging_service.operation_of(scope["path"], headers) is not None:
        return written(tagging_response.refusal(scope["path"], fault))
    status, body = xml.error(fault, identifier)
    pages = scope["path"].startswith((PAGES, METRICS))
    return JSONResponse({"error": fault.message}, status) if pages else Response(body, status, XML)


def _too_large(limit: int) -> Fault:
    return Fault("RequestEntityTooLarge", f"The request body is larger than {limit} bytes.")
