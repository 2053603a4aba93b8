"""What Cachewright tells and does over HTTP beside the AWS API."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from cachewright.controlplane.console.bodies import answered, refused
from cachewright.controlplane.console.drills import Drills, drill_routes
from cachewright.controlplane.console.paths import TOPOLOGY
from cachewright.controlplane.console.topology import topology
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.questions import Engines
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.saving import all_with_saving

AUTHORITY = "/ca.pem"


def console(store: Store, drills: Drills, authority: Callable[[], Path], engines: Engines) -> APIRouter:
    """The routes of the console. `authority` tells where the certificate lies against which clients check nodes."""
    router = APIRouter()

    @router.get(TOPOLOGY)
    def _topology() -> JSONResponse:
        return answered(200, lambda: asdict(topology(_caches(store), engines)))

    @router.get(AUTHORITY)
    def _authority() -> Response:
        try:
            return Response(authority().read_bytes(), media_type="application/x-pem-file")
        except OSError as error:
            return refused(503, f"cannot read the certificate: {error.strerror}")

    router.include_router(drill_routes(drills))
    return router


def _caches(store: Store) -> list[Cache]:
    with store.read() as transaction:
        return all_with_saving(transaction, transaction.caches.all())
