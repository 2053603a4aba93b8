"""A container that was a node's, and runs for nobody again, with nothing of what it held. Callers were never told where
it is: the endpoint that they had leads nowhere any more.
"""

import logging
from dataclasses import dataclass

from cachewright.agents.engines.driver import having
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.addresses import AHEAD, NODES
from cachewright.agents.reconcile.families import in_families
from cachewright.agents.reconcile.warm.stock import Stock
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.store.database import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recycling:
    """One container of a cache that is deleted. Until the lease of its address is handed over it is the cache's,
    whoever dies.
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
                self._renew()
                self.tools.runtime.rename(self.container, self._ahead)
                kept = self._handed_back()
        except (Later, Never) as verdict:
            log.info("cannot recycle a node: %s", verdict)
        finally:
            if needed and not kept:
                self._give_up()
        return kept

    @property
    def _ahead(self) -> str:
        return self.cache.status.nodes[self.node].ahead

    def _unroute(self) -> None:
        """Another cache will have the container. Clients learn of the end, and nobody finds it any more."""
        endpoints = dict.fromkeys(self.cache.status.endpoints.values(), ())
        self.tools.gateway.unroute(*in_families(self.tools.network, self.cache.spec, endpoints))

    def _renew(self) -> None:
        spec, known = self.cache.spec, self.cache.status.nodes[self.node]
        driver = self.tools.drivers[spec.engine]
        renewal = having(driver.renewal, spec.engine, "a process that begins anew")
        renewal.renew(Reach(known.address, login=known.login))
        driver.disconnect(known.address)

    def _handed_back(self) -> bool:
        """This is the step that counts: another cache may have its lease from then on. Whether it is kept, too: the
        pool may have ended meanwhile.
        """
        with self.store.write() as transaction:
            transaction.facts.write(AHEAD, self._ahead)  # another run has something to remove
            mine = transaction.leases.hand_over(NODES, (self.cache.incarnation, self.node), (AHEAD, self._ahead))
        self.tools.runtime.disown(self._ahead)
        if mine and self.stock.arrived(self._ahead):
            return True
        self.tools.runtime.remove(self._ahead)
        return False

    def _give_up(self) -> None:
        self.stock.forgo(self._ahead)
        with self.store.write() as transaction:
            transaction.leases.release(AHEAD, self._ahead)
