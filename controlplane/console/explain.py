"""Why a cache is not as wished, over HTTP."""

from collections.abc import Sequence
from typing import Protocol

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, Named, answered, body_of, refused
from cachewright.controlplane.console.paths import EXPLAIN


class Explains(Protocol):
    """Whoever knows."""

    def __call__(self, target: str, account: str, /) -> Sequence[str]:
        """Why a cache is not as wished, in sentences; NoSuchTarget or Unfit."""


def explain_routes(explains: Explains) -> APIRouter:
    """The route of explanations."""
    router = APIRouter()

    @router.post(EXPLAIN)
    async def _explained(request: Request) -> JSONResponse:
        try:
            wanted = await body_of(request, Named)
        except Misread as reason:
            return refused(400, str(reason))
        why = lambda: {"because": list(explains(wanted.target, wanted.account))}  # noqa: E731 - it may wait
        return await run_in_threadpool(answered, 200, why)

    return router
