"""What one run of the agent reads and writes of caches."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from cachewright.agents.planning.labels import INCARNATION, NODE, Labels
from cachewright.agents.planning.outside import other_of, with_others
from cachewright.agents.planning.placement import places_of
from cachewright.agents.planning.placement_reasons import moves
from cachewright.agents.planning.plan import Plan
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.planning.world import World
from cachewright.agents.reconcile.addresses import assign_addresses, has_addresses, without_recycled
from cachewright.agents.reconcile.claims import Claims
from cachewright.agents.reconcile.fellows import fellows_of
from cachewright.agents.reconcile.polling import POLL_SLOW
from cachewright.agents.reconcile.slow_regions import delays_in
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.store.caches import Outdated
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.leases import Exhausted


@dataclass(frozen=True, slots=True)
class Written:
    """The cache as it is after a decision was written down, and whether addresses were given back."""

    cache: Cache
    freed: bool = False


@dataclass(frozen=True, slots=True)
class Reports:
    """The store, for one run of the agent. Unusable when the database takes nothing, or nothing from this one."""

    store: Store
    claims: Claims
    clock: Callable[[], datetime]

    def read(self, key: Key) -> Cache | None:
        """The cache as it is; None for one that another agent works on, too."""
        with self.store.read() as transaction:
            cache = transaction.caches.get(key)
            if cache and self.claims.keeps_out(cache, transaction.members.has):
                return None
            if cache and cache.deleting:
                return replace(cache, status=without_recycled(transaction.leases, cache))
        return cache

    def addressed(self, cache: Cache, tools: Callable[[], Tools]) -> Cache | None:
        """A cache that was read, with an address for everything that needs one; read again if it is another by now.
        Later when no address is left, Never when there is none of its family.
        """
        if cache.deleting or has_addresses(cache, tools()):
            return cache
        try:
            with self.store.write() as transaction:
                self.claims.require(transaction)
                status = assign_addresses(transaction, tools(), cache)
                if status == cache.status:
                    return cache  # a node waits for a host
                told = tuple(moves(cache, status.nodes, tools().sites()))
                transaction.events.add(cache.key.account, cache.key.region, told, self.clock(), cache.key)
                return transaction.caches.write_status(cache, status, settled=False)
        except Outdated:
            now = self.read(cache.key)
            return now and self.addressed(now, tools)
        except Exhausted as error:
            raise Later(f"cannot give {cache.key.id} an address: {error}", POLL_SLOW) from error

    def with_others(self, cache: Cache, world: World) -> World:
        """The world with those whom primaries have to do with outside of the cache, as they are known by now."""
        key = other_of(cache)
        if key is None and not (cache.spec.datastore and cache.spec.clustered):
            return with_others(cache, world, None)
        with self.store.read() as transaction:
            other = transaction.caches.get(key) if key else None
            fellows = fellows_of(transaction, cache, key)
            return with_others(cache, world, other, delays_in(transaction), fellows)

    def claimed(self, cache: Cache, labels: Labels) -> bool:
        """Whether a container or a volume with labels of this cache is one's that was made out of it."""
        cluster, incarnation = labels.get(NODE, "").rpartition(".")[0], labels.get(INCARNATION)
        with self.store.read() as transaction:
            return transaction.caches.claims(cache.key.account, cache.key.region, cluster, incarnation or "")

    def write(self, cache: Cache, decision: Plan, *, urgent: bool) -> Written | None:
        """Write a decision down, and whose it is. None when it was made for a cache that is not so any more."""
        owned = self.claims.renewed(cache)
        same = decision.status == cache.status and owned is None
        if same and (not decision.settled or self._rests(cache)):
            return Written(cache)
        try:
            with self.store.write(urgent=urgent) as transaction:
                self.claims.require(transaction)
                caches, settled = transaction.caches, decision.settled
                written = caches.write_status(cache, decision.status, settled=settled, ownership=owned)
                transaction.events.add(cache.key.account, cache.key.region, decision.events, self.clock(), cache.key)
                if settled and (places := places_of(decision.status.nodes)):
                    transaction.hosts.left(cache.incarnation, places)
                freed = transaction.leases.keep(cache.incarnation, decision.status.nodes) if settled else 0
        except Outdated:
            return None
        return Written(written, bool(freed))

    def _rests(self, cache: Cache) -> bool:
        """Whether it was written down already that nothing is left to do: many are looked at in which nothing changed,
        and one writes at a time.
        """
        with self.store.read() as transaction:
            return transaction.caches.rests(cache)

    def remove(self, cache: Cache, decision: Plan) -> None:
        """Forget a cache of which nothing is left, and give its addresses back."""
        with self.store.write() as transaction:
            self.claims.require(transaction)
            transaction.events.add(cache.key.account, cache.key.region, decision.events, self.clock(), cache.key)
            transaction.leases.release(cache.incarnation)
            if any(known.host for known in cache.status.nodes.values()):
                transaction.hosts.release(cache.incarnation)
            transaction.caches.remove(cache)

    def let_go(self, key: Key) -> None:
        """A cache is another agent's from now on, if it was this one's."""
        if not self.claims.lasts:  # then it is nobody's, or will be, and the database may be what is away
            return
        with self.store.read() as transaction:
            cache = transaction.caches.get(key)
        if cache and self.claims.owns(cache):
            with self.store.write() as transaction:
                transaction.caches.release(cache)
