"""Whether a container of the installation serves somebody, and for how long it has not."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from time import monotonic, sleep
from typing import Protocol

from cachewright.agents.planning.containers import Container
from cachewright.agents.planning.labels import Labels
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.runtime import Runtime
from cachewright.controlplane.model.hosts import ONLY

MOST = 5  # replacements in a row that did not help, of which each doubles the patience
_STARTING = 10.0  # seconds until one that was launched answers for the first time
_PAUSE = 0.02  # seconds between two looks at one that is starting

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Outage:
    """Written by whoever probes the container and by whoever replaces it."""

    patience: float = 3.0  # seconds without an answer after which it is replaced
    clock: Callable[[], float] = monotonic  # seconds
    reason: str = ""  # why nobody is served; empty: it answered
    told: bool = False  # whether those who need it know that nobody is served
    _answered: float = 0.0  # when it was last known to be well
    _replaced: int = 0  # times since then

    def __post_init__(self) -> None:
        self._answered = self.clock()

    def tell(self, changed: Callable[[], None]) -> None:
        """Make those who need it look, unless they know; what `changed` raises leaves it to the next time."""
        if self.told != (out := bool(self.reason)):
            changed()
            self.told = out

    def note(self, reason: str) -> bool:
        """What a probe found; whether it found otherwise before."""
        changed = bool(reason) != bool(self.reason)
        self.reason = reason
        if not reason:
            self._answered, self._replaced = self.clock(), 0
        return changed

    def is_over_patience(self) -> bool:
        """Whether it is to be replaced; after replacements that did not help, later."""
        limit: float = self.patience * 2 ** min(self._replaced, MOST)
        return bool(self.reason) and self.clock() - self._answered >= limit

    def began(self) -> None:
        """The container engine has started it again, as after a host was away: it is given its time."""
        self._answered = self.clock()

    def replaced(self) -> None:
        """Another one has been launched, and did not answer while it was waited for: from now on it is given its
        time.
        """
        self._answered, self._replaced = self.clock(), self._replaced + 1


class Ended(Later):
    """A container that was launched ended by itself."""


class Probed(Protocol):
    """What runs in one container."""

    boot: str
    outage: Outage

    def probe(self) -> None:
        """Whether it serves; Later when it does not, within seconds."""


def probe(probed: Probed) -> None:
    """Probe one that was started. What is found of an earlier one is nothing."""
    boot, reason = probed.boot, ""
    if not boot:
        return
    try:
        probed.probe()
    except (Later, Never) as verdict:
        reason = verdict.reason
    if probed.boot == boot and probed.outage.note(reason):
        log.warning("nobody is served: %s" if reason else "clients are served again%s", reason)


def probes(
    probed: Probed, interval: float, stop: Event, changed: Callable[[], None], replace: Callable[[], None]
) -> None:
    """Probe again and again until the end; ask for another one once each time that the patience ends."""
    asked = False
    while not stop.wait(interval):
        probe(probed)
        probed.outage.tell(changed)
        over = probed.outage.is_over_patience()
        if over and not asked:
            replace()
        asked = over


def await_answer(outage: Outage, running: Callable[[], Container], probe: Callable[[], None]) -> Container:
    """One that was just launched, as soon as it answers; Later when it ends instead, or does not for a long time."""
    deadline = monotonic() + _STARTING
    while True:
        try:
            container = running()
        except Ended:
            outage.replaced()
            raise
        try:
            probe()
        except Later:
            if monotonic() > deadline:
                outage.replaced()
                raise
            sleep(_PAUSE)
        else:
            outage.note("")
            return container


def remove_others(runtime: Runtime, name: str, labels: Labels, host: str = ONLY) -> None:
    """What somebody gave another name, and was replaced on a host: the engine would start it again at the same
    address.
    """
    for container in runtime.containers(labels):
        if container.name != name and container.host == host:
            runtime.remove(container.name)
