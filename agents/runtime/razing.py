"""The end of everything that an instance has on a Docker engine."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.looks import Looks
from cachewright.agents.runtime.networks import Networks
from cachewright.agents.runtime.runtime import Razed
from cachewright.agents.runtime.translation import listed_name
from cachewright.agents.runtime.volumes import Volumes

VANISHING = 30.0  # seconds that the engine has to finish a removal
_SETTLING = 3.0  # seconds after which a count of guests that are not there is taken for wrong


class _Miscounted(Exception):  # noqa: N818 - a finding
    """The engine refuses to remove networks on which there is nothing: its count of their guests is wrong."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(*names)
        self.names = names


@dataclass(slots=True)
class Razing:
    """One removal of everything."""

    looks: Looks
    networks: Networks
    volumes: Volumes | None  # None: they are kept
    remove: Callable[[str], None]  # a container
    found: dict[str, None] = field(default_factory=dict)  # the names of all that there was

    def until_nothing_is_left(self) -> Razed:
        """The engine may still be at work for a caller that died, so it is looked at again and again."""
        begun = time.monotonic()
        while True:
            try:
                self._once()
            except _Miscounted as networks:
                if time.monotonic() > begun + _SETTLING:
                    return Razed(tuple(name for name in self.found if name not in networks.names), networks.names)
            except Later:
                if time.monotonic() > begun + VANISHING:
                    raise
            else:
                return Razed(tuple(self.found))
            time.sleep(0.2)

    def _once(self) -> None:
        containers = [listed_name(row) for row in self.looks.rows()]
        networks = self.networks.every()
        self.found.update(dict.fromkeys([*containers, *networks.values()]))
        list(self.looks.pool.map(self.remove, containers))
        if self.volumes:  # those without a name went with their containers
            names = [volume.name for volume in self.volumes.every()]
            self.found.update(dict.fromkeys(names))
            for name in names:
                self.volumes.remove(name)
        if miscounted := tuple(name for key, name in networks.items() if self.networks.miscounted(key)):
            raise _Miscounted(miscounted)
