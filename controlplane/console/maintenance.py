"""Maintenance windows over HTTP: one is opened by hand."""

from collections.abc import Mapping
from typing import Any, Protocol

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, Named, answered, body_of, refused
from cachewright.controlplane.console.paths import MAINTENANCE


class Run(Protocol):
    """Whoever opens windows."""

    def __call__(self, target: str, account: str, /) -> Mapping[str, Any]:
        """Open the window of a cache cluster or a group, and tell what is done; NoSuchTarget or Unfit."""


def maintenance_routes(run: Run) -> APIRouter:
    """The routes of maintenance windows."""
    router = APIRouter()

    @router.post(MAINTENANCE)
    async def _run(request: Request) -> JSONResponse:
        try:
            wanted = await body_of(request, Named)
        except Misread as reason:
            return refused(400, str(reason))
        return await run_in_threadpool(answered, 202, lambda: run(wanted.target, wanted.account))

    return router
