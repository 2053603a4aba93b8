"""Snapshots as keys of the loop: what is to be done with one is begun in a lane, and what came of it written down."""

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event
from typing import Generic, TypeVar

from cachewright.agents.planning.saving import Wanted
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.polling import POLL_BLOCKED, POLL_SLOW, RETRY_PERMANENT
from cachewright.agents.reconcile.turns import After, LoopKey, Outcome, Rest, Turn, Until
from cachewright.agents.sealing.keys import Seal
from cachewright.agents.snapshots.exporting import Exporting
from cachewright.agents.snapshots.ledger import Ledger, with_parts
from cachewright.agents.snapshots.taking import Taken, Taking
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.snapshots import Snapshot, SnapshotKey, SnapshotStatus
from cachewright.controlplane.store.documents import Unreadable
from cachewright.controlplane.store.failures import Unusable, tell
from cachewright.controlplane.store.news import News

PATIENCE = 600.0  # seconds during which something that fails is tried again
UNTIL_OURS = 0.5  # seconds between two looks at whether another agent still does all this
EXPORTING = 60.0  # the same for exports: whoever asked can ask again

T = TypeVar("T")
Slots = Mapping[str, str]  # that each shard serves

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """What is being done of a snapshot, shard by shard; it is done anew for another record of that name."""

    of: Snapshot
    since: float  # when it was begun first
    slots: Slots  # as they were then: keys that move meanwhile would be there twice, or not at all
    done: Mapping[str, T] = field(default_factory=dict)  # by shard
    under_way: Mapping[str, Future[T]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """An export that will not come to its end; what of it is in the bucket is being removed."""

    of: Snapshot
    reason: str


@dataclass(slots=True, eq=False)
class SnapshotController:
    """Takes snapshots, copies them, exports and removes them."""

    ledger: Ledger
    taking: Taking
    exporting: Exporting
    lane: Executor
    transfers: Executor  # for what waits for somebody else's endpoint
    monotonic: Callable[[], float]
    poll: Callable[[Iterable[LoopKey]], None]  # makes keys due that nobody has in mind
    holds: Callable[[], bool] = lambda: True  # whether they are this agent's
    _news: News = field(init=False)
    _tidied: bool = False
    _told: dict[SnapshotKey, str] = field(default_factory=dict)  # the last reason

    def __post_init__(self) -> None:
        self._news = News(self.ledger.store)

    def tidy(self) -> None:
        """Remove what an earlier run left half done; nothing else begins before."""
        try:
            for identity in self.ledger.halves():
                self.taking.files.remove(identity)
        except (Later, Unusable, Unreadable) as failure:
            log.warning("what an earlier run left of snapshots stays until the next start: %s", failure)
        self._tidied = True

    def patrol(self, interval: float, stop: Event) -> None:
        """Look at what is not finished and not in the queue: at once, then again and again until the end."""
        while not stop.is_set():
            if self.holds():
                if not self._tidied:
                    self.tidy()
                self.poll(self._news.found(self.ledger.unfinished))
                stop.wait(interval)
            else:
                self._tidied = False
                stop.wait(min(interval, UNTIL_OURS))

    def reconcile(self, turn: Turn) -> Outcome:
        """See Controller."""
        key = turn.key
        assert isinstance(key, SnapshotKey)
        if not self.holds():
            return self._rest(key)
        if not self._tidied:
            return After(POLL_SLOW)
        try:
            snapshot, cache = self.ledger.load(key)
            if snapshot is None:
                return self._rest(key)
            match snapshot.status:
                case SnapshotStatus.CREATING if snapshot.copied_from:
                    return self._copy(key, snapshot, turn.memory)
                case SnapshotStatus.CREATING:
                    return self._take(key, snapshot, cache, turn.memory)
                case SnapshotStatus.AVAILABLE if snapshot.export:
                    return self._export(key, snapshot, turn.memory)
                case SnapshotStatus.DELETING:
                    return self._remove(key, snapshot, turn.memory)
                case _:
                    return self._rest(key)
        except (Later, Never) as verdict:
            return self._again(key, verdict)
        except Unreadable as error:
            return self._again(key, Later(str(error), RETRY_PERMANENT))
        except Unusable as failure:
            tell(failure)
            return After(POLL_BLOCKED, turn.memory)

    def _take(self, key: SnapshotKey, snapshot: Snapshot, cache: Cache | None, memory: object) -> Outcome:
        if cache is None or (cache.deleting and not snapshot.final):
            return self._fail(key, snapshot, f"cannot take a snapshot of {snapshot.cache}: it is gone")
        work: Work[Taken] = _of(snapshot, memory) or Work(snapshot, self.monotonic(), _slots(cache))
        if not work.under_way:
            return self._begin(work, self.lane, partial(self._part, snapshot, cache))
        work, failed = _gathered(work)
        if failed:
            return self._failed(key, work, failed)
        if work.slots != _slots(cache):
            moved = Later(f"cannot take a snapshot of {snapshot.cache}: slots have moved meanwhile")
            return self._failed(key, replace(work, done={}, slots=_slots(cache)), moved)
        written = self.ledger.taken(key, snapshot, with_parts(snapshot, cache, work.done))
        return self._rest(key) if written else After(0.0)

    def _part(self, snapshot: Snapshot, cache: Cache, shard: str) -> Taken:
        known = next((one for one in cache.shards if one.id == shard), None)
        if known is None:
            raise Never(f"cannot take a snapshot of shard {shard} of {snapshot.cache}: it is gone")
        wanted = Wanted(snapshot.cluster, primary=snapshot.final)
        return self.taking.part(snapshot.id, cache, known, wanted, _seal(cache.key.region, snapshot))

    def _copy(self, key: SnapshotKey, snapshot: Snapshot, memory: object) -> Outcome:
        work: Work[None] = _of(snapshot, memory) or Work(snapshot, self.monotonic(), {})
        if not work.under_way:
            return self._begin(work, self.lane, partial(self._copied_part, snapshot, _seal(key.region, snapshot)))
        work, failed = _gathered(work)
        if failed:
            return self._failed(key, work, failed)
        return self._rest(key) if self.ledger.copied(key, snapshot) else After(0.0)

    def _copied_part(self, snapshot: Snapshot, seal: Seal | None, shard: str) -> None:
        """Never for a file that is not what was written."""
        files = self.taking.files
        written = files.write(snapshot.id, shard, files.read(snapshot.copied_from, shard), seal)
        (node,) = (node for node in snapshot.nodes if node.shard == shard)
        if written.digest != node.digest:
            raise Never(f"cannot copy the file of shard {shard}: it is damaged")

    def _export(self, key: SnapshotKey, snapshot: Snapshot, memory: object) -> Outcome:
        if isinstance(memory, GivenUp) and memory.of == snapshot:
            return self._rest(key) if self.ledger.exported(key, snapshot, memory.reason) else After(0.0)
        work: Work[None] = _of(snapshot, memory) or Work(snapshot, self.monotonic(), {})
        if not work.under_way:
            return self._begin(work, self.transfers, partial(self.exporting.part, snapshot))
        work, failed = _gathered(work)
        if failed is None:
            return self._rest(key) if self.ledger.exported(key, snapshot) else After(0.0)
        self._say(key, failed.reason)
        if isinstance(failed, Later) and self.monotonic() - work.since <= EXPORTING:
            return After(failed.delay, work)
        return Until((self.transfers.submit(self.exporting.remove, snapshot),), GivenUp(snapshot, failed.reason))

    def _remove(self, key: SnapshotKey, snapshot: Snapshot, memory: object) -> Outcome:
        if not isinstance(memory, Future):
            removal = self.lane.submit(self.taking.files.remove, snapshot.id)
            return Until((removal,), removal)
        memory.result()
        return self._rest(key) if self.ledger.removed(key, snapshot) else After(0.0)

    def _begin(self, work: Work[T], lane: Executor, deed: Callable[[str], T]) -> Outcome:
        """What is left to do of each shard, all at the same time as far as the lane has room."""
        shards = (node.shard for node in work.of.nodes)
        left = {shard: lane.submit(deed, shard) for shard in shards if shard not in work.done}
        return Until(tuple(left.values()), replace(work, under_way=left))

    def _failed(self, key: SnapshotKey, work: Work[T], verdict: Later | Never) -> Outcome:
        """Try again what failed, for a while."""
        if isinstance(verdict, Never) or self.monotonic() - work.since > PATIENCE:
            return self._fail(key, work.of, verdict.reason)
        self._say(key, verdict.reason)
        return After(verdict.delay, work)

    def _fail(self, key: SnapshotKey, snapshot: Snapshot, reason: str) -> Outcome:
        self._say(key, reason)
        if not self.ledger.failed(key, snapshot, reason):
            return After(0.0)
        self.lane.submit(self.taking.files.remove, snapshot.id)  # what stays is removed at the next start
        return self._rest(key)

    def _again(self, key: SnapshotKey, verdict: Later | Never) -> Outcome:
        self._say(key, verdict.reason)
        return After(verdict.delay if isinstance(verdict, Later) else RETRY_PERMANENT)

    def _rest(self, key: SnapshotKey) -> Outcome:
        self._told.pop(key, None)
        return Rest()

    def _say(self, key: SnapshotKey, reason: str) -> None:
        if self._told.get(key) != reason:
            log.warning("cannot finish %s: %s", key, reason)
        self._told[key] = reason


def _seal(region: str, snapshot: Snapshot) -> Seal | None:
    return Seal(snapshot.settings.kms_key_id, region) if snapshot.sealed else None


def _of(snapshot: Snapshot, memory: object) -> "Work[T] | None":
    """What is remembered, if it is of this very record."""
    return memory if isinstance(memory, Work) and memory.of == snapshot else None


def _gathered(work: Work[T]) -> "tuple[Work[T], Later | Never | None]":
    """What has been done by now, and what failed: Never before Later."""
    done, failed = dict(work.done), []
    for shard, future in work.under_way.items():
        try:
            done[shard] = future.result()
        except (Later, Never) as verdict:
            failed.append(verdict)
    first = min(failed, key=lambda verdict: isinstance(verdict, Later), default=None)
    return replace(work, done=done, under_way={}), first


def _slots(cache: Cache) -> Slots:
    """Which shard serves what, as it was last seen."""
    return {name: known.slots for name, known in cache.status.shards.items()}
