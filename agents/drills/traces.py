"""What drills change in the world, written down before they do: a control plane that dies in the middle leaves it, and
the next one takes it back.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any, Self

from cachewright.agents.drills.clients import Entrance, door
from cachewright.agents.drills.deeds import Deeds
from cachewright.agents.drills.traffic import swept
from cachewright.agents.drills.victims import Place, Victim
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.runtime import Runtime
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.drills import DrillKind
from cachewright.controlplane.model.lifecycle import Phase
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Unusable, tell
from cachewright.controlplane.store.transaction import Transaction

FACT = "drills under way"
INTERVAL = 1.0  # seconds between two tries

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trace:
    """What one drill may have left."""

    id: str
    kind: DrillKind
    caches: tuple[Key, ...]  # where its clients write
    places: tuple[Place, ...]

    @classmethod
    def of(cls, deeds: Deeds, caches: Iterable[Key], victims: Sequence[Victim]) -> Self:
        """The trace of a drill that is about to begin."""
        return cls(deeds.id, deeds.kind, tuple(caches), tuple(victim.place for victim in victims))


def leave(transaction: Transaction, trace: Trace) -> None:
    """Write a trace down."""
    _write(transaction, {**_written(transaction), trace.id: _row(trace)})


def wipe(transaction: Transaction, identifier: str) -> None:
    """Nothing of a drill is left."""
    written = _written(transaction)
    written.pop(identifier, None)
    _write(transaction, written)


def traces(transaction: Transaction) -> list[Trace]:
    """Of the drills that have not taken everything back."""
    return [_trace(identifier, row) for identifier, row in _written(transaction).items()]


@dataclass(frozen=True, slots=True)
class TakingBack:
    """Takes back what an earlier run of the control plane had no time to."""

    store: Store
    tools: Callable[[], Tools]
    enter: Entrance
    stop: Event

    def take_back(self, left: Sequence[Trace]) -> None:
        """Until nothing is left, or the end."""
        while left and not self.stop.is_set():
            left = [trace for trace in left if not self._taken_back(trace)]
            self.stop.wait(INTERVAL if left else 0)

    def _taken_back(self, trace: Trace) -> bool:
        """Whether nothing is left of it, or nothing more can be done."""
        try:
            if not self._try(trace):
                return False
        except Later:  # the agent says why
            return False
        except Never as verdict:
            log.warning("cannot take back what drill %s did: %s", trace.id, verdict.reason)
        except Unusable as failure:
            tell(failure)
            return False
        with self.store.write() as transaction:
            wipe(transaction, trace.id)
        return True

    def _try(self, trace: Trace) -> bool:
        """Whether everybody answered who has something left."""
        with self.store.read() as transaction:
            caches = {key: cache for key in trace.caches if (cache := transaction.caches.get(key))}
        tools = self.tools()
        deeds = Deeds(trace.id, trace.kind, 0, tools, self.enter, self.stop.is_set)
        for victim in _victims(tools.runtime, trace, caches):
            if undone := deeds.undo(victim):
                log.warning("drill %s was cut off by the end of the control plane: %s", trace.id, undone)
        doors = {key: where for key, cache in caches.items() if (where := door(cache))}
        left = swept({key: self.enter(tools, where) for key, where in doors.items()}, deeds.prefix)
        return not left and not any(_opens_later(cache) for cache in caches.values())


def _victims(runtime: Runtime, trace: Trace, caches: Mapping[Key, Cache]) -> Iterator[Victim]:
    """Those that are still there."""
    for place in trace.places:
        cache = caches.get(place.cache)
        if cache and place.node in cache.status.nodes and not _fenced(cache, place.node):
            container = place.found(runtime)
            if container:
                yield Victim(cache, place.node, container)


def _opens_later(cache: Cache) -> bool:
    """Whether its door is only shut for now."""
    return cache.spec.replicates and not cache.deleting and cache.phase is not Phase.AVAILABLE


def _fenced(cache: Cache, node: str) -> bool:
    """Whether it is off the network because it lost its place: nobody may connect it."""
    return any(shard.old_primary == node for shard in cache.status.shards.values())


def _row(trace: Trace) -> dict[str, Any]:
    places = [
        [str(place.cache), place.node, place.incarnation, place.container, place.started_at] for place in trace.places
    ]
    return {"kind": trace.kind.value, "caches": [str(key) for key in trace.caches], "places": places}


def _trace(identifier: str, row: Mapping[str, Any]) -> Trace:
    places = tuple(Place(_key(cache), *rest) for cache, *rest in row["places"])
    return Trace(identifier, DrillKind(row["kind"]), tuple(_key(key) for key in row["caches"]), places)


def _key(written: str) -> Key:
    account, region, kind, identifier = written.split("/")
    return Key(account, region, Kind(kind), identifier)


def _written(transaction: Transaction) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = json.loads(transaction.facts.read(FACT) or "{}")
    return rows


def _write(transaction: Transaction, rows: Mapping[str, Any]) -> None:
    transaction.facts.write(FACT, json.dumps(rows))
