"""A container that was a node's, and runs for nobody again: at another address, and with nothing of what it held."""

import logging
from dataclasses import dataclass
from ipaddress import IPv4Address

from cachewright.agents.engines.driver import having
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.addresses import AHEAD, NODES, node_range
from cachewright.agents.reconcile.families import in_families
from cachewright.agents.reconcile.warm.stock import Stock
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Address, Cache, Spec
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.leases import Exhausted

log = logging.getLogger(__name__)


def can_begin_anew(tools: Tools, shape: Spec) -> bool:
    """Whether what is started ahead may serve another cache afterwards, see `planning.nodes.recycling`. Behind
    published ports the agent would not find it.
    """
    return shape.replicates and shape.restricted and tools.ports is None


@dataclass(frozen=True, slots=True)
class Recycling:
    """One container of a cache that is deleted. Until the lease of its address ends it is the cache's, whoever dies; an
    address for afterwards is leased by then.
    """

    store: Store
    stock: Stock
    tools: Tools
    cache: Cache
    node: str
    container: str  # what it is called

    def is_done(self) -> bool:
        """Do it, if there is a need of the container; whether it runs for nobody now. What failed half-way is removed
        by whoever asked, or with the cache.
        """
        needed, kept = self.stock.expect(self._ahead, self.cache.spec), False
        try:
            self._unroute()
            if needed:
                self._renew(self._leased())
                self.tools.runtime.rename(self.container, self._ahead)
                kept = self._handed_back()
        except (Later, Never, Exhausted) as verdict:
            log.info("cannot recycle a node: %s", verdict)
        finally:
            if needed and not kept:
                self._give_up()
        return kept

    @property
    def _ahead(self) -> str:
        return self.cache.status.nodes[self.node].ahead

    def _leased(self) -> str:
        """An address that nobody was told."""
        with self.store.write() as transaction:
            transaction.facts.write(AHEAD, self._ahead)  # another run has something to remove
            numbers = node_range(self.tools.network)
            return str(IPv4Address(transaction.leases.take(NODES, numbers, AHEAD, self._ahead)))

    def _unroute(self) -> None:
        """Another cache will have the container."""
        endpoints = dict.fromkeys(self.cache.status.endpoints.values(), ())
        self.tools.gateway.unroute(*in_families(self.tools.network, self.cache.spec, endpoints))

    def _renew(self, host: str) -> None:
        """Clients learn of the end where they are, then nobody finds it any more. Who has come in between meets a
        process that ends.
        """
        spec, known = self.cache.spec, self.cache.status.nodes[self.node]
        renewal = having(self.tools.drivers[spec.engine].renewal, spec.engine, "a process that begins anew")
        renewal.hang_up(Reach(known.address, login=known.login))
        self.tools.runtime.disconnect(self.container)
        self.tools.runtime.connect(self.container, host)
        there = Address(host, known.address.port)
        renewal.renew(Reach(there, login=known.login))
        for address in (known.address, there):
            self.tools.drivers[spec.engine].disconnect(address)

    def _handed_back(self) -> bool:
        """This is the step that counts: another cache may have its former address from then on. Whether it is kept,
        too: the pool may have ended meanwhile.
        """
        with self.store.write() as transaction:
            mine = transaction.leases.release(self.cache.incarnation, self.node)
        self.tools.runtime.disown(self._ahead)
        if mine and self.stock.arrived(self._ahead):
            return True
        self.tools.runtime.remove(self._ahead)
        return False

    def _give_up(self) -> None:
        self.stock.forgo(self._ahead)
        with self.store.write() as transaction:
            transaction.leases.release(AHEAD, self._ahead)
