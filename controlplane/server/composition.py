"""The composition root: joins the store, the API and the agent."""

import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

from cachewright.agents.agent import Agent
from cachewright.agents.backends import backend_of
from cachewright.agents.onlooker import Onlooker
from cachewright.agents.queries.engines import LiveEngines
from cachewright.agents.queries.vpcs import Ec2, NoEc2
from cachewright.agents.system.secrets import Contradiction, DirectorySecrets, shared
from cachewright.controlplane.model.hosts import Host, letters
from cachewright.controlplane.model.membership import Role
from cachewright.controlplane.server.clock import now
from cachewright.controlplane.server.database import opened, prepared
from cachewright.controlplane.server.front import Application
from cachewright.controlplane.server.identity import identified, require_known
from cachewright.controlplane.server.plane import Plane
from cachewright.controlplane.server.probe import cleared
from cachewright.controlplane.server.resources import CannotServe, cause_of, made_directory, writable
from cachewright.controlplane.server.working import working
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Unusable, tell

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
    from cachewright.agents.directory.name_server import LOCAL, NameServer, stored  # noqa: PLC0415 - dnslib is a megabyte

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
