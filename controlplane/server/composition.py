"""The composition root: joins the store, the API and the agent."""

import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Protocol

from cachewright.agents.agent import Agent
from cachewright.agents.backends import backend_of
from cachewright.agents.browsing.browser import Browser
from cachewright.agents.browsing.connections import CONNECTIONS
from cachewright.agents.directory.name_server import LOCAL, NameServer, stored
from cachewright.agents.drills.clients import ENTRANCES
from cachewright.agents.drills.drills import Drills
from cachewright.agents.onlooker import Onlooker
from cachewright.agents.outward.logs.pages import LogPages
from cachewright.agents.queries.engines import LiveEngines
from cachewright.agents.queries.vpcs import Ec2, NoEc2
from cachewright.agents.system.secrets import Contradiction, DirectorySecrets, shared
from cachewright.controlplane import own_key
from cachewright.controlplane.api.counting import CountedRequests
from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.api.recording import RecordedRequests
from cachewright.controlplane.app import application
from cachewright.controlplane.automatic_cutovers import AutomaticCutovers
from cachewright.controlplane.automatic_snapshots import AutomaticSnapshots
from cachewright.controlplane.console.choices import choices
from cachewright.controlplane.console.data.routes import data_routes
from cachewright.controlplane.console.explain import explain_routes
from cachewright.controlplane.console.figures import EVERY
from cachewright.controlplane.console.hosts import HostDesk, host_routes
from cachewright.controlplane.console.live import LivePage
from cachewright.controlplane.console.logs import log_routes
from cachewright.controlplane.console.maintenance import maintenance_routes
from cachewright.controlplane.console.members import member_routes
from cachewright.controlplane.console.metrics import metrics_routes
from cachewright.controlplane.console.notifications import notification_routes
from cachewright.controlplane.console.pace import pace_routes
from cachewright.controlplane.console.router import console
from cachewright.controlplane.console.snapshots import snapshot_routes
from cachewright.controlplane.console.stacks import stack_routes
from cachewright.controlplane.maintenance import Maintenance
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.model.drills import NoSuchTarget
from cachewright.controlplane.model.hosts import Host, letters
from cachewright.controlplane.model.membership import Duty, Role
from cachewright.controlplane.model.metrics.own import Seen
from cachewright.controlplane.model.quotas import Quotas
from cachewright.controlplane.sampling import Sampling
from cachewright.controlplane.server.clock import now
from cachewright.controlplane.server.database import opened, prepared
from cachewright.controlplane.server.front import Application
from cachewright.controlplane.server.identity import identified, require_known
from cachewright.controlplane.server.probe import cleared
from cachewright.controlplane.server.resources import CannotServe, cause_of, made_directory, writable
from cachewright.controlplane.server.working import Working, working
from cachewright.controlplane.service_updates import ServiceUpdates
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Unusable, tell
from cachewright.controlplane.targets import meant
from cachewright.controlplane.wire.gate import Gate, Guarded, Open

log = logging.getLogger(__name__)


@contextmanager
def control_plane(
    settings: Settings, proceed: Callable[[], None], ending: "Future[None]", *, ready: bool
) -> Iterator[Application]:
    """The application that answers requests, with all that works behind it, in a data directory that is locked with its
    database; `ready` when that was found to be so. CannotServe when something that it needs is not to be had.

    `proceed` is called before each step. What it raises ends all that was started, as whatever else is raised does.
    `ending` is done once no more requests are taken: whoever follows something is let go then.
    """
    moved: list[str] = []
    with ExitStack() as stack:
        store = stack.enter_context(opened(settings, moved.append, ready=ready))
        proceed()
        stack.enter_context(named(settings, store))
        if settings.role is not Role.API:
            require_known(settings, store, "; ".join(moved))
        for words in moved:
            log.warning("%s", words)
        if settings.role is Role.BOTH:
            _release_all(store)
        hosts, zones = told(settings, store)
        instance, secret_store = identified(settings, store), installed(settings, store)
        own = stack.enter_context(working(settings, store))
        backend = backend_of(settings.runtime, instance, secret_store, hosts)
        agent: Agent | Onlooker
        if settings.role is Role.API:
            agent = Onlooker(store, settings, instance, backend, own.clock)
        else:
            agent = Agent(store, settings, instance, backend, own.clock, own.claims)
            if own.member:
                own.member.follow(agent.moved)
        engines = LiveEngines(agent.tools, agent.toolbox.buckets, kms=agent.toolbox.kms, ec2=_ec2(settings))
        stack.callback(engines.close)
        plane = Plane(replace(settings, zones=zones), store, secret_store, own, agent, engines, hosts)
        app, workers = plane.agent_alone() if settings.role is Role.AGENT else plane.api(ending)
        for worker in (agent, *workers):
            proceed()
            stack.callback(worker.stop)
            worker.start()
        proceed()
        Thread(target=cleared, args=[settings], name="doctor", daemon=True).start()
        yield app


def told(settings: Settings, store: Store) -> tuple[Mapping[str, Host], tuple[str, ...]]:
    """The hosts that are known from now on, those of the file of the settings among them, and the letters of the zones:
    those that have a host, where there are hosts.
    """
    with store.write() if settings.hosts else store.read() as transaction:
        transaction.hosts.tell(settings.hosts)
        hosts = transaction.hosts.all()
    return hosts, letters(hosts) or settings.zones


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
        routers = [metrics_routes(self._seen)]
        app = application(None, _gate(self.settings), allowed_hosts=self.settings.allowed_hosts, routers=routers)
        return app, self._clockwork(self._dispatch(), self._maintenance(), self._automatic())

    def api(self, ending: "Future[None]") -> tuple[Application, Sequence[Worker]]:
        """The API and the console, and, where there is no other process, what goes by the clock."""
        settings, store, agent, clock = self.settings, self.store, self.agent, self.own.clock
        own = self.own
        drills = Drills(
            *(store, agent.tools, ENTRANCES[settings.runtime], clock, self._zones),
            process=own.name,
            others=own.others,
        )
        if own.member:
            own.member.follow(drills.take_back)
        maintenance, automatic, plain = self._maintenance(), self._automatic(), self._dispatch()
        recorded = RecordedRequests(plain, clock)
        dispatch = CountedRequests(recorded)
        page = LivePage(store, recorded, lambda: agent.seen().nodes, clock)
        connect = CONNECTIONS[settings.runtime]
        browser = Browser(lambda key: _existing(store, key), lambda: self.secret_store.credentials, connect)
        ending.add_done_callback(lambda _: page.close())
        app = application(
            dispatch,
            _gate(settings),
            allowed_hosts=settings.allowed_hosts,
            routers=[
                console(store, drills, lambda: self.secret_store.authority, self.engines),
                maintenance_routes(lambda target, account: asdict(maintenance.run(target, account))),
                snapshot_routes(automatic),
                pace_routes(agent),
                explain_routes(lambda target, account: agent.explained(_meant(store, target, account))),
                host_routes(self._hosts()),
                metrics_routes(lambda: replace(self._seen(), requests=dispatch.requests)),
                notification_routes(store),
                member_routes(store),
                stack_routes(store),
                log_routes(LogPages(lambda target, account: _meant(store, target, account), agent.tools)),
                data_routes(browser),
                *page.routers(lambda: choices(self._zones(), settings.region)),
            ],
        )
        beside = self._clockwork(plain, maintenance, automatic) if settings.role is Role.BOTH else ()
        return app, (drills, *beside, Sampling(page.sample, EVERY))

    def _seen(self) -> Seen:
        return replace(self.agent.seen(), hosts=self._hosts().every())

    def _zones(self) -> tuple[str, ...]:
        """The letters of the zones: those that have a host by now, where there are hosts."""
        if not self.hosts:
            return self.settings.zones
        with self.store.read() as transaction:
            return letters(transaction.hosts.all()) or self.settings.zones

    def _hosts(self) -> HostDesk:
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


def _meant(store: Store, target: str, account: str) -> Cache:
    with store.read() as transaction:
        return meant(transaction, target, account)


def _existing(store: Store, key: Key) -> Cache:
    with store.read() as transaction:
        found = transaction.caches.get(key)
    if found is None or found.deleting:
        raise NoSuchTarget(f"{key.id} is gone: it was deleted, or never was")
    return found


def _release_all(store: Store) -> None:
    """Nobody works on any cache. A database that took a write a moment ago is not given up because it does not take
    this one: what a run before this one has kept from others ends by itself.
    """
    try:
        with store.write() as transaction:
            transaction.caches.release_all()
    except Unusable as failure:
        tell(failure)


def _ec2(settings: Settings) -> Ec2:
    if not settings.ec2_endpoint:
        return NoEc2()
    from cachewright.agents.outward.ec2 import RemoteEc2  # noqa: PLC0415 - botocore's clients take 0.1 s to import

    return RemoteEc2(settings.ec2_endpoint)


def _gate(settings: Settings) -> Gate:
    """Where keys are wanted, the data directory's own is one more, for the commands."""
    if not settings.credentials:
        return Open(settings.region)
    with writable(settings.data_dir):
        own = own_key.made(settings.data_dir)
        own_key.keep_token(settings.data_dir, own)
    return Guarded({**settings.credentials, own.id: own}, now)


def authority(settings: Settings) -> Path:
    """Where the certificate of the installation's authority lies; it is made on first use. CannotServe when there can
    be no data directory, or when a shared database cannot be used.
    """
    directory = made_directory(settings)
    if not settings.database_url:
        with writable(directory):
            return DirectorySecrets(directory, now).authority
    with prepared(settings) as store:
        return installed(settings, store).authority


def installed(settings: Settings, store: Store) -> DirectorySecrets:
    """What proves who the installation is: out of the data directory, or of a database that is told by URL, which may
    be shared. CannotServe when the two contradict each other.
    """
    found = DirectorySecrets(settings.data_dir, now)
    if not settings.database_url:
        return found
    try:
        with writable(settings.data_dir):
            return shared(found, store)
    except Contradiction as error:
        raise CannotServe(f"{error}; choose another data directory with --data-dir") from error


@contextmanager
def named(settings: Settings, store: Store) -> Iterator[None]:
    """Host names are answered for on 127.0.0.1, if that is wanted; CannotServe when the port is not to be had."""
    if not settings.dns_port:
        yield
        return
    try:
        server = NameServer(settings.dns_port, stored(store, settings.naming))
    except OSError as error:
        cause = f"{LOCAL}:{settings.dns_port}: {cause_of(error)}"
        raise CannotServe(f"cannot answer DNS queries at {cause}; set CACHEWRIGHT_DNS_PORT") from error
    server.start()
    try:
        yield
    finally:
        server.stop()
