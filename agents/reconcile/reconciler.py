"""Load, look, decide, write down, act; again until nothing is left to do."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Event, Semaphore
from typing import TypeVar

from cachewright.agents.planning.actions import SPOKEN, Action
from cachewright.agents.planning.containers import Container
from cachewright.agents.planning.events import events_between
from cachewright.agents.planning.labels import INCARNATION, NODE
from cachewright.agents.planning.nodes.parameters import in_a_hurry
from cachewright.agents.planning.plan import Circumstances, Plan, plan
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.planning.world import World
from cachewright.agents.reconcile.act import carry_out
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.reconcile.act.settings import hint_parameters
from cachewright.agents.reconcile.addresses import assign_addresses, has_addresses
from cachewright.agents.reconcile.observe import look_again, map_over, observe
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Key, Status
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.store.caches import Outdated
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.documents import Unreadable
from cachewright.controlplane.store.failures import Unusable, tell
from cachewright.controlplane.store.leases import Exhausted

GLANCE = 0.003  # seconds between two looks at something that will be ready any moment
GLANCES = 500  # then look less often
TURNS = 1000  # then let others have a turn, whatever is left to do
MOMENT = 0.03  # seconds until the first look at what was done without one: there may be many in the same hurry
FEW = 2  # in that hurry at the same time: what takes so short goes no faster when many wait for Python's lock
BREATH = 0.25  # seconds until the next look at something slow
LULL = 1.0  # seconds until the next look at something that waits for somebody
RESIGNATION = 30.0  # seconds until something impossible is tried again

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Makes one cache as it was desired. Never two at a time for the same key; any number for different ones."""

    store: Store
    tools: Callable[[], Tools]  # raises Later while the container engine is away
    gateway: Callable[[], str]  # names the gateway that runs
    pool: Executor
    clock: Callable[[], datetime]
    patience: timedelta
    zones_down: Callable[[], frozenset[str]] = frozenset
    owner: str = ""  # names this run of the agent
    _hurried: dict[Key, int] = field(default_factory=dict)  # the spec that nodes were told of without a look
    _few: Semaphore = field(default_factory=lambda: Semaphore(FEW))

    def reconcile(self, key: Key, poke: Event) -> float | None:
        """Work until rest. Returns the seconds until the next look; None when only a poke can change anything.

        `poke` is set by others when there is a reason to look again at once.
        """
        try:
            delay = self._judged(key, poke)
        except Unusable as failure:  # nothing is done that is not written down first; that much is told
            tell(failure)
            self.store.unwritten[key] = str(failure)
            return LULL
        self.store.unwritten.pop(key, None)
        return delay

    def _judged(self, key: Key, poke: Event) -> float | None:
        """As `reconcile`, while the store takes what is to be written; Unusable when it does not."""
        try:
            with self._few:
                hurried = self._hurry(key)
            return MOMENT if hurried else self._work(key, poke)
        except Later as verdict:
            self._record_failure(key, verdict.reason)
            return verdict.delay
        except Never as verdict:
            self._record_failure(key, verdict.reason, Phase.FAILED)
            return RESIGNATION
        except Unreadable as error:  # what it wants is not known: its containers stay as they are
            log.warning("cannot reconcile %s: %s", key, error)
            return RESIGNATION

    def _hurry(self, key: Key) -> bool:
        """Tell nodes other parameter values before anything is looked at, where the spec alone has changed; once for
        each spec. The look comes after the other keys have had their turn.
        """
        with self.store.read() as transaction:
            cache = transaction.caches.get(key)
        names = in_a_hurry(cache) if cache else []
        if cache is None or not names or self._hurried.pop(key, None) == cache.generation:
            return False
        self._hurried[key] = cache.generation
        acting = Acting(self.tools(), cache, cache.status)
        for verdict in map_over(
            self.pool, lambda name: _verdict(partial(hint_parameters, acting), name), names
        ).values():
            if verdict:
                log.info("cannot hurry %s: %s", key, verdict.reason)
        return True

    def _work(self, key: Key, poke: Event) -> float | None:
        world: World | None = None
        glances = 0
        for _ in range(TURNS):
            cache = self._load(key)
            if cache is None:
                return None
            tools = self.tools()
            world = look_again(tools, cache, world, self.pool, self.clock) if world else self._observe(tools, cache)
            decision = plan(cache, world, self._circumstances(tools))
            if decision.gone:
                self._finalize(tools, cache, decision)
                return None
            if not self._write(cache, decision):
                world = None
                continue
            acting = Acting(tools, cache, decision.status)
            acting.disconnect(cache.status.nodes.keys() - decision.status.nodes.keys())
            if decision.settled:
                return None
            if decision.actions:
                poke.clear()
                self._act(acting, decision.actions)
                same = all(isinstance(action, SPOKEN) for action in decision.actions) and not poke.is_set()
                world, glances = (world if same else None), 0
            elif decision.stuck:
                return LULL
            elif glances == GLANCES:
                return BREATH
            else:
                glances += 1
                if poke.wait(GLANCE):
                    poke.clear()
                    world = None
        return BREATH

    def _circumstances(self, tools: Tools) -> Circumstances:
        return Circumstances(self.clock(), self.patience, self.zones_down(), tools.naming)

    def _load(self, key: Key) -> Cache | None:
        """The cache, with an address for everything that needs one; None for one that another agent works on, too."""
        with self.store.read() as transaction:
            cache = transaction.caches.get(key)
        if cache and cache.ownership.keeps_out(self.owner, self.clock()):
            return None
        if cache is None or cache.deleting:
            return cache
        tools = self.tools()
        if has_addresses(cache, tools):
            return cache
        try:
            with self.store.write() as transaction:
                status = assign_addresses(transaction, tools, cache)
                return transaction.caches.write_status(cache, status, settled=False)
        except Outdated:
            return self._load(key)
        except Exhausted as error:
            raise Later(f"cannot give {key.id} an address: {error}", BREATH) from error

    def _observe(self, tools: Tools, cache: Cache) -> World:
        def claimed(container: Container) -> bool:
            cluster, incarnation = container.labels.get(NODE, "").rpartition(".")[0], container.labels.get(INCARNATION)
            with self.store.read() as transaction:
                return transaction.caches.claims(cache.key.account, cache.key.region, cluster, incarnation or "")

        return observe(tools, cache, self.gateway(), self.pool, self.clock, claimed)

    def _write(self, cache: Cache, decision: Plan) -> bool:
        """Write a decision down, and whose it is; False when it was made for a cache that is not so any more."""
        owned = cache.ownership.renewed(self.owner, self.clock())
        if decision.status == cache.status and not decision.settled and owned is None:
            return True
        try:
            with self.store.write() as transaction:
                caches = transaction.caches
                caches.write_status(cache, decision.status, settled=decision.settled, ownership=owned)
                transaction.events.add(cache.key.account, cache.key.region, decision.events, self.clock())
                if decision.settled:
                    transaction.leases.keep(cache.incarnation, decision.status.nodes)
        except Outdated:
            return False
        return True

    def _act(self, acting: Acting, actions: Sequence[Action]) -> None:
        """All at the same time; every one is tried, then the first verdict is raised, Never before Later."""
        verdicts = [verdict for verdict in self.pool.map(_attempt, [acting] * len(actions), actions) if verdict]
        for verdict in sorted(verdicts, key=lambda verdict: isinstance(verdict, Later)):
            raise verdict

    def _finalize(self, tools: Tools, cache: Cache, decision: Plan) -> None:
        self._act(Acting(tools, cache, decision.status), decision.actions)
        Acting(tools, cache, decision.status).disconnect(cache.status.nodes)
        with self.store.write() as transaction:
            transaction.events.add(cache.key.account, cache.key.region, decision.events, self.clock())
            transaction.leases.release(cache.incarnation)
            transaction.caches.remove(cache)

    def _record_failure(self, key: Key, reason: str, phase: Phase | None = None) -> None:
        """Say why it is not as desired. What was available once is not said to have failed, but to be worked on."""
        log.warning("cannot reconcile %s: %s", key, reason)
        with self.store.write() as transaction:
            cache = transaction.caches.get(key)
            if cache is None:
                return
            status = _failed(cache, reason, phase)
            if status != cache.status:
                transaction.caches.write_status(cache, status, settled=False)
                transaction.events.add(key.account, key.region, events_between(cache, status), self.clock())


def _failed(cache: Cache, reason: str, phase: Phase | None) -> Status:
    unborn = cache.status.phase in (Phase.CREATING, Phase.FAILED)
    worked_on = (phase or cache.status.phase) if unborn else Phase.MODIFYING
    phase = Phase.DELETING if cache.deleting else worked_on
    return replace(cache.status, reason=reason, phase=phase, gateway="")  # it may not have been told everything


def _attempt(acting: Acting, action: Action) -> Later | Never | None:
    log.debug("%s: %s", acting.cache.key, action)
    return _verdict(partial(carry_out, acting), action)


def _verdict(deed: Callable[[T], None], what: T) -> Later | Never | None:
    try:
        deed(what)
    except (Later, Never) as verdict:
        return verdict
    return None
