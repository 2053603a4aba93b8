"""Look, decide, write down, act: one turn of a cache after the other, none of which waits."""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from math import inf

from cachewright.agents.planning.actions import Action, Beside, Fill, Launch, OfContainers, Switchover
from cachewright.agents.planning.containers import State
from cachewright.agents.planning.deeds import after, suffices
from cachewright.agents.planning.images import DIRECTORY, GATEWAY, Job, need_of
from cachewright.agents.planning.outages import Outages
from cachewright.agents.planning.plan import Circumstances, Plan, plan
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.planning.world import World
from cachewright.agents.reconcile.act import carry_out
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.reconcile.awake import Awake
from cachewright.agents.reconcile.claims import Claims
from cachewright.agents.reconcile.observe import Asking, Look, begins_bare, look_again, observe
from cachewright.agents.reconcile.polling import (
    POLL_BLOCKED,
    POLL_JOB,
    POLL_SLOW,
    poll_delay,
)
from cachewright.agents.reconcile.reports import Reports
from cachewright.agents.reconcile.rested import Rested
from cachewright.agents.reconcile.retries import Retries
from cachewright.agents.reconcile.setbacks import Undone, Verdict
from cachewright.agents.reconcile.silence import SHORTEST, Pinged, counted, patience_left
from cachewright.agents.reconcile.turns import After, Jobs, Lanes, LoopKey, Outcome, Priority, Rest, Turn, Until
from cachewright.agents.reconcile.under_way import Deeds, Listing, Memory
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.model.pace import Pace
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.documents import Unreadable
from cachewright.controlplane.store.failures import Unusable, tell

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Makes one cache as it was desired."""

    store: Store
    tools: Callable[[], Tools]  # raises Later while the container engine is away
    gateway: Callable[[], str]  # names the gateway that runs
    lanes: Lanes
    jobs: Jobs
    clock: Callable[[], datetime]
    patience: timedelta
    retries: Retries
    awake: Awake
    claims: Claims
    zones_down: Callable[[], frozenset[str]] = frozenset
    outages: Callable[[], Outages] = Outages
    pace: Callable[[], Pace] = Pace
    pinged: Callable[[Key], Mapping[str, Pinged]] = lambda _: {}  # nodes, by name
    forsake: Callable[[Key], None] = lambda _: None  # nobody expects answers of its nodes any more
    _rested: Rested = field(default_factory=Rested)

    def reconcile(self, turn: Turn) -> Outcome:
        """See Controller."""
        key, memory = turn.key, turn.memory
        assert isinstance(key, Key)
        try:
            if self.claims.wants(key):
                outcome = self._judged(key, turn, memory if isinstance(memory, Memory) else Memory())
            else:
                outcome = self._let_go(key)
        except Unusable as failure:  # nothing is done that is not written down first; that much is told
            tell(failure)
            self.store.unwritten[key] = str(failure)
            return After(POLL_BLOCKED)
        self.store.unwritten.pop(key, None)
        return outcome

    def _judged(self, key: Key, turn: Turn, memory: Memory) -> Outcome:
        """As `reconcile`, while the store takes what is to be written; Unusable when it does not."""
        try:
            return self._advance(key, turn, memory)
        except (Later, Never) as verdict:
            meanwhile = memory.under_way is not None and (turn.woken or memory.woken)
            return self.retries.failed(key, [(None, verdict)], woken=meanwhile)
        except Unreadable as error:
            return self.retries.unreadable(key, error)

    def _advance(self, key: Key, turn: Turn, memory: Memory) -> Outcome:
        turn = replace(turn, woken=turn.woken or memory.woken)
        match memory.under_way:
            case Listing(begun):
                return self._looking(begun.result(), replace(memory, woken=turn.woken))
            case Look() as look:
                return self._decide(look, turn, memory)
            case Deeds(decision=Plan(gone=True)) as deeds:
                return self._finalize(deeds, turn)
            case Deeds() as deeds:
                if undone := self._undone(deeds):
                    return self.retries.failed(key, undone, deeds.acting.cache, woken=turn.woken)
                return self._go_on(deeds, turn, Memory() if turn.woken else _after(deeds, memory))
            case None:
                return self._look(key, turn, Memory() if turn.woken else memory)

    def _go_on(self, deeds: Deeds, turn: Turn, memory: Memory) -> Outcome:
        """Deeds are done. Where they leave nothing to be asked, what was seen before them is decided upon once more."""
        before, key = deeds.acting.cache, deeds.acting.cache.key
        if memory.world and not memory.concluded and suffices(memory.world, deeds.actions):
            cache = self._reports.read(key)
            cache = cache and self._reports.addressed(cache, self.tools)
            if cache and (cache.spec, cache.deleting) == (before.spec, before.deleting):
                return self._conclude(cache, memory.world, turn, replace(memory, concluded=True))
        return self._look(key, turn, memory)

    def _look(self, key: Key, turn: Turn, memory: Memory) -> Outcome:
        """Begin to look; what was looked at already only is asked again, and of a new cache there is nothing yet."""
        cache = self._reports.read(key)
        is_new = cache is not None and not (cache.deleting or cache.status.nodes)
        if cache and is_new and (pause := self.tools().ahead.await_arrival(cache)):
            return After(pause, memory)
        cache = cache and self._reports.addressed(cache, self.tools)
        if cache is None:
            self._rested.forget(key)
            return self._rest(key)
        if cache.deleting:
            self.forsake(key)
        tools = self.tools()
        pool = self.lanes.looks(Priority.ROUTINE if memory.world and _silent(memory.world) else turn.priority)
        hidden = self.outages().hidden(cache.status, tools.runtime.silent_hosts())
        asking = Asking(pool, self.clock, hidden)
        if memory.world or (is_new and begins_bare(tools, cache)):
            known = memory.world or World(gateway=self.gateway())
            return self._looking(look_again(tools, cache, known, asking), memory)
        if turn.woken and turn.priority is Priority.BROKEN and (world := self._recalled(tools, cache)):
            return self._looking(replace(look_again(tools, cache, world, asking), remembered=True), memory)
        claimed = partial(self._reports.claimed, cache)
        begun = pool.submit(observe, tools, cache, self.gateway(), asking, claimed)
        return Until((begun,), replace(memory, under_way=Listing(begun)))

    def _looking(self, look: Look, memory: Memory) -> Outcome:
        """A look has begun: the engines are being asked. For whom nobody waits, it does not last."""
        memory = replace(memory, world=look.containers, under_way=look)
        pinged, longest = self.pinged(look.cache.key), SHORTEST if look.hidden else inf
        within = min(longest, patience_left(look.cache, look.asked, self.patience, pinged))
        return Until(look.under_way, memory, within)

    def _decide(self, look: Look, turn: Turn, memory: Memory) -> Outcome:
        if not look.suffices:
            return Until(look.under_way, replace(memory, woken=turn.woken))
        world = counted(look.seen(), look.cache, self.pinged(look.cache.key))
        if not look.remembered:
            self.retries.succeeded(look.cache, [None])
        return self._conclude(look.cache, world, turn, replace(memory, concluded=False), remembered=look.remembered)

    def _conclude(self, cache: Cache, world: World, turn: Turn, memory: Memory, *, remembered: bool = False) -> Outcome:
        """Decide upon what was seen, and begin what follows."""
        tools, key = self.tools(), cache.key
        world = replace(world, images=self.jobs.images(), jobs=self.jobs.running(key))
        world = self._reports.with_others(cache, world)
        decision = plan(cache, world, self._circumstances(tools))
        written = cache if decision.gone else self._write(cache, decision, urgent=turn.priority is Priority.BROKEN)
        if written is None:
            return After(0.0)
        acting = Acting(tools, cache, decision.status)
        acting.disconnect(_leaving(cache, decision))
        if remembered and not decision.actions:
            return After(0.0)  # the containers tell more
        if decision.settled or any(isinstance(action, Switchover) for action in decision.actions):
            self._rested.remember(written, world)
        if decision.settled:
            return After(0.0) if turn.woken else self._rest(key)
        seen = None if remembered and world.refuses else world.without_refusals()
        return self._carried_out(acting, decision, turn, replace(memory, world=seen, under_way=None, woken=False))

    def _carried_out(self, acting: Acting, decision: Plan, turn: Turn, memory: Memory) -> Outcome:
        """Begin what follows from a decision, but for what has failed and is not due again."""
        key, setbacks, now = turn.key, self.retries.of(acting.cache), self.retries.monotonic()
        held = [what for what in (*decision.jobs, *decision.actions) if setbacks.held(what, now)]
        actions = tuple(action for action in decision.actions if action not in held)
        failed = tuple(self._request((job for job in decision.jobs if job not in held), key))
        if actions or (decision.gone and not held):
            done = self._act(acting, actions, turn.priority)
            deeds = Deeds(acting, actions, done, decision, failed)
            world = None if turn.woken else memory.world
            return Until(done, Memory(world, under_way=deeds, concluded=memory.concluded))
        if failed:
            return self.retries.failed(acting.cache.key, failed, acting.cache, woken=turn.woken)
        if held:
            return After(0.0 if turn.woken else min(setbacks.pause(what, now) for what in held))
        return self._next_poll(decision, turn, memory)

    def _next_poll(self, decision: Plan, turn: Turn, memory: Memory) -> Outcome:
        """When to look again at what cannot be hastened."""
        key, world = turn.key, memory.world
        if turn.woken or (decision.jobs and not self.jobs.running(key)):
            return After(0.0)
        if self.jobs.running(key):
            return After(POLL_BLOCKED if world and world.nodes else POLL_JOB)
        if decision.stuck:
            return After(min(decision.waits or POLL_BLOCKED, POLL_BLOCKED))
        if decision.waits:
            return After(decision.waits)
        delay = poll_delay(memory.polls, loading=world is not None and world.loads)
        return After(delay, replace(memory, world=world if delay < POLL_SLOW else None, polls=memory.polls + 1))

    def _undone(self, deeds: Deeds) -> list[tuple[Undone, Verdict]]:
        """What failed, once all are done."""
        undone = deeds.undone()
        failed = {id(what) for what, _ in undone}
        self.retries.succeeded(deeds.acting.cache, [one for one in deeds.actions if id(one) not in failed])
        if undone:
            self._doubt_images(deeds)
        return undone

    def _doubt_images(self, deeds: Deeds) -> None:
        """A container that cannot be made may lack its image."""
        if any(isinstance(action, Launch | Beside) for action in deeds.actions):
            self.jobs.doubt(need_of(deeds.acting.cache.spec))
            for need in (GATEWAY, DIRECTORY):
                self.jobs.doubt(need)

    def _request(self, jobs: Iterable[Job], key: LoopKey) -> Iterable[tuple[Job, Verdict]]:
        for job in jobs:
            try:
                self.jobs.request(job, key)
            except (Later, Never) as verdict:
                yield job, verdict

    def _recalled(self, tools: Tools, cache: Cache) -> World | None:
        return self._rested.recall(tools, cache, self.gateway())

    def _let_go(self, key: Key) -> Outcome:
        """Another agent is to work on it: nothing is under way here, and what this one knows is of no use."""
        self._reports.let_go(key)
        self._rested.forget(key)
        return self._rest(key)

    def _rest(self, key: Key) -> Outcome:
        self.jobs.withdraw(key)
        self.retries.forget(key)
        return Rest()

    def _circumstances(self, tools: Tools) -> Circumstances:
        since = self.awake.since()  # first: it is not after now
        return Circumstances(
            *(self.clock(), self.patience, self.zones_down(), tools.naming, self.outages(), since, self.pace()),
            sites=tools.sites(),
        )

    @property
    def _reports(self) -> Reports:
        return Reports(self.store, self.claims, self.clock)

    def _write(self, cache: Cache, decision: Plan, *, urgent: bool) -> Cache | None:
        """The cache as it is once a decision is written down; None when it was made for one that is not so any more."""
        written = self._reports.write(cache, decision, urgent=urgent)
        if written and written.freed:
            self.retries.relieve()
        return written.cache if written else None

    def _act(self, acting: Acting, actions: Sequence[Action], priority: Priority) -> tuple[Future[Verdict | None], ...]:
        """Begin all at the same time; every one is tried."""
        for action in actions:
            log.debug("%s: %s", acting.cache.key, action)
        attempt = partial(self._attempt, partial(carry_out, acting))
        return tuple(self._lane(action)(priority).submit(attempt, action) for action in actions)

    def _attempt(self, deed: Callable[[Action], None], action: Action) -> Verdict | None:
        """What has waited until the lease was over is not begun: somebody else may be at it."""
        if not self.claims.lasts:
            return Later("the lease of this agent is over", POLL_BLOCKED)
        try:
            deed(action)
        except (Later, Never) as verdict:
            return verdict
        return None

    def _lane(self, action: Action) -> Callable[[Priority], Executor]:
        if isinstance(action, Launch | Fill) and action.seed:
            return self.lanes.transfers
        return self.lanes.containers if isinstance(action, OfContainers) else self.lanes.deeds

    def _finalize(self, deeds: Deeds, turn: Turn) -> Outcome:
        cache = deeds.acting.cache
        if undone := self._undone(deeds):
            return self.retries.failed(cache.key, undone, cache, woken=turn.woken)
        self._reports.remove(cache, deeds.decision)
        self._rested.forget(cache.key)
        outcome = self._rest(cache.key)
        self.retries.relieve()
        return outcome


def _after(deeds: Deeds, memory: Memory) -> Memory:
    """What is still known after deeds."""
    world = memory.world and after(memory.world, deeds.actions, deeds.acting.blueprints.name)
    return replace(memory, world=world) if world else Memory()


def _leaving(cache: Cache, decision: Plan) -> Collection[str]:
    """The nodes that are removed next. Connections to them end before they do: the kernel would tell one that is gone
    of the end again and again, for two minutes, and whoever gets its address meanwhile is found up to a second late.
    """
    known = cache.status.nodes.keys()
    return known if cache.deleting else known - decision.status.nodes.keys()


def _silent(world: World) -> bool:
    """Whether nodes did not answer when they were asked last."""
    running = (sight for sight in world.nodes.values() if sight.container and sight.container.state is State.RUNNING)
    return any(sight.answer is None for sight in running)
