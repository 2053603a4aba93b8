"""What answers in a process of each role, and what works beside the requests."""

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from cachewright.agents.agent import Agent
from cachewright.agents.drills.clients import ENTRANCES
from cachewright.agents.drills.drills import Drills
from cachewright.agents.onlooker import Onlooker
from cachewright.agents.queries.engines import LiveEngines
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane import own_key
from cachewright.controlplane.api.counting import CountedRequests
from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.api.recording import RecordedRequests
from cachewright.controlplane.app import application
from cachewright.controlplane.automatic_cutovers import AutomaticCutovers
from cachewright.controlplane.automatic_snapshots import AutomaticSnapshots
from cachewright.controlplane.console.host_desk import HostDesk
from cachewright.controlplane.lazy import Lazy
from cachewright.controlplane.maintenance import Maintenance
from cachewright.controlplane.model.hosts import Host, letters
from cachewright.controlplane.model.membership import Duty, Role
from cachewright.controlplane.model.metrics.own import Seen
from cachewright.controlplane.model.metrics.samples import EVERY
from cachewright.controlplane.model.quotas import Quotas
from cachewright.controlplane.sampling import Sampling
from cachewright.controlplane.server.clock import now
from cachewright.controlplane.server.front import Application
from cachewright.controlplane.server.resources import writable
from cachewright.controlplane.server.working import Working
from cachewright.controlplane.service_updates import ServiceUpdates
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.wire.gate import Gate, Guarded, Open

if TYPE_CHECKING:
    from fastapi import APIRouter

    from cachewright.controlplane.server.pages import Pages


class Worker(Protocol):
    """What works beside the requests."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End."""


@dataclass(frozen=True, slots=True)
class Plane:
    """What the applications of all roles are made of."""

    settings: Settings
    store: Store
    secret_store: DirectorySecrets
    own: Working
    agent: Agent | Onlooker
    engines: LiveEngines
    hosts: Mapping[str, Host]  # that were known as it began

    def agent_alone(self) -> tuple[Application, Sequence[Worker]]:
        """An agent's: whether it is there, and its metrics. What goes by the clock is done beside agents."""
        settings = self.settings
        app = application(None, _gate(settings), allowed_hosts=settings.allowed_hosts, routers=self._metrics_alone)
        return app, self._clockwork(self._dispatch(), self._maintenance(), self._automatic())

    def api(self, ending: "Future[None]") -> tuple[Application, Sequence[Worker]]:
        """The API and the console, and, where there is no other process, what goes by the clock."""
        settings, store, agent, clock = self.settings, self.store, self.agent, self.own.clock
        own = self.own
        drills = Drills(
            *(store, agent.tools, ENTRANCES[settings.runtime], clock, self.zones),
            process=own.name,
            others=own.others,
        )
        if own.member:
            own.member.follow(drills.take_back)
        maintenance, automatic, plain = self._maintenance(), self._automatic(), self._dispatch()
        recorded = RecordedRequests(plain, clock)
        dispatch = CountedRequests(recorded)

        def made() -> "Pages":
            from cachewright.controlplane.server.pages import Pages  # noqa: PLC0415 - FastAPI and Pydantic are 20 MB

            pages = Pages(self, drills, maintenance, automatic, recorded, dispatch)
            ending.add_done_callback(lambda _: pages.close())
            return pages

        pages = Lazy(made)
        allowed, routers = settings.allowed_hosts, lambda: pages.made().routers()
        app = application(dispatch, _gate(settings), allowed_hosts=allowed, routers=routers)
        beside = self._clockwork(plain, maintenance, automatic) if settings.role is Role.BOTH else ()
        return app, (drills, *beside, Sampling(lambda: _sample(pages), EVERY))

    def _metrics_alone(self) -> "Sequence[APIRouter]":
        from cachewright.controlplane.console.metrics import metrics_routes  # noqa: PLC0415 - see `made`

        return [metrics_routes(self.seen)]

    def seen(self) -> Seen:
        """What metrics tell of this process and of all hosts."""
        return replace(self.agent.seen(), hosts=self.host_desk().every())

    def zones(self) -> tuple[str, ...]:
        """The letters of the zones: those that have a host by now, where there are hosts."""
        if not self.hosts:
            return self.settings.zones
        with self.store.read() as transaction:
            return letters(transaction.hosts.all()) or self.settings.zones

    def host_desk(self) -> HostDesk:
        """Where hosts are told."""
        return HostDesk(self.store, self.agent.silent_hosts, bool(self.hosts))

    def _dispatch(self) -> Dispatch:
        settings, quotas = self.settings, Quotas(self.settings.quotas)
        chance = random.SystemRandom()
        return Dispatch(
            *(self.store, settings.zones, self.own.clock, chance, self.engines, settings.restricted_commands, quotas),
            hosted=bool(self.hosts),
        )

    def _maintenance(self) -> Maintenance:
        return Maintenance(self.store, self.own.clock, self.settings.poll_interval)

    def _automatic(self) -> AutomaticSnapshots:
        return AutomaticSnapshots(self.store, self.own.clock, random.SystemRandom())

    def _clockwork(self, plain: Dispatch, maintenance: Maintenance, automatic: AutomaticSnapshots) -> Sequence[Worker]:
        """What is done when its time has come, by one process of all."""
        settings, chance = self.settings, random.SystemRandom()
        updates = ServiceUpdates(
            *(self.store, self.own.clock, chance, settings.poll_interval), examples=settings.example_updates
        )
        every = (maintenance, automatic, AutomaticCutovers(self.store, plain), updates)
        for one in every:
            one.only_while(lambda: self.own.holds(Duty.CLOCK))
        return every


def _sample(pages: "Lazy[Pages]") -> None:
    if there := pages.there:
        there.sample()


def _gate(settings: Settings) -> Gate:
    """Where keys are wanted, the data directory's own is one more, for the commands."""
    if not settings.credentials:
        return Open(settings.region)
    with writable(settings.data_dir):
        own = own_key.made(settings.data_dir)
        own_key.keep_token(settings.data_dir, own)
    return Guarded({**settings.credentials, own.id: own}, now)
