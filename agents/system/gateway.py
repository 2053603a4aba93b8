"""Keeps the gateway: its container runs, and begins with the routes that were written down.

Where addresses of containers can be reached, the kernel forwards if it can; otherwise HAProxy does. A gateway that
runs is left as it is, whichever it is: so HAProxy is chosen only when the kernel or its image has had its chance, and
never because the container engine does not answer.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from cachewright.agents.gateway import blueprint, forwarding, hosted
from cachewright.agents.gateway.gateway import Names, Routes
from cachewright.agents.planning.containers import Blueprint, Container, File, State
from cachewright.agents.planning.host_leases import lease_of
from cachewright.agents.planning.images import GATEWAY as PROXY
from cachewright.agents.planning.images import NFTABLES, Fetch, Image, ImageNeed, Job
from cachewright.agents.planning.labels import COUNTED, FORWARDER, GATEWAY, SNI, Labels
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.system.boots import tell
from cachewright.agents.system.endpoints import written, written_names
from cachewright.agents.system.outage import Ended, Outage, await_answer, probe, remove_others
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.hosts import ONLY, Host
from cachewright.controlplane.store.database import Store

FETCHES = 2  # of the image, that fail one after the other while the container engine answers, until there is none

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class GatewayController:
    """One for each instance and run of the agent."""

    store: Store
    make_tools: Callable[[], Tools]  # raises Later or Never while the container engine is away
    run: str  # names this run of the agent: what an earlier one told the gateway is told again
    reopened: Callable[[], None]  # another gateway than before: every route has to be told to it
    outage: Outage = field(default_factory=Outage)
    holds: Callable[[], bool] = lambda: True  # whether it is this agent's to start; others look which one runs
    boot: str = ""  # names the gateway that runs
    untold: bool = False  # nobody knows yet that it is another gateway
    _refused: bool = False  # the kernel does not forward, as was tried since a gateway ran
    _failed: int = 0  # fetches of the image with which it would, one after the other
    needs: tuple[ImageNeed, ...] = (NFTABLES, PROXY)
    host: Host | None = None  # whose gateway it is; None: that of the only one
    counted: Callable[[], Mapping[str, Host]] = dict  # the hosts that its lease counts, with its own
    renews: bool = False  # whether it is replaced although nothing ails it
    _labels: Labels = field(default_factory=dict)  # of the one that runs
    _saved: tuple[Routes, Names] = field(default_factory=lambda: ({}, {}))  # with what a restarted one would begin

    def ensure(self, images: Mapping[ImageNeed, Image]) -> Job | None:
        """See Singleton."""
        tools = self.make_tools()
        if not self.holds():
            self._look(tools)
            return None
        tools.runtime.open_network(str(tools.network.subnet), ipv6=tools.network.six is not None)
        container = self._container(tools)
        if container and self.boot not in ("", self._name(container)):
            self.outage.began()
        if container and self.outage.is_over_patience():
            probe(self)  # its host may have been away, and be back
        if container is None or self.outage.is_over_patience() or self.renews:
            need = PROXY if tools.ports or self._refused else NFTABLES
            if need not in images:
                return Fetch(need)
            self._failed = 0
            try:
                container = self._launched(tools, need, images[need])
            except (Later, Never) as verdict:
                if need == NFTABLES and _blames_kernel(verdict):
                    self._refuse(verdict)
                    return Fetch(PROXY)
                raise
        self._refused, self._failed, self.renews = False, 0, False
        self._labels = container.labels
        tell(self, self._name(container))
        if not self.outage.reason:
            self._write_down(tools, container)
        return None

    @property
    def serves(self) -> bool:
        """Whether it runs, and has answered whoever asked it last."""
        return bool(self.boot) and not self.outage.reason

    @property
    def rests(self) -> bool:
        """See Singleton. HAProxy has to be saved the routes that it was told."""
        return FORWARDER in self._labels and self.serves and self.holds()

    def serving(self) -> frozenset[str]:
        """The host that it serves on, if it does."""
        return frozenset({self.host.name if self.host else ONLY}) if self.serves else frozenset()

    def is_outdated(self) -> bool:
        """Whether it serves on a lease that counts other hosts than it is to, or leads by host name elsewhere."""
        if self.host is None:
            return False
        tools, held = self.make_tools(), (self._labels.get(COUNTED, ""), self._labels.get(SNI, "0"))
        return held != (self._lease(tools, self.host).digest, str(_sni(tools)))

    def _look(self, tools: Tools) -> None:
        """Another agent keeps it: only who uses it is told."""
        if container := self._container(tools):
            tell(self, self._name(container))

    def probe(self) -> None:
        """See Probed."""
        self.make_tools().gateway.probe()

    def fall_back(self, job: Job, verdict: Later | Never) -> bool:
        """See Singleton. The container engine may have been away for a moment: that is no reason to do without."""
        if job.need != NFTABLES:
            return False
        self._failed += 1
        if isinstance(verdict, Never) or self._failed >= FETCHES:
            self._refuse(verdict)
        return True

    def _refuse(self, verdict: Later | Never) -> None:
        log.warning("HAProxy carries the endpoints, because the kernel does not: %s", verdict.reason)
        self._refused = True

    def _write_down(self, tools: Tools, container: Container) -> None:
        known = tools.gateway.routes(), tools.gateway.names()
        if known != self._saved and FORWARDER not in container.labels:  # the other kind writes them down itself
            tools.runtime.copy(container.name, self._files(tools, *known), "0:0")
            self._saved = known

    def _files(self, tools: Tools, routes: Routes, names: Names) -> tuple[File, ...]:
        place = _place(tools)
        if not self.host:
            return blueprint.files(place, routes)
        known, named = hosted.saved(place, routes), hosted.saved(place, names)
        return hosted.files(place, known, tools.secret_store.administration(), self._lease(tools, self.host), named)

    def _lease(self, tools: Tools, own: Host) -> hosted.Lease:
        assert tools.ports, "several hosts publish"
        others = [host for name, host in self.counted().items() if name != own.name]
        addresses = tuple(str(tools.ports.admin_of(host)) for host in others)
        return hosted.Lease(addresses, lease_of(timedelta(seconds=tools.patience)).total_seconds())

    def _launched(self, tools: Tools, need: ImageNeed, image: Image) -> Container:
        place, routes = _place(tools), written(self.store, tools.network)
        name = ".".join((f"cachewright-{tools.instance}-gateway", *((self.host.name,) if self.host else ())))
        if need == NFTABLES:
            made = forwarding.blueprint(image.reference, place, name, GATEWAY, routes)
        else:
            ports = tools.ports.published if tools.ports else ()
            made = blueprint.blueprint(image.reference, place, name, GATEWAY, routes, ports)
        if self.host:
            files = self._files(tools, routes, written_names(self.store, tools.naming))
            made = hosted.hosted(made, self.host, files, self._lease(tools, self.host), _sni(tools))
        _launch(tools, made)
        remove_others(tools.runtime, name, GATEWAY, made.host)
        return await_answer(self.outage, lambda: self._running(tools), tools.gateway.probe)

    def _running(self, tools: Tools) -> Container:
        if container := self._container(tools):
            return container
        endings = [found.ending for found in self._containers(tools) if found.ending]
        raise Ended(f"cannot start the gateway: its container ended: {next(iter(endings), 'no reason known')}")

    def _name(self, container: Container) -> str:
        return f"{self.run} {container.started_at}"

    def _container(self, tools: Tools) -> Container | None:
        return next((one for one in self._containers(tools) if one.state is State.RUNNING), None)

    def _containers(self, tools: Tools) -> list[Container]:
        """Those of its host."""
        name = self.host.name if self.host else ONLY
        return [container for container in tools.runtime.containers(GATEWAY) if container.host == name]


def _launch(tools: Tools, made: Blueprint) -> None:
    try:
        tools.runtime.launch(made)
    except (Later, Never) as verdict:
        if not (made.sees_processes and forwarding.forbids_lending(verdict.reason)):
            raise
        log.info("the gateway lends no addresses of endpoints: %s", verdict.reason)
        tools.runtime.launch(forwarding.without_lending(made))


def _blames_kernel(verdict: Later | Never) -> bool:
    """Its program ended, which tries everything at its start, or the container engine cannot set what it needs."""
    return isinstance(verdict, Ended) or forwarding.lacks_setting(verdict.reason)


def _sni(tools: Tools) -> int:
    return tools.ports.sni if tools.ports else 0


def _place(tools: Tools) -> blueprint.Place:
    network = tools.network
    return blueprint.Place(str(network.gateway), str(network.host), str(network.endpoints), network.endpoints6)
