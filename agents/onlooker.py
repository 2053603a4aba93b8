"""What a process without an agent sees of nodes, for whoever asks: it works on no cache."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cachewright.agents.backends import Backend, LazyTools, published_by
from cachewright.agents.buckets.buckets import Buckets
from cachewright.agents.buckets.choice import buckets_of
from cachewright.agents.explaining import explained
from cachewright.agents.outward.metrics.collector import Collector
from cachewright.agents.planning.outages import Outages
from cachewright.agents.sealing.keys import Kms, kms_at
from cachewright.agents.snapshots.files import FOLDER, SnapshotFiles
from cachewright.agents.system.hosts import hosts_in
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
    kms: Kms = field(init=False)
    buckets: Buckets = field(init=False)
    _toolbox: LazyTools = field(init=False)
    _collector: Collector = field(init=False)

    def __post_init__(self) -> None:
        settings = self.settings
        self.kms, self.buckets = kms_at(settings.kms_endpoint), buckets_of(settings)
        files = SnapshotFiles(settings.files / FOLDER, self.kms)
        published = published_by(settings, self.backend)
        self._toolbox = LazyTools(
            *(self.store, self.instance, self.backend, files, self.buckets, published, settings.naming),
            patience=settings.patience,
            keep_data=settings.keep_data,
            ipv6=settings.ipv6,
            hosts=hosts_in(self.store),
        )
        self._collector = Collector(self.store, self.backend.drivers, self.backend.runtime, self.instance)

    def tools(self) -> Tools:
        """See Agent."""
        return self._toolbox.tools()

    def seen(self) -> Seen:
        """The figures of all nodes. Unusable while the database cannot be read."""
        return Seen(self._collector.collect())

    def explained(self, cache: Cache) -> tuple[str, ...]:
        """See Agent. Whether gateway and directory answer, agents alone know, and say it of each cache."""
        return explained(cache, self.tools, self.store, Outages(), self.clock())

    def silent_hosts(self) -> Mapping[str, str]:
        """See Agent."""
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
