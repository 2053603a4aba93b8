"""A whole Cachewright in the test's own thread: real store and API, the pretend machine, and a loop turned by hand."""

import copyreg
import json
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, wait
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from socket import socket
from tempfile import TemporaryDirectory
from threading import Event, Lock, RLock
from typing import Any, ParamSpec, TypeVar

from cachewright.agents.backends import Backend, pretend
from cachewright.agents.buckets.folders import FOLDER as BUCKETS
from cachewright.agents.buckets.folders import Folders
from cachewright.agents.gateway.gateway import Routes
from cachewright.agents.gateway.published import DIRECTORY, FACT
from cachewright.agents.loop.jobs import JobBoard
from cachewright.agents.memory.gateway import MemoryGateway
from cachewright.agents.memory.machine import Machine
from cachewright.agents.planning.containers import Container
from cachewright.agents.reconcile.awake import Awake
from cachewright.agents.reconcile.claims import Alone
from cachewright.agents.reconcile.polling import POLL_MEDIUM, POLL_SLOW
from cachewright.agents.reconcile.reconciler import Reconciler
from cachewright.agents.reconcile.retries import Retries
from cachewright.agents.reconcile.turns import After, Lanes, Priority, Rest, Turn, Until
from cachewright.agents.snapshots.controller import SnapshotController
from cachewright.agents.snapshots.exporting import Exporting
from cachewright.agents.snapshots.files import FOLDER, SnapshotFiles
from cachewright.agents.snapshots.ledger import Ledger
from cachewright.agents.snapshots.taking import Taking
from cachewright.agents.source_logins.files import FOLDER as SECRETS
from cachewright.agents.source_logins.files import SecretFiles
from cachewright.agents.system.hosts import hosts_in
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.agents.toolbox import LazyTools
from cachewright.agents.tools import ImageSource, NothingAhead, StartedAhead, Tools
from cachewright.controlplane.api.dispatch import Dispatch
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind
from cachewright.controlplane.model.hostnames import Naming
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.model.questions import Engines, NoEngines
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotKey
from cachewright.controlplane.model.versions import DEFAULT_PORT
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.events import EventQuery
from tests.executors import Inline

P = ParamSpec("P")
T = TypeVar("T")

ACCOUNT, REGION = "000000000000", "us-east-1"
PATIENCE = timedelta(seconds=3)
PORTS = (16379, 16442)  # of published endpoints; nothing listens there: the gateway only pretends
MODES: dict[str, tuple[int, int] | None] = {"direct": None, "published": PORTS}
TURNS = 1500  # of one cache without a rest
TRIO: dict[str, Any] = {  # a group of three nodes, each in a zone of its own
    "ReplicationGroupDescription": "one of many",
    "CacheNodeType": "cache.t3.micro",
    "Engine": "redis",
    "NumCacheClusters": 3,
    "AutomaticFailoverEnabled": True,
    "MultiAZEnabled": True,
}
ROUNDS = 50  # a cache that has not come to rest by then never will
DATABASE = "house.db"

# A machine is copied with locks that nobody has, and with connections to nobody.
copyreg.pickle(type(Lock()), lambda _: (Lock, ()))
copyreg.pickle(type(RLock()), lambda _: (RLock, ()))
copyreg.pickle(socket, lambda _: (socket, ()))


@dataclass(frozen=True, slots=True)
class Anybody:
    """Who calls the API."""

    account: str = ACCOUNT
    region: str = REGION


@dataclass(slots=True)
class Clock:
    """Moves on by itself with every look."""

    moment: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    read: datetime = datetime(2026, 1, 1, tzinfo=UTC)  # when the monotonic clock was
    passed: float = 0.0

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=20)
        return self.moment

    def monotonic(self) -> float:
        """Seconds; of a clock that is not put back with this one, and does not go on while the machine sleeps."""
        moment = self()
        self.passed += max(0.0, (moment - self.read).total_seconds())
        self.read = moment
        return self.passed

    def sleep(self, duration: timedelta) -> None:
        """The machine sleeps for so long."""
        self.monotonic()
        self.moment += duration
        self.read += duration


@dataclass(frozen=True, slots=True)
class Kept:
    """A house as it was at some moment."""

    database: sqlite3.Connection
    machine: Machine
    routes: Routes
    images: ImageSource
    clock: Clock
    random: Random


@dataclass(slots=True)
class House:
    """Everything, with the machine to break things on."""

    store: Store
    machine: Machine
    backend: Backend
    clock: Clock = field(default_factory=Clock)
    pool: Executor = field(default_factory=Inline)
    reconciler: Reconciler = field(init=False)
    snapshots: SnapshotController = field(init=False)
    tools: Callable[[], Tools] = field(init=False)
    runs: int = 0
    woken: set[Key] = field(default_factory=set)  # made due by what another cache gave back
    naming: Naming = field(default_factory=Naming)
    random: Random = field(default_factory=lambda: Random(7))
    engines: Engines = field(default_factory=NoEngines)  # that requests ask
    published: tuple[int, int] | None = None  # the ports of published endpoints; None: addresses can be reached
    restricted: bool = True  # whether new caches keep commands from clients
    directory: Path = Path()  # where files of snapshots are
    keep_data: bool = False  # whether nodes that come have volumes

    def __post_init__(self) -> None:
        self.restart()

    def restart(
        self,
        backend: Backend | None = None,
        zones_down: frozenset[str] = frozenset(),
        ahead: StartedAhead | None = None,
    ) -> None:
        """Another run of the agent, which knows only what was written down."""
        lazy_tools = LazyTools(
            *(self.store, "test", backend or self.backend, self.files, self.buckets, self.published, self.naming),
            keep_data=self.keep_data,
            ahead=ahead or NothingAhead(),
            hosts=hosts_in(self.store),
            source_logins=SecretFiles(self.directory / SECRETS),
        )
        self.tools = lazy_tools.tools
        self.runs += 1
        gateway = f"gateway as run {self.runs} knows it"
        with self.store.write() as transaction:
            transaction.caches.release_all()
        images = (backend or self.backend).images
        jobs = JobBoard(images, Inline(), lambda: self.clock().timestamp(), lambda _: None)
        lanes = Lanes(*(lambda _: self.pool for _ in range(4)))
        self.reconciler = Reconciler(
            self.store,
            self.tools,
            lambda: gateway,
            lanes,
            jobs,
            self.clock,
            PATIENCE,
            Retries(self.store, lambda: gateway, self.clock, self.clock.monotonic, self.woken.update),
            Awake(self.clock, self.clock.monotonic),
            Alone(f"run {self.runs}", self.clock),
            lambda: zones_down,
        )
        taking = Taking(self.tools, self.files, self.clock, Event())
        exporting = Exporting(self.files, self.buckets)
        self.snapshots = SnapshotController(
            Ledger(self.store, self.clock),
            taking,
            exporting,
            self.pool,
            self.pool,
            self.clock.monotonic,
            lambda _: None,
        )
        self.snapshots.tidy()

    def keep(self) -> "Kept":
        """Everything as it is now, but for the files of snapshots."""
        database = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(self.directory / DATABASE)) as present:
            present.backup(database)
        now = (self.machine, self.gateway.routes(), self.backend.images, self.clock, self.random)
        return Kept(database, *deepcopy(now))

    def go_back(self, kept: "Kept") -> None:
        """Everything is as it was then, once; and another run of the agent begins."""
        with closing(kept.database), closing(sqlite3.connect(self.directory / DATABASE)) as present:
            present.execute("PRAGMA synchronous=OFF")
            kept.database.backup(present)
        self.machine, self.clock, self.random = kept.machine, kept.clock, kept.random
        self.backend = replace(_backend(self.directory, self.machine), images=kept.images)
        self.gateway.route(kept.routes)
        self.restart()

    def tell_hosts(self, *hosts: Host) -> None:
        """Hosts are told, and are there; the agent that starts next knows of them."""
        for host in hosts:
            self.machine.add_host(host.name, host.memory, host.address)
            with self.store.write() as transaction:
                transaction.hosts.write(host)
        self.restart()

    def reconcile(self, key: Key, priority: Priority = Priority.ROUTINE, turns: int = TURNS) -> float | None:
        """Turn after turn of a cache until it rests (None), or waits for something that may take long: so many
        seconds.
        """
        turn = Turn(key, None, woken=True, priority=priority)
        for _ in range(turns):
            match self.reconciler.reconcile(turn):
                case Rest():
                    return None
                case Until(work, memory):
                    wait(work)
                    turn = Turn(key, memory, woken=False, priority=priority)
                case After(delay, memory):
                    if delay >= POLL_MEDIUM and memory is None:
                        return delay
                    self.clock.moment += timedelta(seconds=delay)
                    turn = Turn(key, memory, woken=False, priority=priority)
        return POLL_SLOW

    def settle_snapshot(
        self, name: str, meanwhile: Callable[[], object] = lambda: None, *, serverless: bool = False
    ) -> None:
        """Turn the loop until nothing is left to do with a snapshot; pauses are over at once, and then something else
        happens.
        """
        key = SnapshotKey(ACCOUNT, REGION, name, serverless)
        memory: object = None
        for _ in range(TURNS):
            match self.snapshots.reconcile(Turn(key, memory, woken=False, priority=Priority.ROUTINE)):
                case Rest():
                    return
                case Until(work, kept):
                    wait(work)
                    memory = kept
                case After(delay, kept):
                    memory = kept
                    self.clock.moment += timedelta(seconds=delay)
                    meanwhile()
        raise AssertionError("it never comes to rest")

    def snapshot(self, name: str, *, serverless: bool = False) -> Snapshot | None:
        """A snapshot as it is remembered."""
        with self.store.read() as transaction:
            return transaction.snapshots.get(SnapshotKey(ACCOUNT, REGION, name, serverless))

    def call(self, operation: str, **params: Any) -> Mapping[str, Any]:
        """One request."""
        return self.call_in(REGION, operation, **params)

    def call_in(self, region: str, operation: str, **params: Any) -> Mapping[str, Any]:
        """One request in some region."""
        dispatch = Dispatch(
            self.store, ("a", "b", "c"), self.clock, self.random, self.engines, restricted=self.restricted
        )
        return dispatch(operation, params, Anybody(region=region))

    def settle(self, *keys: Key) -> None:
        """Turn the loop until every cache rests, or these."""
        for _ in range(ROUNDS):
            with self.store.read() as transaction:
                due = keys or transaction.caches.keys()
            delays = [self.reconcile(key) for key in due]
            if delays == [None] * len(due):
                return
        raise AssertionError("it never comes to rest")

    def cluster(self, name: str = "one", **params: Any) -> Cache:
        """A cache cluster, available."""
        asked = {"CacheClusterId": name, "Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1}
        self.call("CreateCacheCluster", **{**asked, **params})
        self.settle()
        return self.cache(Kind.CACHE_CLUSTER, name)

    def group(self, name: str = "rg", nodes: int = 3, **params: Any) -> Cache:
        """A replication group with automatic failover, available."""
        asked = {
            "ReplicationGroupId": name,
            "ReplicationGroupDescription": "for a test",
            "CacheNodeType": "cache.t3.micro",
            "Engine": "redis",
            "NumCacheClusters": nodes,
            "AutomaticFailoverEnabled": nodes > 1,
        }
        self.call("CreateReplicationGroup", **{**asked, **params})
        self.settle()
        return self.cache(Kind.REPLICATION_GROUP, name)

    @property
    def buckets(self) -> Folders:
        """The buckets."""
        return Folders(self.directory / BUCKETS)

    @property
    def files(self) -> SnapshotFiles:
        """The files of snapshots."""
        return SnapshotFiles(self.directory / FOLDER)

    def cache(self, kind: Kind, name: str, region: str = REGION) -> Cache:
        """A cache as it is remembered."""
        with self.store.read() as transaction:
            cache = transaction.caches.get(Key(ACCOUNT, region, kind, name))
        assert cache, f"{name} is gone"
        return cache

    def messages(self, region: str = REGION) -> list[str]:
        """Every event of a region, from the oldest to the newest, with its source."""
        query = EventQuery(ACCOUNT, region, datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
        with self.store.read() as transaction:
            events = transaction.events.newest(query, None, 1000)
        return [f"{dated.event.source}: {dated.event.message}" for dated in reversed(events)]

    def containers(self) -> list[Container]:
        """What is on the machine."""
        return self.backend.runtime.containers()

    def routes(self) -> dict[Address, tuple[Address, ...]]:
        """Where the gateway leads, by the addresses that clients are told: on several hosts it stands for that of each,
        which all publish the same ports.
        """
        routes = dict(self.tools().gateway.routes())
        hosts = [host.address for host in self.machine.hosts.known.values()] if self.published else []
        return routes | {Address(host, each.port): to for each, to in routes.items() for host in hosts}

    def container(self, node: str) -> str:
        """The name of a node's container."""
        return next(c.name for c in self.containers() if c.labels.get("cachewright.node") == node)

    @property
    def gateway(self) -> MemoryGateway:
        """The pretend gateway."""
        gateway = self.backend.gateway(Address("", 0))
        assert isinstance(gateway, MemoryGateway)
        return gateway


@cache
def _tables() -> bytes:
    """A database without a row; the steps that lead to it are taken once for all tests."""
    with TemporaryDirectory() as directory:
        path = Path(directory) / "empty.db"
        store = Store(f"sqlite:///{path}")
        store.prepare()
        store.close()
        return path.read_bytes()


def house(directory: Path, published: tuple[int, int] | None = None, *, keep_data: bool = False) -> House:
    """A new house; its endpoints are published at these ports, if there are any."""
    path = directory / DATABASE
    path.write_bytes(_tables())
    store = Store(f"sqlite:///{path}")
    if published:
        _choose_ports(store, *published)
    machine = Machine()
    backend = _backend(directory, machine)
    return House(store, machine, backend, published=published, directory=directory, keep_data=keep_data)


def _backend(directory: Path, machine: Machine) -> Backend:
    return pretend("test", DirectorySecrets(directory, lambda: datetime.now(UTC)), machine)


def _choose_ports(store: Store, first: int, last: int) -> None:
    """The ports are chosen already, so that it does not matter which of this machine's are free."""
    standard = sorted(set(DEFAULT_PORT.values()))
    with store.write() as transaction:
        transaction.facts.write(FACT, json.dumps([*standard, *range(first, last + 1)]))
        transaction.facts.write(DIRECTORY, "16443")
