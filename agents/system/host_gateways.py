"""Keeps the gateways of several hosts: one on each that answers."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from cachewright.agents.gateway.hosts import HostGateways
from cachewright.agents.planning.images import GATEWAY as PROXY
from cachewright.agents.planning.images import ImageNeed, Job
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.system.gateway import GatewayController
from cachewright.agents.system.host_controllers import HostControllers, Images
from cachewright.agents.system.outage import Outage
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.hosts import Host, counting
from cachewright.controlplane.store.database import Store

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class HostGatewaysController:
    """One for each instance and run of the agent. Nobody is served while no gateway answers; a gateway that does not
    is replaced on its host, and told everything, while the others serve.

    A host that is joining has a gateway first. Then those of all others are replaced one by one, so that their leases
    count it; then nodes may come. See decision 87.
    """

    store: Store
    make_tools: Callable[[], Tools]  # raises Later or Never while no container engine answers
    run: str  # see GatewayController
    reopened: Callable[[], None]  # somebody can be told routes
    outage: Outage = field(default_factory=Outage)  # of all of them
    holds: Callable[[], bool] = lambda: True  # see GatewayController
    boot: str = ""  # names this run once a gateway runs: what another one missed it is told beside this
    needs: tuple[ImageNeed, ...] = (PROXY,)
    _counted: set[str] = field(default_factory=set)  # hosts that are joining, and have a gateway
    _kept_out: dict[str, str] = field(default_factory=dict)  # hosts that are joining, and why they have none
    _every: HostControllers[GatewayController] = field(init=False)

    def __post_init__(self) -> None:
        self._every = HostControllers(self._made)

    def ensure(self, images: Images) -> Job | None:
        """See Singleton. What fails on one host is raised once all are done; who is joining holds up nobody."""
        tools = self.make_tools()
        jobs, failures = self._every.ensure(tools, images)
        told, silent = self._every.told, tools.runtime.silent_hosts()
        if not self.boot and self._every.begun():
            self.boot = self.run
            self.reopened()
        self._keep_out({name: failures.pop(name).reason for name in [*failures] if told[name].joining})
        if failures and not jobs:
            raise next(iter(failures.values()))
        if not failures and not jobs and self.holds() and not silent.keys() & counting(told).keys():
            self._renew(images)
            self._join()
        return next(iter(jobs), None)

    def probe(self) -> None:
        """See Probed."""
        self._every.probe()

    def serving(self) -> frozenset[str]:
        """The hosts whose gateway serves."""
        return self._every.serving()

    @property
    def rests(self) -> bool:
        """See Singleton. There are hosts to look after."""
        return False

    def fall_back(self, job: Job, verdict: Later | Never) -> bool:  # noqa: ARG002 - there is one way
        """See Singleton."""
        return False

    def _made(self, host: Host) -> GatewayController:
        own = (self._tools_on(host.name), self.run, self._renewed(host.name), Outage(self.outage.patience))
        return GatewayController(self.store, *own, self.holds, host=host, counted=self._on_leases)

    def _on_leases(self) -> Mapping[str, Host]:
        """The hosts that leases count. One that never has a gateway would only be missed."""
        told = self._every.told
        self._counted |= {name for name in self.serving() if told[name].joining}
        return {name: host for name, host in told.items() if not host.joining or name in self._counted}

    def _renew(self, images: Images) -> None:
        """Replace the gateways that count other hosts, one by one: each while all others serve."""
        each = self._every.each
        for one in (each[name] for name in self._on_leases()):
            if all(other.serves for other in each.values() if other.boot) and one.is_outdated():
                one.renews = True
                one.ensure(images)

    def _join(self) -> None:
        """Nodes may come to those that all gateways count."""
        counted, each = self._on_leases(), self._every.each
        joining = [host for host in counted.values() if host.joining]
        if not joining or any(each[name].is_outdated() or not each[name].serves for name in counted):
            return
        with self.store.write() as transaction:
            known = transaction.hosts.all()
            for host in (known[host.name] for host in joining if host.name in known):
                transaction.hosts.write(replace(host, joining=False))
                log.info("host %s has joined the others", host.name)
            transaction.due.update(transaction.caches.keys())

    def _keep_out(self, reasons: dict[str, str]) -> None:
        for name, reason in reasons.items():
            if self._kept_out.get(name) != reason:
                log.warning("host %s cannot join the others: %s", name, reason)
        self._kept_out = reasons

    def _tools_on(self, name: str) -> Callable[[], Tools]:
        def made() -> Tools:
            tools = self.make_tools()
            return replace(tools, gateway=_all(tools).on(name))

        return made

    def _renewed(self, name: str) -> Callable[[], None]:
        def tell() -> None:
            _all(self.make_tools()).on(name).behind = True

        return tell


def _all(tools: Tools) -> HostGateways:
    assert isinstance(tools.gateway, HostGateways)
    return tools.gateway
