"""Drills over HTTP: JSON in, JSON out, outside the AWS API."""

from dataclasses import asdict
from typing import Protocol, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, answered, body_of, refused
from cachewright.controlplane.console.paths import DRILLS, REGIONS, ZONES
from cachewright.controlplane.model.drills import FARTHEST, LONGEST, OUTAGES, DrillKind, Order, Report, Slowed


class Drills(Protocol):
    """Whoever holds drills."""

    def begin(self, order: Order) -> Report:
        """Begin one; NoSuchTarget or Unfit when it cannot be held."""

    def report(self, identifier: str) -> Report | None:
        """One as far as it is; None when nothing is known of it."""

    def bring_up(self, target: str) -> bool:
        """End the failure of a zone or of a region; whether it was down. NoSuchTarget for what is neither."""

    def slow_down(self, region: str, delay: int) -> Slowed:
        """Let everything arrive so many milliseconds later that a region sends to others, or they to it; 0: at once
        again. NoSuchTarget for what is no region.
        """


class Distance(BaseModel):
    """The body of a request that slows a region down, or ends that."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay: int = Field(ge=0, le=FARTHEST)


class Asked(BaseModel):
    """The body of a request for a drill."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: DrillKind
    target: str = Field(min_length=1, max_length=200)
    seconds: float | None = Field(10.0, gt=0, le=LONGEST)
    delay: int = Field(200, ge=1, le=60_000)
    account: str = ""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.seconds is None and self.kind not in OUTAGES:
            raise ValueError("only a zone or a region may be down without an end; say seconds")
        return self

    @property
    def order(self) -> Order:
        """The same as everybody else knows it."""
        return Order(self.kind, self.target, self.seconds, self.delay, self.account)


def drill_routes(drills: Drills) -> APIRouter:
    """The routes of drills."""
    router = APIRouter()

    @router.post(DRILLS)
    async def _begin(request: Request) -> JSONResponse:
        try:
            asked = await body_of(request, Asked)
        except Misread as reason:
            return refused(400, str(reason))
        return await run_in_threadpool(answered, 202, lambda: asdict(drills.begin(asked.order)))

    @router.get(f"{DRILLS}/{{identifier}}")
    def _report(identifier: str) -> JSONResponse:
        report = drills.report(identifier)
        return JSONResponse(asdict(report)) if report else refused(404, f"nothing is known of a drill {identifier}")

    @router.delete(f"{ZONES}/{{zone}}/outage")
    def _up(zone: str) -> JSONResponse:
        return answered(200, lambda: {"zone": zone, "was_down": drills.bring_up(zone)})

    @router.delete(f"{REGIONS}/{{region}}/outage")
    def _region_up(region: str) -> JSONResponse:
        def up() -> dict[str, object]:
            slowed = drills.slow_down(region, 0)
            return {"region": region, "was_down": drills.bring_up(region), "was_slow": slowed.before > 0}

        return answered(200, up)

    @router.put(f"{REGIONS}/{{region}}/delay")
    async def _slow_down(region: str, request: Request) -> JSONResponse:
        try:
            asked = await body_of(request, Distance)
        except Misread as reason:
            return refused(400, str(reason))
        return await run_in_threadpool(answered, 200, lambda: asdict(drills.slow_down(region, asked.delay)))

    return router
