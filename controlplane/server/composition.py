"""The composition root: joins the store, the API and the agent."""

import logging
import random
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from threading import Thread

from cachewright.agents.agent import Agent
from cachewright.agents.backends import backend_of
from cachewright.agents.browsing.browser import Browser
from cachewright.agents.browsing.connections import CONNECTIONS
from cachewright.agents.directory.name_server import LOCAL, NameServer, stored
from cachewright.agents.drills.clients import ENTRANCES
from cachewright.agents.drills.drills import Drills
from cachewright.agents.outward.logs.pages import LogPages
from cachewright.agents.queries.engines import LiveEngines
from cachewright.agents.queries.vpcs import Ec2, NoEc2
from cachewright.agents.system.hosts import hosts_in
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
from cachewright.controlplane.model.quotas import Quotas
from cachewright.controlplane.sampling import Sampling
from cachewright.controlplane.server.clock import now
from cachewright.controlplane.server.database import opened, prepared
from cachewright.controlplane.server.front import Application
from cachewright.controlplane.server.identity import identified, require_known
from cachewright.controlplane.server.probe import cleared
from cachewright.controlplane.server.resources import CannotServe, cause_of, made_directory, writable
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
        require_known(settings, store, "; ".join(moved))
        for words in moved:
            log.warning("%s", words)
        _release_all(store)
        hosts, zones = told(settings, store)
        instance, secret_store = identified(settings, store), installed(settings, store)
        backend = backend_of(settings.runtime, instance, secret_store, hosts_in(store).known())
        agent = Agent(store, settings, instance, backend, now)
        engines = LiveEngines(agent.tools, agent.buckets, kms=agent.kms, ec2=_ec2(settings))
        stack.callback(engines.close)
        drills = Drills(store, agent.tools, ENTRANCES[settings.runtime], now, zones)
        maintenance = Maintenance(store, now, settings.poll_interval)
        automatic = AutomaticSnapshots(store, now, random.SystemRandom())
        plain = _dispatch(store, replace(settings, zones=zones), engines)
        recorded, cutovers = RecordedRequests(plain, now), AutomaticCutovers(store, plain)
        dispatch = CountedRequests(recorded)
        page = LivePage(store, recorded, lambda: agent.seen().nodes, now)
        connect = CONNECTIONS[settings.runtime]
        browser = Browser(lambda key: _existing(store, key), lambda: secret_store.credentials, connect)
        ending.add_done_callback(lambda _: page.close())
        chance, examples = random.SystemRandom(), settings.example_updates
        updates = ServiceUpdates(store, now, chance, settings.poll_interval, examples=examples)
        app = application(
            dispatch,
            _gate(settings),
            allowed_hosts=settings.allowed_hosts,
            routers=[
                console(store, drills, lambda: secret_store.authority, engines),
                maintenance_routes(lambda target, account: asdict(maintenance.run(target, account))),
                snapshot_routes(automatic),
                pace_routes(agent),
                explain_routes(lambda target, account: agent.explained(_meant(store, target, account))),
                host_routes(HostDesk(store, agent.silent_hosts, hosts)),
                metrics_routes(lambda: replace(agent.seen(), requests=dispatch.requests)),
                notification_routes(store),
                stack_routes(store),
                log_routes(LogPages(lambda target, account: _meant(store, target, account), agent.tools)),
                data_routes(browser),
                *page.routers(choices(zones, settings.region)),
            ],
        )
        for worker in (agent, drills, maintenance, automatic, cutovers, updates, Sampling(page.sample, EVERY)):
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


def _dispatch(store: Store, settings: Settings, engines: LiveEngines) -> Dispatch:
    return Dispatch(
        store,
        settings.zones,
        now,
        random.SystemRandom(),
        engines,
        settings.restricted_commands,
        Quotas(settings.quotas),
    )


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
