"""The pace over HTTP: how long deeds take at least, and another one until the control plane ends."""

from typing import Protocol

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, body_of, refused
from cachewright.controlplane.console.paths import PACE
from cachewright.controlplane.model.pace import Pace, pace_of


class Wanted(BaseModel):
    """The body of a request for another pace."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pace: str = Field(max_length=200)


class Keeps(Protocol):
    """Whoever keeps the pace."""

    @property
    def pace(self) -> Pace:
        """How long deeds take at least."""

    def keep(self, pace: Pace) -> None:
        """Another one."""


def pace_routes(keeper: Keeps) -> APIRouter:
    """The routes of the pace."""
    router = APIRouter()

    @router.get(PACE)
    def _shown() -> JSONResponse:
        return JSONResponse({"pace": str(keeper.pace)})

    @router.put(PACE)
    async def _set(request: Request) -> JSONResponse:
        try:
            keeper.keep(pace_of((await body_of(request, Wanted)).pace))
        except (Misread, ValueError) as reason:
            return refused(400, str(reason))
        return _shown()

    return router
