"""What an agent sends out of the installation: logs, notifications and metrics."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from threading import Event
from time import monotonic

from cachewright.agents.loop.lanes import Lane
from cachewright.agents.outward.logs.choice import destinations_of
from cachewright.agents.outward.logs.delivery import LogDelivery
from cachewright.agents.outward.metrics.collector import Collector
from cachewright.agents.outward.metrics.sender import sender_to
from cachewright.agents.outward.notifications import NotificationSender
from cachewright.agents.outward.publishers import publisher_of
from cachewright.agents.reconcile.claims import Claims
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.log_delivery import DestinationType
from cachewright.controlplane.model.membership import Duty
from cachewright.controlplane.model.metrics.own import SenderFigures
from cachewright.controlplane.settings import Settings
from cachewright.controlplane.store.database import Store


class Deliveries:
    """Each kind has threads of its own, so that one receiver which hangs keeps nobody else waiting."""

    def __init__(
        self,
        store: Store,
        tools: Callable[[], Tools],
        settings: Settings,
        clock: Callable[[], datetime],
        claims: Claims,
        collector: Collector,
    ) -> None:
        """`collector`: whose figures are sent, where metrics are."""
        self._log_lanes = {kind: Lane(f"{kind} log", 4) for kind in DestinationType}
        self._topics, self._asking = Lane("topic", 32), Lane("slow log", 8)
        lane_of = self._log_lanes.__getitem__
        destinations = destinations_of(settings)
        self._logs = LogDelivery(store, tools, destinations, lane_of, self._asking, clock, monotonic, claims.owns)
        publisher, holds = publisher_of(settings), partial(claims.holds, Duty.NOTIFICATIONS)
        self._notifications = NotificationSender(store, publisher, self._topics, clock, monotonic, holds)
        metrics = partial(claims.holds, Duty.METRICS)
        self._metrics = sender_to(settings.cloudwatch_endpoint, collector.collect, clock, metrics)

    def rested(self, cache: Cache) -> None:
        """A cache came to rest, maybe with other logs to deliver."""
        self._logs.rested(cache)

    def wake(self) -> None:
        """There is something new, or it is the end."""
        self._logs.wake()
        self._notifications.wake()

    def queued(self) -> None:
        """A notification is to be sent, or it may be this agent that sends them."""
        self._notifications.wake()

    def figures(self) -> SenderFigures | None:
        """How sending of metrics goes; None where none are sent."""
        return self._metrics.figures if self._metrics else None

    def duties(self, stop: Event) -> Mapping[str, Callable[[], None]]:
        """What a thread of its own does until the end, each by its name."""
        sending = {"metrics": partial(self._metrics.follow, stop)} if self._metrics else {}
        return {
            "logs": partial(self._logs.follow, stop),
            "notifications": partial(self._notifications.follow, stop),
            **sending,
        }

    def finished(self) -> tuple[Lane, ...]:
        """Lanes whose work under way is waited for at the end: what is delivered has to be written down."""
        return self._topics, *self._log_lanes.values()

    def dropped(self) -> tuple[Lane, ...]:
        """The others."""
        return (self._asking,)
