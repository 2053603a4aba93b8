"""Who works at the database, over HTTP: the processes that share it, and what each of them holds."""

from dataclasses import asdict
from datetime import UTC

from fastapi import APIRouter
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import answered
from cachewright.controlplane.console.paths import MEMBERS
from cachewright.controlplane.console.seen import Members, MemberSeen
from cachewright.controlplane.store.database import Store


def members_seen(store: Store) -> Members:
    """All of them, in the order of coming; none where one process does everything. Unusable."""
    with store.read() as transaction:
        members, duties, owned = (
            transaction.members.all(),
            transaction.members.duties(),
            transaction.members.caches_of(),
        )
    return Members(
        tuple(
            MemberSeen(
                member.name,
                member.role.value,
                member.host,
                member.process,
                member.since.astimezone(UTC).isoformat(),
                tuple(sorted(duty for duty, owner in duties.items() if owner == member.token)),
                owned.get(member.token, 0),
            )
            for member in members
        )
    )


def member_routes(store: Store) -> APIRouter:
    """The route of members."""
    router = APIRouter()

    @router.get(MEMBERS)
    def _members() -> JSONResponse:
        return answered(200, lambda: asdict(members_seen(store)))

    return router
