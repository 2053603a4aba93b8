"""A gateway that only pretends: for tests, held to the same contract as the real one."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from threading import Lock

from cachewright.agents.gateway.gateway import Names, Routes
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address


@dataclass(eq=False, slots=True)
class Session:
    """A pretend client's connection."""

    endpoint: Address
    target: Address
    open: bool = True


@dataclass(slots=True)
class MemoryGateway:
    """Implements `Gateway`, and answers pretend clients."""

    answers: bool = True  # False: as if its container were gone
    hangs: Callable[[], bool] = lambda: False  # whether its container does
    lapsed: bool = False  # its lease is over
    _routes: dict[Address, tuple[Address, ...]] = field(default_factory=dict)
    _names: dict[str, Address] = field(default_factory=dict)  # the endpoint that is meant by a host name
    _turns: dict[Address, Iterator[int]] = field(default_factory=dict)
    _sessions: list[Session] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def route(self, routes: Mapping[Address, Sequence[Address]], sole: Collection[Address] = ()) -> None:  # noqa: ARG002 - of the kernel's alone
        """See `Gateway`."""
        self._require_answer()
        with self._lock:
            for endpoint, targets in routes.items():
                self._routes[endpoint] = tuple(dict.fromkeys(targets))
                self._close(endpoint)

    def unroute(self, *endpoints: Address) -> None:
        """See `Gateway`."""
        self._require_answer()
        with self._lock:
            for endpoint in endpoints:
                self._routes.pop(endpoint, None)
                self._close(endpoint)

    def routes(self) -> Routes:
        """See `Gateway`."""
        self._require_answer()
        with self._lock:
            return dict(self._routes)

    def name(self, names: Names) -> None:
        """See `Gateway`."""
        self._require_answer()
        with self._lock:
            kept = {name: endpoint for name, endpoint in self._names.items() if endpoint not in names}
            self._names = kept | {name: endpoint for endpoint, each in names.items() for name in each}

    def names(self) -> Names:
        """See `Gateway`."""
        self._require_answer()
        with self._lock:
            found: dict[Address, set[str]] = {}
            for name, endpoint in self._names.items():
                found.setdefault(endpoint, set()).add(name)
            return found

    def is_lapsed(self) -> bool:
        """See `Gateway`."""
        self._require_answer()
        return self.lapsed

    def resume(self) -> None:
        """See `Gateway`."""
        self._require_answer()
        self.lapsed = False

    def probe(self) -> None:
        """See `Gateway`."""
        self._require_answer()

    def connect(self, endpoint: Address) -> Session:
        """What a client gets that connects to `endpoint`; raises ConnectionRefusedError."""
        with self._lock:
            targets = self._routes.get(endpoint, ()) if self._serves() else ()
            if not targets:
                raise ConnectionRefusedError(f"cannot connect to {endpoint}: it leads nowhere")
            turn = next(self._turns.setdefault(endpoint, count()))
            session = Session(endpoint, targets[turn % len(targets)])
            self._sessions.append(session)
            return session

    def connect_by(self, name: str) -> Session:
        """What an encrypted client gets that names a host at the port that all endpoints share; raises
        ConnectionRefusedError.
        """
        if not (endpoint := self._names.get(name.lower())):
            raise ConnectionRefusedError(f"nobody is led by the name {name!r}")
        return self.connect(endpoint)

    def behind(self, port: int) -> Address:
        """Where a port leads that the gateway's container publishes; raises ConnectionRefusedError."""
        with self._lock:
            for endpoint, targets in self._routes.items() if self._serves() else ():
                if endpoint.port == port and targets:
                    return targets[0]
        raise ConnectionRefusedError(f"cannot connect to port {port}: it leads nowhere")

    def _close(self, endpoint: Address) -> None:
        targets = self._routes.get(endpoint, ())
        for session in self._sessions:
            session.open &= session.endpoint != endpoint or session.target in targets
        self._sessions = [session for session in self._sessions if session.open]

    def _serves(self) -> bool:
        return self._answers() and not self.lapsed

    def _answers(self) -> bool:
        return self.answers and not self.hangs()

    def _require_answer(self) -> None:
        if not self._answers():
            raise Later("cannot reach the gateway: it does not answer")
