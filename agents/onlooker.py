"""What a process without an agent sees of nodes, for whoever asks: it works on no cache."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cachewright.agents.backends import Backend
from cachewright.agents.explaining import explained
from cachewright.agents.outward.metrics.collector import Collector
from cachewright.agents.planning.outages import Outages
from cachewright.agents.toolbox import Toolbox, toolbox_of
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.metrics.own import Seen
from cachewright.controlplane.model.pace import Pace
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store


@dataclass(slots=True, eq=False)
class Onlooker:
    """Stands in a process of the role `api` where an agent stands in others."""

    store: Store
    settings: Settings
    instance: str
    backend: Backend
    clock: Callable[[], datetime]
    toolbox: Toolbox = field(init=False)
    _collector: Collector = field(init=False)

    def __post_init__(self) -> None:
        self.toolbox = toolbox_of(self.store, self.settings, self.instance, self.backend)
        self._collector = Collector(self.store, self.backend.drivers, self.backend.runtime, self.instance)

    def tools(self) -> Tools:
        """See Agent."""
        return self.toolbox.tools()

    def seen(self) -> Seen:
        """The figures of all nodes. Unusable while the database cannot be read."""
        return Seen(self._collector.collect())

    def explained(self, cache: Cache) -> tuple[str, ...]:
        """See Agent. Whether gateway and directory answer, agents alone know, and say it of each cache."""
        return explained(cache, self.tools, self.store, Outages(), self.clock())

    def silent_hosts(self) -> Mapping[str, str]:
        """See Agent."""
        self.toolbox.lazy.hosts.told()
        return self.backend.runtime.silent_hosts()

    @property
    def pace(self) -> Pace:
        """What the settings say; agents may have been told otherwise."""
        return self.settings.pace

    def keep(self, pace: Pace) -> None:
        """ValueError: agents are other processes."""
        raise ValueError(f"cannot set the pace {pace} here: agents have it from CACHEWRIGHT_PACE when they start")

    def start(self) -> None:
        """Nothing is done by itself."""

    def stop(self) -> None:
        """Ask nobody any more."""
        self._collector.close()
