"""What all caches of an installation share: the gateway, which serves their endpoints, and the directory."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from secrets import token_hex
from threading import Event

from cachewright.agents.planning.outages import Outages
from cachewright.agents.reconcile.claims import Claims
from cachewright.agents.reconcile.turns import SystemKey
from cachewright.agents.system.directory import DirectoryController
from cachewright.agents.system.gateway import GatewayController
from cachewright.agents.system.host_directories import HostDirectoriesController
from cachewright.agents.system.host_gateways import HostGatewaysController
from cachewright.agents.system.outage import Outage, probes
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.model.membership import Duty
from cachewright.controlplane.store.database import Store

Gateways = GatewayController | HostGatewaysController
Directories = DirectoryController | HostDirectoriesController
Shared = Gateways | Directories


@dataclass(frozen=True, slots=True)
class SharedServices:
    """Both, of one run of an agent."""

    gateway: Gateways
    directory: Directories

    def each(self) -> Mapping[SystemKey, Shared]:
        """Each by what is made due for it."""
        return {SystemKey.GATEWAY: self.gateway, SystemKey.DIRECTORY: self.directory}

    def outages(self) -> Outages:
        """Which of them serves nobody, and where the gateway does."""
        gateway, directory = self.gateway.outage.reason, self.directory.outage.reason
        return Outages(bool(gateway), bool(directory), self.gateway.serving(), self.directory.failing())

    def told(self) -> str:
        """Names the runs of both that have to be told what is written down."""
        return boots_told(self.gateway.boot, self.directory.boot)

    def duties(
        self, interval: float, stop: Event, changed: Callable[[], None], replace: Callable[[SystemKey], None]
    ) -> Iterator[tuple[str, Callable[[], None]]]:
        """What a thread of its own does until the end, each by its name: it probes one; see `probes`."""
        for key, one in self.each().items():
            yield f"probes of the {key}", partial(probes, one, interval, stop, changed, partial(replace, key))


def shared_services(
    store: Store,
    tools: Callable[[], Tools],
    claims: Claims,
    patience: float,
    hosts: Mapping[str, Host],
    reopened: Callable[[], None],
) -> SharedServices:
    """Those of an agent that waits for an answer for a patience, in seconds; one of each on each of the hosts, if there
    are several. `reopened`: another one than before runs, to which everything has to be told.
    """
    of_gateways: type[GatewayController] | type[HostGatewaysController] = GatewayController
    of_directories: type[DirectoryController] | type[HostDirectoriesController] = DirectoryController
    if hosts:
        of_gateways, of_directories = HostGatewaysController, HostDirectoriesController
    own = (store, tools, token_hex(4), reopened)
    return SharedServices(
        of_gateways(*own, Outage(patience), partial(claims.holds, Duty.GATEWAY)),
        of_directories(*own, Outage(patience), partial(claims.holds, Duty.DIRECTORY)),
    )


def boots_told(gateway: str, directory: str) -> str:
    """Names who has to be told what is written down: the gateway, and the directory once there is one; empty as long as
    there is no gateway.
    """
    return f"{gateway} {directory}".strip() if gateway else ""
