"""What makes keys due while their specs stay the same: changes of containers, ended connections,
silent nodes, and the clock."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from cachewright.agents.engines.driver import Driver
from cachewright.agents.loop.connections import Connections
from cachewright.agents.planning.containers import State
from cachewright.agents.planning.labels import CACHE, Labels
from cachewright.agents.planning.links import Reach, reach
from cachewright.agents.planning.pulse import Inquiry, Pulse, expected, exposed
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.silence import Pinged
from cachewright.agents.reconcile.turns import LoopKey, Priority, SystemKey
from cachewright.agents.runtime.runtime import Runtime
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind
from cachewright.controlplane.model.snapshots import Due, SnapshotKey
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.news import News

PINGS = 1000  # per second at most: of many nodes each is pinged less often; the container engine tells of crashes

_Ping = tuple[Key, "Watched"]
log = logging.getLogger(__name__)


def key_of(label: str) -> Key | None:
    """The key in a container's label; None for a label that no cache has."""
    account, region, kind, identifier = (*label.split("/"), "", "", "", "")[:4]
    return Key(account, region, Kind(kind), identifier) if kind in set(Kind) else None


class Enqueueing(Protocol):
    """Where keys are made due."""

    def enqueue(self, keys: Iterable[LoopKey], priority: Priority = Priority.ROUTINE) -> None:
        """There is a reason to look at these keys now."""

    def poll(self, keys: Iterable[LoopKey]) -> None:
        """Look at those of these keys that nobody has in mind."""


@dataclass(slots=True, eq=False)
class Watched:
    """A node of a cache that came to rest."""

    name: str
    driver: Driver
    node: Reach
    expected: Pulse | None  # None: that it answers
    pinged: Pinged
    exposed: bool = False  # clients may tell it other logins and parameter values
    told: str = ""  # of these, when it was asked last; what has changed since is looked at
    epoch: int | None = None  # that it had first; None: not asked yet
    questions: tuple[Inquiry, Inquiry] = field(init=False)  # the least, and a thorough one

    def __post_init__(self) -> None:
        clustered = self.expected is not None and self.expected.cluster is not None
        thorough = Inquiry(self.node, thorough=True, clustered=clustered, exposed=self.exposed)
        self.questions = Inquiry(self.node), thorough

    def inquiry(self, *, thorough: bool) -> Inquiry:
        """What it is asked: whether it answers, or whether it is as it was decided."""
        return self.questions[thorough and self.expected is not None]

    def is_well(self, said: Pulse | None, asked: Pinged, *, thorough: bool) -> bool:
        """Whether it has answered when it was asked and, for a thorough look, as expected."""
        answered = self._answers(asked, said is not None)
        if said is None or not thorough or self.expected is None:
            return answered
        return self._is_as_expected(said)

    def _answers(self, asked: Pinged, answered: bool) -> bool:
        if answered:
            self.pinged = asked
        elif not self.pinged.vain:
            self.pinged = replace(self.pinged, vain=asked.heard)
        return answered

    def _is_as_expected(self, said: Pulse) -> bool:
        epoch, told = said.cluster.epoch if said.cluster else None, self.told
        self.epoch, self.told = epoch if self.epoch is None else self.epoch, said.told
        return said == self.expected and epoch == self.epoch and said.told == told


@dataclass(slots=True, eq=False)
class Sources:
    """Makes keys due. Losing one costs an interval of `patrol`, never correctness."""

    store: Store
    drivers: Mapping[Engine, Driver]
    queue: Enqueueing
    stop: threading.Event
    connections: Connections
    clock: Callable[[], datetime]
    hint: Callable[[set[Key]], None]  # tells nodes of these caches what needs no look, and makes all of them due
    rested: Callable[[Cache], None] = lambda _: None  # is told of each cache that came to rest
    wants: Callable[[Key], bool] = lambda _: True  # see Claims
    owns: Callable[[Cache], bool] = lambda _: True
    _watched: dict[Key, tuple[Watched, ...]] = field(default_factory=dict)
    _news: News = field(init=False)

    def __post_init__(self) -> None:
        self._news = News(self.store)

    def watch(self, key: Key) -> None:
        """A cache came to rest: from now on every node of it is expected to answer, and to say what was decided, unless
        it is gone, or another agent's.
        """
        with self.store.read() as transaction:
            cache = transaction.caches.get(key)
        cache = cache if cache and self.owns(cache) else None
        if cache:
            before = {node.name: node.told for node in self._watched.get(key, ())}
            self._watched[key] = tuple(self._watching(cache, name, before) for name in cache.status.nodes)
            self.rested(cache)
        else:
            self._watched.pop(key, None)
        self.connections.keep(key, _own_addresses(cache) if cache else ())

    def forsake(self, key: Key) -> None:
        """A cache is deleted: that its nodes end is no news."""
        if self._watched.pop(key, None):
            self.connections.keep(key, ())

    def everything(self) -> None:
        """Make every cache due, and those to be let go of that have become another agent's."""
        self.queue.enqueue({*self._keys(), *list(self._watched)})

    def shared_out(self, runtime: Runtime) -> None:
        """Caches have become this agent's, or another one's: all are looked at, and those first that have a container
        which does not run. What is only silent is found by its turn.
        """
        self.everything()
        with suppress(Later, Never):
            ended = (one for one in runtime.containers() if one.state is not State.RUNNING)
            broken = {key for one in ended if (key := key_of(one.labels.get(CACHE, ""))) and self.wants(key)}
            self.queue.enqueue(broken, Priority.BROKEN)

    def commits(self, due: set[Due]) -> None:
        """Specs have changed. A failover that somebody asks for goes first; one cache is cheap to ask whether it is."""
        keys = {key for key in due if isinstance(key, Key) and self.wants(key)}
        self.queue.enqueue(key for key in due if isinstance(key, SnapshotKey))
        urgent = {key for key in keys if len(keys) == 1 and key in self._watched and self._fails_over(key)}
        self.queue.enqueue(urgent, Priority.BROKEN)
        settled = {key for key in keys - urgent if key in self._watched}
        self.queue.enqueue(keys - urgent - settled)
        self.hint(settled)
        if any(key.kind is Kind.CACHE_CLUSTER and key not in self._watched and self._is_listed(key) for key in keys):
            self.queue.enqueue([SystemKey.DIRECTORY])  # the first that needs one gets it beside its nodes

    def changes(self, runtime: Runtime) -> None:
        """Follow the container engine's events until the end."""
        for labels in runtime.changes(self.stop):
            self.changed(labels)

    def changed(self, labels: Labels) -> None:
        """A container with these labels has changed; without any: some may have."""
        if not labels:
            self.everything()
        if key := key_of(labels.get(CACHE, "")):
            if self.wants(key):
                self.queue.enqueue([key], Priority.BROKEN if key in self._watched else Priority.ROUTINE)
        else:
            self.queue.enqueue(SystemKey, Priority.BROKEN)

    def probes(self, interval: float) -> None:
        """Ping every node of every settled cache, again and again until the end; every other time it is asked more."""
        thorough = False
        while not self.stop.wait(self.pause(interval)):
            thorough = not thorough
            self.queue.enqueue(self.probe(thorough=thorough), Priority.BROKEN)

    def pause(self, interval: float) -> float:
        """Seconds between two rounds of pings: at least the interval, more for many nodes."""
        return max(interval, sum(map(len, list(self._watched.values()))) / PINGS)

    def probe(self, *, thorough: bool) -> set[Key]:
        """The settled caches with a node that does not answer, or is not as it was decided. Until they rest again
        only answers are expected of them.
        """
        pings: dict[Driver, list[_Ping]] = {}
        for key, nodes in list(self._watched.items()):
            for node in nodes:
                pings.setdefault(node.driver, []).append((key, node))
        found = {key for driver, those in pings.items() for key in self._unwell(driver, those, thorough=thorough)}
        for key in found:
            for node in self._watched.get(key, ()):
                node.expected = None
        return found

    def patrol(self, interval: float) -> None:
        """Look at what has something left to do and is not waiting for its next turn, again and again until the end."""
        while not self.stop.wait(interval):
            self.poll_unsettled()

    def poll_unsettled(self) -> None:
        """Make due what has something left to do and is not waiting for its next turn."""
        self.queue.poll(self._news.found(lambda: self._keys(unsettled=True)))

    def pinged(self, key: Key) -> Mapping[str, Pinged]:
        """When the nodes of a cache, by name, were pinged."""
        return {node.name: node.pinged for node in self._watched.get(key, ())}

    def _unwell(self, driver: Driver, pings: Sequence[_Ping], *, thorough: bool) -> Iterator[Key]:
        """Those of whose nodes, all of which have this driver, one is not well."""
        asked = Pinged(self.clock())
        said = driver.pulses([node.inquiry(thorough=thorough) for _, node in pings])
        for (key, node), pulse in zip(pings, said, strict=True):
            try:
                well = node.is_well(pulse, asked, thorough=thorough)
            except Exception:  # one bug must not end the probing of all
                log.exception("cannot judge %s: a bug in Cachewright", node.node)
                well = False
            if not well:
                yield key

    def _fails_over(self, key: Key) -> bool:
        with self.store.read() as transaction:
            cache = transaction.caches.get(key)
        return cache is not None and cache.fails_over

    def _is_listed(self, key: Key) -> bool:
        """Whether clients discover its nodes at the directory."""
        with self.store.read() as transaction:
            cache = transaction.caches.get(key)
        return cache is not None and cache.spec.engine is Engine.MEMCACHED

    def _watching(self, cache: Cache, name: str, before: Mapping[str, str]) -> Watched:
        """What is `told` is compared with what was before the look that let the cache rest, so that nothing that came
        after that look is missed. The look was answered: who dies before the first ping is silent since then.
        """
        way, driver = reach(cache.status, name), self.drivers[cache.spec.engine]
        wanted = expected(cache, name, login=way.login)
        return Watched(name, driver, way, wanted, Pinged(self.clock()), exposed(cache), before.get(name, ""))

    def _keys(self, *, unsettled: bool = False) -> list[Key]:
        with self.store.read() as transaction:
            return [key for key in transaction.caches.keys(unsettled=unsettled) if self.wants(key)]


def _own_addresses(cache: Cache) -> Iterable[Address]:
    """Where nodes listen themselves. What is published is a proxy's, which ends connections of its own accord."""
    ways = ((known.address.host, reach(cache.status, name).address) for name, known in cache.status.nodes.items())
    return [address for host, address in ways if address.host == host]
