"""What has changed since somebody looked last: every cache as it is shown, with the number of its last change."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from threading import Lock

from cachewright.controlplane.console.seen import CacheSeen
from cachewright.controlplane.console.topology import cache_seen
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.questions import NoEngines
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.readings import Readings

REMEMBERED = 1000  # ends of caches; who missed more is told everything

Name = tuple[str, str, str, str]  # account, region, kind, id


@dataclass(frozen=True, slots=True)
class Shown:
    """A cache as it is shown since a change, also as JSON: it is written once for all who look."""

    number: int
    cache: Cache  # as it was read
    seen: CacheSeen
    text: str


@dataclass(frozen=True, slots=True)
class Delta:
    """What is other than at some number: caches as JSON, names of those that are gone. `whole`: that is all."""

    number: int
    caches: tuple[str, ...]
    gone: tuple[Name, ...]
    whole: bool


@dataclass(slots=True)
class Changes:
    """One snapshot for all who look. Safe to share among threads."""

    store: Store
    _readings: Readings = field(default_factory=Readings)
    _reading: Lock = field(default_factory=Lock)
    _lock: Lock = field(default_factory=Lock)
    _number: int = 0
    _forgotten: int = 0  # the last change of which an end was forgotten
    _shown: dict[Name, Shown] = field(default_factory=dict)
    _gone: dict[Name, int] = field(default_factory=dict)  # by name: the number of the end, the oldest first

    def look(self) -> bool:
        """Look at the store; whether anything is other than at the last look. Unusable when it does not answer. No
        engine is asked.
        """
        with self._reading:  # for as long as the database takes; nobody who only asks waits for it
            with self.store.read() as transaction:
                caches = self._readings.all(transaction)
            with self._lock:
                return self._learn(caches)

    def since(self, number: int | None) -> Delta:
        """What has changed since; None: all that there is."""
        with self._lock:
            whole = number is None or not self._forgotten <= number <= self._number
            after = -1 if number is None or whole else number
            caches = tuple(shown.text for shown in self._shown.values() if shown.number > after)
            gone = () if whole else tuple(name for name, ended in self._gone.items() if ended > after)
            return Delta(self._number, caches, gone, whole)

    def _learn(self, caches: Iterable[Cache]) -> bool:
        now = {_name(cache): cache for cache in caches}
        number = self._number + 1
        changed = [name for name, cache in now.items() if self._show(name, cache, number)]
        ended = [name for name in self._shown if name not in now]
        for name in changed:
            self._gone.pop(name, None)
        for name in ended:
            del self._shown[name]
            self._gone[name] = number
        self._forget()
        if changed or ended:
            self._number = number
        return bool(changed or ended)

    def _show(self, name: Name, cache: Cache, number: int) -> bool:
        """Whether it looks other than before. One that was read as it was before is not looked at."""
        before = self._shown.get(name)
        if before and before.cache is cache:
            return False
        seen = cache_seen(cache, NoEngines())
        if before and before.seen == seen:
            self._shown[name] = replace(before, cache=cache)
            return False
        self._shown[name] = Shown(number, cache, seen, json.dumps(asdict(seen), separators=(",", ":")))
        return True

    def _forget(self) -> None:
        while len(self._gone) > REMEMBERED:
            name = next(iter(self._gone))
            self._forgotten = self._gone.pop(name)


def _name(cache: Cache) -> Name:
    key = cache.key
    return key.account, key.region, key.kind.value, key.id
