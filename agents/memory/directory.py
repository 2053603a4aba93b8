"""A directory that only pretends: for tests, held to the same contract as the real one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from cachewright.agents.directory.program.listing import Listing, State
from cachewright.agents.planning.containers import File
from cachewright.agents.planning.verdicts import Later


@dataclass(slots=True)
class MemoryDirectory:
    """Implements `Directory`."""

    answers: bool = True  # False: as if its container were gone
    hangs: Callable[[], bool] = lambda: False  # whether its container does
    _state: State = field(default_factory=State)
    _lock: Lock = field(default_factory=Lock)

    def publish(self, port: int, listing: Listing, keys: File | None = None) -> None:
        """See `Directory`."""
        with self._lock:
            state = self.state()
            if listing.encrypted and keys is None:
                raise Later(f"cannot tell the directory: it has no keys for port {port}")
            self._state = replace(state, discovery={**state.discovery, port: listing})

    def withdraw(self, port: int) -> None:
        """See `Directory`."""
        with self._lock:
            others = {other: listing for other, listing in self.state().discovery.items() if other != port}
            self._state = replace(self._state, discovery=others)

    def set_names(self, owner: str, names: Mapping[str, str], suffix: str) -> None:
        """See `Directory`."""
        with self._lock:
            others = {other: theirs for other, theirs in self.state().names.items() if other != owner}
            self._state = replace(self._state, names=others | ({owner: dict(names)} if names else {}), suffix=suffix)

    def probe(self) -> None:
        """See `Directory`."""
        self.state()

    def state(self) -> State:
        """See `Directory`."""
        if not self.answers or self.hangs():
            raise Later("cannot reach the directory: it does not answer")
        return self._state
