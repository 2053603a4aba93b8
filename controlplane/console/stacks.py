"""Stacks over HTTP: what was made of templates, for whoever applies them."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, answered, body_of, refused
from cachewright.controlplane.console.paths import STACKS
from cachewright.controlplane.model.drills import Unfit
from cachewright.controlplane.model.stacks import Outdated, Remembered
from cachewright.controlplane.store.database import Store


class Written(BaseModel):
    """The body of a request that writes one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: str = Field(pattern=r"^[0-9]{12}$")
    region: str = Field(min_length=1, max_length=32)
    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,127}$")
    revision: int = Field(ge=0)  # of what it takes the place of
    document: str  # empty: there is no such stack any more


def stack_routes(store: Store) -> APIRouter:
    """The routes of stacks."""
    router = APIRouter()

    @router.get(f"{STACKS}/{{account}}/{{region}}")
    def _all(account: str, region: str) -> JSONResponse:
        def read() -> object:
            with store.read() as transaction:
                return {name: asdict(part) for name, part in transaction.stacks.of(account, region).items()}

        return answered(200, read)

    @router.post(STACKS)
    async def _write(request: Request) -> JSONResponse:
        try:
            wanted = await body_of(request, Written)
        except Misread as reason:
            return refused(400, str(reason))
        return await run_in_threadpool(answered, 200, lambda: _written(store, wanted))

    return router


def _written(store: Store, wanted: Written) -> object:
    try:
        with store.write() as transaction:
            after = Remembered(wanted.revision, wanted.document)
            return {"revision": transaction.stacks.write(wanted.account, wanted.region, wanted.name, after)}
    except Outdated as reason:
        raise Unfit(f"somebody else applies the stack {reason} as well; apply it again") from reason
