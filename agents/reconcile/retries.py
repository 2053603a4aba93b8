"""What cannot be done now: it is said once, and tried again after growing pauses."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cachewright.agents.planning.events import reason_told
from cachewright.agents.planning.phases import failed
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.polling import POLL_SLOW, RETRY_PERMANENT
from cachewright.agents.reconcile.setbacks import Setbacks, Undone, Verdict
from cachewright.agents.reconcile.turns import After
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.model.lifecycle import UNBORN
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.documents import Unreadable
from cachewright.controlplane.store.transaction import Transaction

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Retries:
    """The setbacks of all caches. One turn at a time writes those of a cache."""

    store: Store
    gateway: Callable[[], str]  # names the gateway that runs
    clock: Callable[[], datetime]  # dates events
    monotonic: Callable[[], float]  # seconds; pauses are measured with it, because nobody sets it
    wake: Callable[[Iterable[Key]], None]  # makes keys due
    require: Callable[[Transaction], None] = lambda _: None  # see Claims
    _setbacks: dict[Key, Setbacks] = field(default_factory=dict)

    def of(self, cache: Cache) -> Setbacks:
        """What could not be done of a cache as it is desired now."""
        return self._setbacks.get(cache.key, Setbacks()).since(f"{cache.generation} {self.gateway()}")

    def succeeded(self, cache: Cache, what: Iterable[Undone]) -> None:
        """These were done."""
        if cache.key in self._setbacks:
            for one in what:
                self._setbacks[cache.key] = self.of(cache).done(one)

    def failed(
        self, key: Key, undone: Sequence[tuple[Undone, Verdict]], decided: Cache | None = None, *, woken: bool = False
    ) -> After:
        """These (at least one) could not be done: say why, Never before Later. Then look again, soon if it was `woken`
        meanwhile. What failed of a cache for which it was `decided` is nothing to one of another spec.
        """
        first = min((verdict for _, verdict in undone), key=lambda verdict: isinstance(verdict, Later))
        with self.store.write() as transaction:
            self.require(transaction)
            cache = transaction.caches.get(key)
            if cache is None or (decided and _spec_of(cache) != _spec_of(decided)):
                return After(0.0)
            setbacks = self.of(cache)
            status = failed(cache, first.reason, for_good=isinstance(first, Never))
            if status != cache.status:
                transaction.caches.write_status(cache, status, settled=False)
                if first.reason not in setbacks.told:  # reports forget it meanwhile, whoever reads events does not
                    told = reason_told(cache, status)
                    transaction.events.add(key.account, key.region, told, self.clock(), key)
        self._say(key, first.reason, setbacks)
        now = self.monotonic()
        for what, verdict in undone:
            setbacks = setbacks.failed(what, verdict, now, used=cache.status.phase not in UNBORN)
        self._setbacks[key] = setbacks.tell(first.reason)
        pause = min(setbacks.pause(what, now) for what, _ in undone)
        if not woken:
            return After(pause)
        held = all(setbacks.held(what, now) for what, _ in undone)
        return After(0.0 if held else min(pause, POLL_SLOW))  # else it is tried again, and may make news each time

    def unreadable(self, key: Key, error: Unreadable) -> After:
        """What it wants is not known: its containers stay as they are."""
        setbacks = self._setbacks.get(key, Setbacks())
        self._say(key, str(error), setbacks)
        self._setbacks[key] = setbacks.tell(str(error))
        return After(RETRY_PERMANENT)

    def forget(self, key: Key) -> None:
        """Nothing is left to do."""
        self._setbacks.pop(key, None)

    def relieve(self) -> None:
        """Something was given back that others may wait for: they are due."""
        waiting = dict(self._setbacks)
        for key, setbacks in waiting.items():
            self._setbacks[key] = replace(setbacks, failures={})
        self.wake(waiting)

    def _say(self, key: Key, reason: str, setbacks: Setbacks) -> None:
        if reason not in setbacks.told:
            log.warning("cannot reconcile %s: %s", key, reason)


def _spec_of(cache: Cache) -> tuple[str, int]:
    """Names what is desired of a cache."""
    return cache.incarnation, cache.generation
