"""Notifications over HTTP: what an account's caches have published, and what is on its way."""

from typing import Annotated, Any

from cachewright.controlplane.model.notifications import Notice
from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import answered
from cachewright.controlplane.console.paths import NOTIFICATIONS
from cachewright.controlplane.store.database import Store

MOST = 100  # of a page


def notification_routes(store: Store) -> APIRouter:
    """The route of notifications."""
    router = APIRouter()

    @router.get(NOTIFICATIONS)
    def _notifications(
        account: Annotated[str, Query(pattern=r"^\d{12}$")] = "000000000000",
        before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
    ) -> JSONResponse:
        return answered(200, lambda: _page(store, account, before, limit))

    return router


def _page(store: Store, account: str, before: int | None, limit: int) -> dict[str, Any]:
    """The newest first; `before` of the answer is that of the next page, if there is one."""
    with store.read() as transaction:
        found = transaction.notifications.newest(account, before, limit + 1)
    shown = found[:limit]
    return {
        "notifications": [_shown(notice) for notice in shown],
        "before": shown[-1].number if len(found) > limit else None,
    }


def _shown(notice: Notice) -> dict[str, Any]:
    return {
        "number": notice.number,
        "date": notice.date.isoformat(),
        "region": notice.topic.region,
        "topic": notice.topic.arn,
        "message": notice.message,
        "delivery": notice.delivery.value,
        "reason": notice.reason,
    }
