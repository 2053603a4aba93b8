"""What nodes are told as soon as it is written down, before anything is looked at: values of parameters, and what users
may do. Of many caches that use a group each would wait for the looks at the others.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from cachewright.agents.loop.lanes import Closed
from cachewright.agents.planning.nodes.parameters import hintable
from cachewright.agents.planning.nodes.users import tellable
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.reconcile.act.settings import hint_parameters, hint_users
from cachewright.agents.reconcile.questions import true_of
from cachewright.agents.reconcile.turns import LoopKey, Turn
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.documents import Unreadable
from cachewright.controlplane.store.failures import Unusable

AFTER_HINTS = 0.03  # seconds until the first look at what was done without one: others may be about to be told the same
AT_ONCE = 16  # caches whose nodes are told at the same time, while some do not answer

log = logging.getLogger(__name__)


class Held(Protocol):
    """Where keys can be kept from everybody else."""

    def hold(self, keys: Iterable[LoopKey]) -> list[Turn]:
        """Turns of those of these keys that have none; the others are looked at once more when theirs ends."""

    def release(self, turn: Turn, delay: float = 0.0) -> None:
        """The key is due after so many seconds, or at once when there have been news. Without a delay there are: a spec
        that has changed is tried whatever failed before.
        """


@dataclass(frozen=True, slots=True)
class Hints:
    """Hints are given to one commit after the other. What a hint says is seen to, and written down, by the look after
    it; what nobody could be told as well.
    """

    store: Store
    tools: Callable[[], Tools]
    queue: Held
    lane: Executor  # of one thread: what was written later is told later
    pool: Executor

    def give(self, keys: Iterable[Key]) -> None:
        """Settled caches have other specs: tell their nodes, in a thread beside, and make all of them due."""
        if turns := self.queue.hold(keys):
            with suppress(Closed):  # at the end of the program
                self.lane.submit(self._sweep, turns)

    def _sweep(self, turns: list[Turn]) -> None:
        try:
            told = self._told(turns)
        except Exception:
            log.exception("cannot tell what nodes may be told at once: a bug in Cachewright")
            told = {}
        for turn in turns:
            if turn.key not in told:
                self.queue.release(turn)
        true_of([turn for turn in turns if turn.key in told], partial(self._tell, told), self.pool, AT_ONCE)

    def _told(self, turns: Iterable[Turn]) -> Mapping[LoopKey, Acting]:
        """The caches that have nodes to tell; none while the database or the container engine does not answer."""
        with suppress(Unusable, Later, Never):
            tools = self.tools()
            with self.store.read() as transaction:
                caches = [_readable(transaction.caches.get, turn.key) for turn in turns]
            return {cache.key: Acting(tools, cache, cache.status) for cache in caches if cache and _hints(cache)}
        return {}

    def _tell(self, told: Mapping[LoopKey, Acting], turn: Turn) -> bool:
        """Tell the nodes of one cache; whether all took it."""
        acting = told[turn.key]
        try:
            for hint, name in _hints(acting.cache):
                hint(acting, name)
        except (Later, Never) as verdict:
            log.info("cannot hint to %s: %s", turn.key, verdict.reason)
            return False
        except Exception:
            log.exception("cannot hint to %s: a bug in Cachewright", turn.key)
            return False
        finally:
            self.queue.release(turn, AFTER_HINTS)
        return True


def _hints(cache: Cache) -> list[tuple[Callable[[Acting, str], None], str]]:
    """What can be told to nodes of a cache without a look."""
    values = ((hint_parameters, name) for name in hintable(cache))
    return [*values, *((hint_users, name) for name in tellable(cache))]


def _readable(get: Callable[[Key], Cache | None], key: LoopKey) -> Cache | None:
    """A cache; None for one that is gone or cannot be read, of which its own turn tells."""
    assert isinstance(key, Key)
    try:
        return get(key)
    except Unreadable:
        return None
