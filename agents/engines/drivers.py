"""The drivers of all engines, each of which is loaded for the first cache of its engine: most installations have no
Memcached.
"""

from collections.abc import Callable, Iterator, Mapping
from threading import Lock

from cachewright.agents.engines.driver import Driver
from cachewright.controlplane.model.versions import Engine


class Drivers(Mapping[Engine, Driver]):
    """Each is made once, by whoever asks for it first; in any thread."""

    def __init__(self, makers: Mapping[Engine, Callable[[], Driver]]) -> None:
        self._makers, self._lock = makers, Lock()
        self._made: dict[Engine, Driver] = {}

    def __getitem__(self, engine: Engine) -> Driver:
        if made := self._made.get(engine):
            return made
        with self._lock:
            if engine not in self._made:
                self._made[engine] = self._makers[engine]()
            return self._made[engine]

    def __iter__(self) -> Iterator[Engine]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)
