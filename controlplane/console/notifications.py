"""Notifications over HTTP: what an account's caches have published, and what is on its way."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, answered, query_of, refused
from cachewright.controlplane.console.paths import NOTIFICATIONS
from cachewright.controlplane.model.access_keys import ANYBODY
from cachewright.controlplane.model.notifications import Notice
from cachewright.controlplane.store.database import Store

MOST = 100  # of a page


class Wanted(BaseModel):
    """What a request for notifications asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: str = Field(ANYBODY, pattern=r"^[0-9]{12}$")
    before: int | None = Field(None, ge=1, lt=2**31)  # a number; what the page before ended with
    limit: int = Field(MOST, ge=1, le=MOST)


def notification_routes(store: Store) -> APIRouter:
    """The route of notifications."""
    router = APIRouter()

    @router.get(NOTIFICATIONS)
    def _notifications(request: Request) -> JSONResponse:
        try:
            wanted = query_of(request, Wanted)
        except Misread as reason:
            return refused(400, str(reason))
        return answered(200, lambda: _page(store, wanted))

    return router


def _page(store: Store, wanted: Wanted) -> dict[str, Any]:
    """The newest first; `before` of the answer is that of the next page, if there is one."""
    with store.read() as transaction:
        found = transaction.notifications.newest(wanted.account, wanted.before, wanted.limit + 1)
    shown = found[: wanted.limit]
    return {
        "notifications": [_shown(notice) for notice in shown],
        "before": shown[-1].number if len(found) > wanted.limit else None,
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
