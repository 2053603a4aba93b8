"""Which builds of engines are at hand: looked at now and then, and written down when it is another answer."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.tools import ImageSource
from cachewright.controlplane.model.builds import Builds
from cachewright.controlplane.store.database import Store

INTERVAL = 20.0  # seconds between two looks, each of which is one question to the container engine

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class BuildsAtHand:
    """Tells the store; nobody who answers requests asks the container engine."""

    store: Store
    images: ImageSource
    holds: Callable[[], bool] = lambda: True  # whether it is this agent's to tell
    known: Builds | None = None  # what the store was told last; None: it was not read yet

    def follow(self, stop: Event) -> None:
        """Look until it is stopped."""
        self.look()
        while not stop.wait(INTERVAL):
            self.look()

    def look(self) -> None:
        """Look once. While the container engine does not answer nothing new is known. Unusable when the database
        takes nothing.
        """
        if not self.holds():
            self.known = None
            return
        try:
            found = Builds(tuple(self.images.builds()))
        except (Later, Never) as verdict:
            log.debug("cannot look at the builds of engines: %s", verdict)
            return
        if self.known is None:
            with self.store.read() as transaction:
                self.known = transaction.updates.builds()
        if found != self.known:
            with self.store.write() as transaction:
                transaction.updates.write_builds(found)
            self.known = found
