"""The gateways of several hosts as one: each leads the same ports to the same nodes."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import TypeVar

from cachewright.agents.gateway.gateway import Gateway, Routes
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.controlplane.model.cache import Address

T = TypeVar("T")
Written = Callable[[], Routes]
Wanted = dict[Address, tuple[Address, ...] | None]  # None: it leads nowhere any more

_WAIT = 3.0  # seconds for which a gateway is waited for that has not been found dead yet
_SLICE = 0.05  # seconds between two looks at whether the host of one that is waited for counts as silent
_AT_A_TIME = 8  # words to each gateway


@dataclass(slots=True, eq=False)
class HostGateway:
    """Implements `Gateway` for one host, by what all hosts' gateways were told. If it may have missed something it is
    told what is written down as soon as a probe finds that it answers: another agent may have told others since. One
    that is lapsed may have missed what other agents told meanwhile, whatever this one has.
    """

    inner: Gateway
    wanted: Wanted
    written: Written
    behind: bool = True  # it may have missed something
    _lock: Lock = field(default_factory=Lock)  # it is told one thing at a time

    def route(self, endpoint: Address, targets: Sequence[Address]) -> None:
        """See `Gateway`."""
        self.wanted[endpoint] = tuple(targets)
        self.tell(endpoint)

    def unroute(self, endpoint: Address) -> None:
        """See `Gateway`."""
        self.wanted[endpoint] = None
        self.tell(endpoint)

    def routes(self) -> Routes:
        """See `Gateway`."""
        return self.inner.routes()

    def probe(self) -> None:
        """See `Gateway`."""
        self.inner.probe()
        lapsed = self.inner.is_lapsed()
        if self.behind or lapsed:
            with self._lock:
                self.behind = True
                self._lead_all()
                self.behind = False
        if lapsed:
            self.inner.resume()

    def is_lapsed(self) -> bool:
        """See `Gateway`."""
        return self.inner.is_lapsed()

    def resume(self) -> None:
        """See `Gateway`: a probe does it, since that alone knows whether everything was told."""

    def tell(self, endpoint: Address) -> None:
        """Where an endpoint leads by now: of two who tell at the same time the later one is right."""
        with self._lock:
            try:
                self._lead(endpoint)
            except Later:
                self.behind = True
                raise

    def _lead_all(self) -> None:
        """Each port leads where it is to: an endpoint that moved with its node was told at another host's address. What
        is led to is asked first: whatever another agent tells is written down before. It may tell more meanwhile, so
        this ends once nothing else is written down than was told.
        """
        known = [*self.inner.routes(), *self.wanted]
        routes, told = self.written(), None
        for endpoint in _without(known, routes):
            self.inner.unroute(endpoint)
        while routes != told:
            for endpoint, targets in routes.items():
                if told is None or told.get(endpoint) != targets:
                    self.inner.route(endpoint, targets)
            routes, told = self.written(), routes

    def _lead(self, endpoint: Address) -> None:
        targets = self.wanted[endpoint]
        if targets is None:
            self.inner.unroute(endpoint)
        else:
            self.inner.route(endpoint, targets)


class HostGateways:
    """Implements `Gateway`. All are told at the same time. One that does not answer keeps nobody waiting for long, and
    nobody at all once its host is silent, or a probe has found that; it is told everything when it answers. Later when
    nobody could be told.
    """

    def __init__(
        self, gateways: Mapping[str, Gateway], written: Written, silent: Callable[[], Collection[str]] = frozenset
    ) -> None:
        """`written` tells all routes as they are written down, before anybody is told; `silent` the hosts that do not
        answer.
        """
        self._written, self._silent = written, silent
        self._wanted: Wanted = {}
        self._every: dict[str, HostGateway] = {}
        self._pools: dict[str, ThreadPoolExecutor] = {}  # of each: one that hangs keeps nobody from telling others
        self.attend(gateways)

    def attend(self, gateways: Mapping[str, Gateway]) -> None:
        """These are there from now on, beside those that were; one that comes is told everything."""
        more = {host: one for host, one in gateways.items() if host not in self._every}
        for host in more:
            self._pools[host] = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix=f"gateway {host}")
        every = {host: HostGateway(one, self._wanted, self._written) for host, one in more.items()}
        self._every = {**self._every, **every}

    def on(self, host: str) -> HostGateway:
        """The gateway of one host."""
        return self._every[host]

    def route(self, endpoint: Address, targets: Sequence[Address]) -> None:
        """See `Gateway`."""
        self._wanted[endpoint] = tuple(targets)
        self._any(lambda gateway: gateway.tell(endpoint))

    def unroute(self, endpoint: Address) -> None:
        """See `Gateway`."""
        self._wanted[endpoint] = None
        self._any(lambda gateway: gateway.tell(endpoint))

    def routes(self) -> Routes:
        """See `Gateway`: as any of them tells that answers."""
        return self._any(lambda gateway: gateway.routes())

    def is_lapsed(self) -> bool:
        """See `Gateway`: as any of them tells that answers."""
        return self._any(lambda gateway: gateway.is_lapsed())

    def resume(self) -> None:
        """See `HostGateway`."""

    def probe(self) -> None:
        """See `Gateway`: whether any of them does."""
        self._any(lambda gateway: gateway.probe())

    def _any(self, question: Callable[[HostGateway], T]) -> T:
        """What the first one says, of those that say anything in time, when all have been asked. What one was not even
        asked it may have missed.
        """
        every = self._every
        asked = {host: self._pools[host].submit(question, gateway) for host, gateway in every.items()}
        self._await(asked)
        reason = "none of the hosts' gateways answers in time"
        for host, each in asked.items():
            if each.cancel():
                every[host].behind = True
            elif each.done():
                try:
                    return each.result()
                except (Later, Never) as verdict:
                    reason = verdict.reason
        raise Later(reason)

    def _await(self, asked: Mapping[str, Future[T]]) -> None:
        """Wait for answers; while some have come not for those of silent hosts."""
        deadline = monotonic() + _WAIT
        while monotonic() < deadline:
            left = {host: each for host, each in asked.items() if not each.done()}
            silent = self._silent() if len(left) < len(asked) else ()
            if not (awaited := [each for host, each in left.items() if host not in silent]):
                return
            wait(awaited, timeout=_SLICE)


def _without(known: Iterable[Address], routes: Routes) -> Sequence[Address]:
    """The endpoints at whose ports nothing is to be led anywhere."""
    ports = {endpoint.port for endpoint in routes}
    return [endpoint for endpoint in dict.fromkeys(known) if endpoint.port not in ports]
