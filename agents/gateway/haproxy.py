"""The real gateway: one HAProxy, told everything over its runtime API and never reloaded."""

import socket
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from ssl import SSLContext
from threading import Lock

from cachewright.agents.gateway import runtime_api, runtime_names
from cachewright.agents.gateway.gateway import PROBE, Names, Routes
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.controlplane.model.cache import Address


class HaproxyGateway:
    """Implements `Gateway` for the container of `gateway.blueprint`; `admin` is where its runtime API listens."""

    def __init__(self, admin: Address, timeout: float = 2.0, proof: Callable[[], SSLContext] | None = None) -> None:
        self._admin = admin
        self._proof = proof  # with which it proves who it is to a gateway that asks; None: that does not
        self._timeout = timeout  # seconds
        self._lock = Lock()  # between a look and the commands that follow from it, nobody else may command

    def route(self, routes: Mapping[Address, Sequence[Address]], sole: Collection[Address] = ()) -> None:  # noqa: ARG002 - of the kernel's alone
        """See `Gateway`. Never for one of IPv6: this gateway answers for none."""
        for endpoint, targets in routes.items():
            self._route(endpoint, tuple(dict.fromkeys(targets)))

    def unroute(self, *endpoints: Address) -> None:
        """See `Gateway`."""
        for endpoint in endpoints:
            self._change(partial(runtime_api.forgetting, endpoint=endpoint))

    def routes(self) -> Routes:
        """See `Gateway`."""
        with self._turn():
            return self._look().routes()

    def name(self, names: Names) -> None:
        """See `Gateway`."""
        with self._turn():
            held = self._held_names()
            answer = "" if held is None else self._say(runtime_names.naming(held, names))
        if complaint := runtime_api.complaint(answer):
            raise Later(f"cannot change the gateway's host names: {complaint}")

    def names(self) -> Names:
        """See `Gateway`."""
        with self._turn():
            return runtime_names.of_names(self._held_names() or {})

    def _held_names(self) -> Mapping[str, str] | None:
        """None of an only host, or of an earlier release."""
        return runtime_names.names_in(self._say([f"show map {runtime_names.NAMES}"])) if self._proof else None

    def probe(self) -> None:
        """See `Gateway`."""
        try:
            answer = self._exchange("show version", min(self._timeout, PROBE))
        except OSError as error:
            raise Later(f"cannot reach the gateway at {self._admin}: {error}") from error
        if not answer or answer.startswith("{"):  # a published port is open before anybody listens behind it
            raise Later(f"cannot reach the gateway at {self._admin}: HAProxy does not answer")

    def is_lapsed(self) -> bool:
        """See `Gateway`: that of a host forgets that it was told, see `host.cfg`."""
        return bool(self._proof) and "found=no" in self._say([f"get map {runtime_api.TOLD} {runtime_api.HELD}"])

    def resume(self) -> None:
        """See `Gateway`."""
        if self.is_lapsed():
            self._say([f"add map {runtime_api.TOLD} {runtime_api.HELD} 1"])

    def _route(self, endpoint: Address, targets: Sequence[Address]) -> None:
        if ":" in endpoint.host:
            raise Never(f"cannot lead {endpoint} anywhere: HAProxy is the gateway, because the kernel does not forward")
        leased = runtime_api.LEASED if self._proof else ""
        self._change(lambda held: runtime_api.pointing(held, endpoint, targets, leased))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One after the other; Later when those before wait for too long."""
        if not self._lock.acquire(timeout=self._timeout):
            raise Later(f"cannot reach the gateway at {self._admin}: it is slow")
        try:
            yield
        finally:
            self._lock.release()

    def _look(self) -> runtime_api.Held:
        answer = self._say(runtime_api.LOOK)
        try:
            return runtime_api.read(answer)
        except ValueError as error:
            raise Later(f"cannot read the gateway's routes: {error}") from error

    def _change(self, commands: Callable[[runtime_api.Held], list[str]]) -> None:
        with self._turn():
            answer = self._say(commands(self._look()))
        if complaint := runtime_api.complaint(answer):
            raise Later(f"cannot change the gateway's routes: {complaint}")

    def _say(self, commands: Iterable[str]) -> str:
        try:
            return "".join(self._exchange(line, self._timeout) for line in runtime_api.lines(commands))
        except OSError as error:
            raise Later(f"cannot reach the gateway at {self._admin}: {error}") from error

    def _exchange(self, line: str, timeout: float) -> str:
        # HAProxy answers one line per connection and hangs up.
        with closing(self._connected(timeout)) as connection:
            connection.sendall(f"{line}\n".encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def _connected(self, timeout: float) -> socket.socket:
        connection = socket.create_connection((self._admin.host, self._admin.port), timeout)
        return self._proof().wrap_socket(connection) if self._proof else connection
