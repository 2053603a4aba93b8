"""The hosts over HTTP: told, drained, removed, and what becomes of them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from cachewright.controlplane.console.bodies import Misread, answered, body_of, refused
from cachewright.controlplane.console.paths import HOSTS
from cachewright.controlplane.model.drills import NoSuchTarget, Unfit
from cachewright.controlplane.model.hosts import Host, HostSeen
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.transaction import Transaction


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


@dataclass(frozen=True, slots=True)
class HostDesk:
    """Where hosts are told. Unfit and NoSuchTarget say what cannot be done."""

    store: Store
    silent: Callable[[], Mapping[str, str]]  # the hosts that do not answer, and why
    several: bool  # whether the control plane works with hosts: what is the first of all counts from the next start on

    def every(self) -> list[HostSeen]:
        """All of them, by name."""
        silent = self.silent()
        with self.store.read() as transaction:
            taken, nodes = transaction.hosts.taken(), transaction.hosts.nodes()
            return [
                HostSeen(
                    *(host.name, host.zone, host.address, host.engine, host.memory, taken.get(host.name, 0)),
                    *(nodes.get(host.name, 0), host.draining, silent.get(host.name, ""), self.several, host.joining),
                )
                for host in transaction.hosts.all().values()
            ]

    def add(self, host: Host) -> None:
        """A host is told, or told otherwise."""
        with self.store.write() as transaction:
            every = transaction.hosts.all()
            others = (one for one in every.values() if one.name != host.name)
            if twice := next((one for one in others if one.engine == host.engine), None):
                raise Unfit(f"{host.engine} is the engine of host {twice.name} already")
            joining = every[host.name].joining if host.name in every else self.several
            transaction.hosts.write(replace(host, joining=joining))

    def drain(self, name: str, *, draining: bool) -> None:
        """Nodes leave a host, or may come again."""
        with self.store.write() as transaction:
            transaction.hosts.write(replace(_found(transaction, name), draining=draining))
            transaction.due.update(transaction.caches.keys())

    def remove(self, name: str, *, force: bool) -> None:
        """A host that no node is on is told no more; forced, one that is gone for good with all that was on it."""
        with self.store.write() as transaction:
            _found(transaction, name)
            if not force and (count := transaction.hosts.nodes_on(name)):
                many = "a node is" if count == 1 else f"{count} nodes are"
                raise Unfit(f"{many} on host {name}, or to come: `cachewright host drain {name}` first")
            transaction.hosts.remove(name)
            transaction.due.update(transaction.caches.keys())


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


def _found(transaction: Transaction, name: str) -> Host:
    host = transaction.hosts.all().get(name)
    if host is None:
        raise NoSuchTarget(f"there is no host {name}; `cachewright host list` shows all that there are")
    return host
