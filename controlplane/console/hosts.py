"""The hosts over HTTP: told, drained, removed, and what becomes of them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, answered, body_of, refused
from cachewright.controlplane.console.host_desk import HostDesk
from cachewright.controlplane.console.paths import HOSTS
from cachewright.controlplane.model.hosts import Host


class Told(BaseModel):
    """The body of a request that tells of a host."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(max_length=64)
    engine: str = Field(max_length=300)
    zone: str = Field(max_length=8)
    address: str = Field(max_length=253)
    memory: int = Field(default=0, ge=0)


class Drained(BaseModel):
    """The body of a request that nodes leave a host, or may come again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    draining: bool


def host_routes(desk: HostDesk) -> APIRouter:
    """The routes of the hosts."""
    router = APIRouter()

    def told(deed: Callable[[], None] = lambda: None) -> list[Mapping[str, object]]:
        deed()
        return [asdict(host) for host in desk.every()]

    @router.get(HOSTS)
    def _shown() -> JSONResponse:
        return answered(200, told)

    @router.post(HOSTS)
    async def _add(request: Request) -> JSONResponse:
        try:
            host = Host(**(await body_of(request, Told)).model_dump())
        except (Misread, ValueError) as reason:
            return refused(400, str(reason))
        return await run_in_threadpool(answered, 201, lambda: told(lambda: desk.add(host)))

    @router.put(f"{HOSTS}/{{name}}")
    async def _drain(name: str, request: Request) -> JSONResponse:
        try:
            wanted = await body_of(request, Drained)
        except Misread as reason:
            return refused(400, str(reason))
        deed = lambda: desk.drain(name, draining=wanted.draining)  # noqa: E731 - what is done with it
        return await run_in_threadpool(answered, 200, lambda: told(deed))

    @router.delete(f"{HOSTS}/{{name}}")
    def _remove(name: str) -> JSONResponse:
        return answered(200, lambda: told(lambda: desk.remove(name, force=False)))

    @router.delete(f"{HOSTS}/{{name}}/gone")
    def _give_up(name: str) -> JSONResponse:
        return answered(200, lambda: told(lambda: desk.remove(name, force=True)))

    return router
