"""What stands behind the socket from the first moment on: says that requests are taken, and holds them until the
application is there that answers them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

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
        if self.application.done() or not self._asks_for_health(scope):
            # shielded: a request that is given up does not end what all others wait for
            answering = await asyncio.shield(asyncio.wrap_future(self.application))
            await answering(scope, receive, send)
        else:
            await _tell(send)

    def _asks_for_health(self, scope: Scope) -> bool:
        if (scope["type"], scope.get("method"), scope["path"]) != ("http", "GET", "/healthz"):
            return False
        reached, _ = scope.get("server") or ("", None)
        return refusal(dict(scope["headers"]), scope["scheme"], self.allowed_hosts, reached) is None


async def _tell(send: Send) -> None:
    headers = [
        (b"content-length", str(len(HEALTHY)).encode()),
        (b"content-type", b"application/json"),
        (b"x-amzn-requestid", str(uuid4()).encode()),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": HEALTHY})
