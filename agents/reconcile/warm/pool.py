"""The containers that are started ahead: each is made as the node of a cache would be, at an address of its own, and
becomes one by being called so.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from threading import Event

from cachewright.agents.engines.redis.renewal import renewable
from cachewright.agents.planning.actions import Launch
from cachewright.agents.planning.containers import Blueprint, Container, State
from cachewright.agents.planning.images import need_of
from cachewright.agents.planning.labels import WARM, unowned, warm_prefix
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.addresses import AHEAD, NODES, is_recyclable, node_range
from cachewright.agents.reconcile.blueprints import Blueprints, version_of
from cachewright.agents.reconcile.warm.recycling import Recycling
from cachewright.agents.reconcile.warm.shapes import NODE, nobodys
from cachewright.agents.reconcile.warm.stock import Stock
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Spec
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.leases import Exhausted

_IN_VAIN = 30.0  # seconds until what could never be done is tried again
_PAUSE = 5.0  # seconds between two looks when nobody has taken any

_CANNOT = "cannot start a node ahead: %s"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WarmPool:
    """Implements `StartedAhead`. Safe to share among threads."""

    store: Store
    stock: Stock

    def offer(self, spec: Spec) -> Sequence[str]:
        """See StartedAhead."""
        return self.stock.offer(spec)

    def await_arrival(self, cache: Cache) -> float:
        """See StartedAhead."""
        return self.stock.await_arrival(cache.key, cache.spec)

    def take(self, name: str) -> None:
        """See StartedAhead."""
        self.stock.take(name)

    def recycle(self, tools: Tools, cache: Cache, node: str, container: str) -> bool:
        """See StartedAhead."""
        return Recycling(self.store, self.stock, tools, cache, node, container).is_done()

    def clear(self, tools: Tools) -> None:
        """Remove what has no node's name yet, of this run or an earlier one."""
        self.stock.empty()
        for container in _nobodys(tools):
            tools.runtime.remove(container.name)
        with self.store.write() as transaction:
            transaction.leases.release(AHEAD)
            transaction.facts.write(AHEAD, "")

    @property
    def is_needed(self) -> bool:
        """Whether anything is to be started, or may have been left by an earlier run."""
        if self.stock.wanted:
            return True
        with self.store.read() as transaction:
            return bool(transaction.facts.read(AHEAD))

    def fill(self, tools: Tools) -> bool:
        """Remove one that is of no use any more, or start one that is missing; whether there was anything to do."""
        known = self.stock.names()  # first: what comes back meanwhile is not listed
        running = frozenset(one.name for one in _nobodys(tools) if one.state is State.RUNNING)
        if useless := self.stock.useless(known - running):
            self._remove(tools, useless)
        elif shape := self.stock.missing():
            self._start(tools, shape)
        else:
            return False
        return True

    def _start(self, tools: Tools, shape: Spec) -> None:
        name = f"{warm_prefix(tools.instance)}{secrets.token_hex(6)}"
        try:
            tools.runtime.launch(self._blueprint(tools, shape, name))
        except (Later, Never, Exhausted) as verdict:
            self._remove(tools, name)
            if self.stock.failed(shape):
                raise
            log.info(_CANNOT, verdict)
        else:
            self.stock.put(name, shape)

    def _remove(self, tools: Tools, name: str) -> None:
        """Unless it is a cache's, which has its lease: what is a cache's is removed with it."""
        with self.store.write() as transaction:
            mine = transaction.leases.release(AHEAD, name)
        if mine:
            tools.runtime.remove(name)

    def _blueprint(self, tools: Tools, shape: Spec, name: str) -> Blueprint:
        """What a node of such a cache is made from, but for whose it is."""
        need = need_of(shape)
        image = tools.images.find(need.engine, need.version, need.family, need.upstream)
        with self.store.write() as transaction:
            transaction.facts.write(AHEAD, name)  # before there is anything that another run would have to remove
            number = transaction.leases.take(NODES, node_range(tools.network), AHEAD, name)
        cache = nobodys(shape, str(IPv4Address(number)))
        made = Blueprints(tools, cache, cache.status).node(Launch(NODE.name, image))
        made = replace(made, name=name, labels=unowned(made.labels, name))
        if not is_recyclable(tools, shape):
            return made
        return replace(made, command=renewable(made.command, version_of(image.build)), directory=image.programs)


def keep(pool: WarmPool, tools: Callable[[], Tools], stop: Event, holds: Callable[[], bool] = lambda: True) -> None:
    """Keep it filled until the end, while it `holds` that duty; then there is none."""
    begun = False
    while pool.is_needed and not stop.is_set():
        try:
            if not holds():
                begun = False
                pool.stock.empty()
                stop.wait(_PAUSE)
            elif not begun:
                pool.clear(tools())
                pool.stock.open()
                begun = True
            elif pause := pool.stock.held_back():
                stop.wait(pause)
            elif not pool.fill(tools()):
                pool.stock.await_change(_PAUSE)
        except (Later, Never, Exhausted) as verdict:
            log.info(_CANNOT, verdict)
            stop.wait(verdict.delay if isinstance(verdict, Later) else _IN_VAIN)
    stop.wait()
    if pool.stock.wanted and holds():
        with suppress(Later, Never):  # then the next run does
            pool.clear(tools())


def _nobodys(tools: Tools) -> list[Container]:
    """What is still called as it was launched; what has a node's name is a cache's that has not been looked at yet."""
    prefix = warm_prefix(tools.instance)
    return [one for one in tools.runtime.containers(WARM) if one.name.startswith(prefix)]
