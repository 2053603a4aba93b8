"""AWS's status of a cache, told as soon as it is another one: whoever waits for it need not ask again and again."""

import asyncio
import time
from dataclasses import asdict

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bell import Bell
from cachewright.controlplane.console.bodies import TROUBLES, Misread, body_of, refused, unanswered
from cachewright.controlplane.console.paths import STATUS
from cachewright.controlplane.console.seen import StatusSeen
from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.described import cluster_status, group_status, serverless_status
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.saving import with_saving

LONGEST = 5.0  # seconds until it is told anyhow
AT_MOST_EVERY = 0.01  # seconds between two looks


class Awaited(BaseModel):
    """A cache, and the status that was seen last."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: str
    region: str
    kind: Kind
    id: str
    status: str

    @property
    def key(self) -> Key:
        """The cache's."""
        return Key(self.account, self.region, self.kind, self.id)


class Statuses:
    """Whoever waits is told. All methods but `close` are called in the server's loop."""

    def __init__(self, store: Store, bell: Bell) -> None:
        """The bell rings when something may have changed."""
        self._store, self._bell, self._closed = store, bell, False

    def close(self) -> None:
        """Tell everybody who waits; in any thread."""
        self._closed = True
        self._bell.ring()

    async def after(self, awaited: Awaited) -> str:
        """The status once it is another one than was seen, or after some seconds; empty for a cache that is gone.
        Unusable when the store does not answer, Unreadable when it holds something else.
        """
        deadline = time.monotonic() + LONGEST
        with self._bell.heard() as ear:
            while True:
                status = await run_in_threadpool(self._status, awaited.key)
                left = deadline - time.monotonic()
                if status != awaited.status or left <= 0 or self._closed:
                    return status
                await ear.rung(left)
                await asyncio.sleep(AT_MOST_EVERY)

    def _status(self, key: Key) -> str:
        with self._store.read() as transaction:
            if (cache := transaction.caches.get(key)) is None:
                return ""
            # Of an available one more is told than its own row says: snapshots, deliveries of logs.
            return _shown(with_saving(transaction, cache) if cache.phase is Phase.AVAILABLE else cache)


def _shown(cache: Cache) -> str:
    match cache.key.kind:
        case Kind.CACHE_CLUSTER:
            return cluster_status(cache, cache.spec.nodes)
        case Kind.REPLICATION_GROUP:
            return group_status(cache)
        case Kind.SERVERLESS_CACHE:
            return serverless_status(cache)


def status_routes(statuses: Statuses) -> APIRouter:
    """The route of statuses."""
    router = APIRouter()

    @router.post(STATUS)
    async def _awaited(request: Request) -> JSONResponse:
        try:
            status = await statuses.after(await body_of(request, Awaited))
        except Misread as reason:
            return refused(400, str(reason))
        except TROUBLES as reason:
            return unanswered(reason)
        return JSONResponse(asdict(StatusSeen(status)))

    return router
