"""The pages of the console. They read the store only."""

from dataclasses import asdict

from fastapi import APIRouter
from starlette.responses import JSONResponse

from controlplane.console.topology import TOPOLOGY, topology
from controlplane.store.database import Store


def console(store: Store) -> APIRouter:
    """The routes of the console."""
    router = APIRouter()

    @router.get(TOPOLOGY)
    def _topology() -> JSONResponse:
        with store.read() as transaction:
            caches = transaction.caches.all()
        return JSONResponse(asdict(topology(caches)))

    return router
