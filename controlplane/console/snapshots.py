"""Automatic snapshots over HTTP: the day's is taken at once."""

from dataclasses import asdict
from typing import Protocol

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, Named, answered, body_of, refused
from cachewright.controlplane.console.paths import SNAPSHOTS
from cachewright.controlplane.model.automatic import Daily
from cachewright.controlplane.model.snapshots import SnapshotKey


class Takes(Protocol):
    """Whoever takes them."""

    def run(self, target: str, account: str) -> Daily:
        """Ask for the day's snapshot of a cache cluster or a group; NoSuchTarget or Unfit."""

    def report(self, key: SnapshotKey) -> Daily:
        """One as far as it is; NoSuchTarget."""


def snapshot_routes(takes: Takes) -> APIRouter:
    """The routes of automatic snapshots."""
    router = APIRouter()

    @router.post(SNAPSHOTS)
    async def _run(request: Request) -> JSONResponse:
        try:
            wanted = await body_of(request, Named)
        except Misread as reason:
            return refused(400, str(reason))
        return await run_in_threadpool(answered, 202, lambda: asdict(takes.run(wanted.target, wanted.account)))

    @router.get(f"{SNAPSHOTS}/{{account}}/{{region}}/{{name}}")
    def _report(account: str, region: str, name: str) -> JSONResponse:
        return answered(200, lambda: asdict(takes.report(SnapshotKey(account, region, name))))

    return router
