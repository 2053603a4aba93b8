"""What stands behind the socket from the first moment on: says that requests are taken, and holds them until the
application is there that answers them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.wire.origin import refusal

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

HEALTHY = b'{"status":"ok"}'


@dataclass(frozen=True, slots=True)
class Front:
    """Implements ASGI. `allowed_hosts` are names and addresses to answer to, as the application does."""

    application: "Future[Application]"
    allowed_hosts: Collection[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI. Until the application is there it is asked for everything but for a plain look at the health."""
        if not self.application.done() and self._asks_for_health(scope):
            await _answer(send, 200, b"application/json", HEALTHY)
        elif answering := await self._made():
            await answering(scope, receive, send)
        else:
            await _refuse(scope, send, self._reason())

    async def _made(self) -> Application | None:
        """The application, once it is there; None when there will be none."""
        try:
            # shielded: a request that is given up does not end what all others wait for
            return await asyncio.shield(asyncio.wrap_future(self.application))
        except BaseException:
            if self.application.done() and self._reason():
                return None
            raise

    def _reason(self) -> str:
        """Why there will be no application; empty when there is one."""
        if self.application.cancelled():
            return "Cachewright has been told to stop."
        error = self.application.exception()
        return f"cannot load the application: {in_words(error)}" if error else ""

    def _asks_for_health(self, scope: Scope) -> bool:
        if (scope["type"], scope.get("method"), scope["path"]) != ("http", "GET", "/healthz"):
            return False
        reached, _ = scope.get("server") or ("", None)
        return refusal(dict(scope["headers"]), scope["scheme"], self.allowed_hosts, reached) is None


def in_words(error: BaseException) -> str:
    """What was raised, in a line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


async def _refuse(scope: Scope, send: Send, reason: str) -> None:
    """Tell in AWS's form that nobody will answer."""
    from cachewright.controlplane.wire import xml  # noqa: PLC0415 - rarely needed

    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1013})
        return
    identifier = str(uuid4())
    status, body = xml.error(Fault("ServiceUnavailable", reason), identifier)
    await _answer(send, status, b"text/xml", body, identifier)


async def _answer(send: Send, status: int, kind: bytes, body: bytes, identifier: str = "") -> None:
    headers = [
        (b"content-length", str(len(body)).encode()),
        (b"content-type", kind),
        (b"x-amzn-requestid", (identifier or str(uuid4())).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
