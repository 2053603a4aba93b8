"""Puts the metrics of all nodes to a CloudWatch of the user's each minute. What it does not take is not put again: the
next minute has figures of its own.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event

from botocore.config import Config

from cachewright.agents.aws import Service, Unusable
from cachewright.agents.outward.metrics.data import Datum, data, requests
from cachewright.controlplane.model.metrics.own import SenderFigures
from cachewright.controlplane.model.metrics.samples import Collected, Sample
from cachewright.controlplane.model.metrics.terms import Figures

MINUTE = 60.0  # seconds
CONFIG = Config(
    connect_timeout=1.0,
    read_timeout=5.0,
    retries={"total_max_attempts": 1},
    disable_request_compression=True,  # not every CloudWatch of a test can read it
)

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class CloudWatch:
    """Sends with one thread, which waits for the endpoint as long as it takes: nobody waits for this one."""

    endpoint: str  # a URL
    collect: Callable[[], Collected]
    clock: Callable[[], datetime]
    config: Config = CONFIG
    holds: Callable[[], bool] = lambda: True  # whether it is this process's to send
    figures: SenderFigures = field(default_factory=SenderFigures)
    _before: Mapping[str, Figures] = field(default_factory=dict)
    _service: Service = field(init=False)

    def __post_init__(self) -> None:
        self._service = Service("cloudwatch", self.endpoint, self.config)

    def follow(self, stop: Event, interval: float = MINUTE) -> None:
        """Send after each interval, in seconds, until `stop` is set."""
        while not stop.wait(interval):
            if self.holds():
                self.send()

    def send(self) -> None:
        """Look at all nodes, and put what came since the last time. A region that takes nothing holds up no other."""
        moment, samples = self.clock(), self.collect().samples
        regions: dict[str, list[Sample]] = defaultdict(list)
        for sample in samples:
            regions[sample.place.region].append(sample)
        reasons = [self._put(region, list(data(some, self._before, moment))) for region, some in regions.items()]
        self._before = {sample.place.name: sample.figures for sample in samples}
        self._tell("; ".join(filter(None, reasons)))

    def _put(self, region: str, every: Sequence[Datum]) -> str:
        """Why a region's CloudWatch does not take them; empty when it does."""
        for request in requests(every):
            try:
                with self._service.answers(region) as client:
                    client.put_metric_data(**request)
            except Unusable as reason:
                self.figures = replace(self.figures, failures=self.figures.failures + 1)
                return f"cannot put metrics of {region}: {reason}"
            self.figures = replace(self.figures, puts=self.figures.puts + 1)
        return ""

    def _tell(self, reason: str) -> None:
        """The log tells once that something has changed."""
        if reason and not self.figures.reason:
            log.warning("%s; it is tried again each minute", reason)
        if self.figures.reason and not reason:
            log.info("metrics are put to %s again", self.endpoint)
        self.figures = replace(self.figures, reason=reason)
