"""Keeps the gateways of several hosts: one on each that answers."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from cachewright.agents.gateway.hosts import HostGateways
from cachewright.agents.planning.images import GATEWAY as PROXY
from cachewright.agents.planning.images import Image, ImageNeed, Job
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.system.gateway import GatewayController
from cachewright.agents.system.outage import Outage, probe
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.store.database import Store


@dataclass(slots=True, eq=False)
class HostGatewaysController:
    """One for each instance and run of the agent. Nobody is served while no gateway answers; a gateway that does not
    is replaced on its host, and told everything, while the others serve.
    """

    store: Store
    make_tools: Callable[[], Tools]  # raises Later or Never while no container engine answers
    run: str  # see GatewayController
    reopened: Callable[[], None]  # somebody can be told routes
    hosts: Mapping[str, Host]
    outage: Outage = field(default_factory=Outage)  # of all of them
    holds: Callable[[], bool] = lambda: True  # see GatewayController
    boot: str = ""  # names this run once a gateway runs: what another one missed it is told beside this
    needs: tuple[ImageNeed, ...] = (PROXY,)
    _each: dict[str, GatewayController] = field(default_factory=dict)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(16, thread_name_prefix="gateway"))

    def __post_init__(self) -> None:
        for name, host in self.hosts.items():
            own = (self._tools_on(name), self.run, self._renewed(name), Outage(self.outage.patience))
            self._each[name] = GatewayController(self.store, *own, self.holds, host=host)

    def ensure(self, images: Mapping[ImageNeed, Image]) -> Job | None:
        """See Singleton. What fails on one host is raised once all are done."""
        silent = self.make_tools().runtime.silent_hosts()
        asked = [self._pool.submit(one.ensure, images) for name, one in self._each.items() if name not in silent]
        failures: list[Later | Never] = []
        jobs: list[Job] = []
        for each in asked:
            try:
                jobs += [job] if (job := each.result()) else []
            except (Later, Never) as verdict:
                failures.append(verdict)
        if not self.boot and any(one.boot for one in self._each.values()):
            self.boot = self.run
            self.reopened()
        if failures and not jobs:
            raise failures[0]
        return next(iter(jobs), None)

    def probe(self) -> None:
        """See Probed. Later when no gateway answers."""
        begun = [one for one in self._each.values() if one.boot]
        for each in [self._pool.submit(probe, one) for one in begun]:
            each.result()
        reasons = [one.outage.reason for one in begun if one.outage.reason]
        if reasons and len(reasons) == len(begun):
            raise Later(reasons[0])

    def fall_back(self, job: Job, verdict: Later | Never) -> bool:  # noqa: ARG002 - there is one way
        """See Singleton."""
        return False

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
