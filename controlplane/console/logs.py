"""Logs of nodes over HTTP, whether they are delivered anywhere or not."""

from dataclasses import asdict
from typing import Protocol

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, answered, body_of, refused
from cachewright.controlplane.console.paths import LOGS
from cachewright.controlplane.model.log_delivery import LogType
from cachewright.controlplane.model.log_reading import LogPage


class Wanted(BaseModel):
    """The body of a request for logs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    target: str = Field(min_length=1, max_length=200)
    account: str = ""
    type: LogType = LogType.ENGINE
    after: dict[str, str] = Field(default_factory=dict)  # positions by node; see LogPage


class ReadsLogs(Protocol):
    """Whoever reads them."""

    def page(self, target: str, account: str, kind: LogType, after: dict[str, str]) -> LogPage:
        """What the nodes of a cache, or of one of its cache clusters, have logged since some positions; without any the
        last of it. NoSuchTarget or Unfit.
        """


def log_routes(logs: ReadsLogs) -> APIRouter:
    """The routes of logs."""
    router = APIRouter()

    @router.post(LOGS)
    async def _page(request: Request) -> JSONResponse:
        try:
            wanted = await body_of(request, Wanted)
        except Misread as reason:
            return refused(400, str(reason))

        def page() -> dict[str, object]:
            return asdict(logs.page(wanted.target, wanted.account, wanted.type, wanted.after))

        return await run_in_threadpool(answered, 200, page)

    return router
