"""The pages of a control plane: what is shown and done over HTTP beside the API. FastAPI is loaded with this module."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from fastapi import APIRouter

from cachewright.agents.browsing.browser import Browser
from cachewright.agents.browsing.connections import CONNECTIONS
from cachewright.agents.drills.drills import Drills
from cachewright.agents.outward.logs.pages import LogPages
from cachewright.controlplane.api.counting import CountedRequests
from cachewright.controlplane.api.recording import RecordedRequests
from cachewright.controlplane.automatic_snapshots import AutomaticSnapshots
from cachewright.controlplane.console.choices import choices
from cachewright.controlplane.console.data.routes import data_routes
from cachewright.controlplane.console.explain import explain_routes
from cachewright.controlplane.console.hosts import host_routes
from cachewright.controlplane.console.live import LivePage
from cachewright.controlplane.console.logs import log_routes
from cachewright.controlplane.console.maintenance import maintenance_routes
from cachewright.controlplane.console.members import member_routes
from cachewright.controlplane.console.metrics import metrics_routes
from cachewright.controlplane.console.notifications import notification_routes
from cachewright.controlplane.console.pace import pace_routes
from cachewright.controlplane.console.router import console
from cachewright.controlplane.console.snapshots import snapshot_routes
from cachewright.controlplane.console.stacks import stack_routes
from cachewright.controlplane.maintenance import Maintenance
from cachewright.controlplane.model.cache import Cache, Key
from cachewright.controlplane.model.drills import NoSuchTarget
from cachewright.controlplane.model.metrics.own import Seen
from cachewright.controlplane.server.plane import Plane
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.targets import meant


@dataclass(slots=True)
class Pages:
    """Made for the first who asks for one of them."""

    plane: Plane
    drills: Drills
    maintenance: Maintenance
    automatic: AutomaticSnapshots
    recorded: RecordedRequests
    counted: CountedRequests
    live: LivePage = field(init=False)

    def __post_init__(self) -> None:
        plane = self.plane
        self.live = LivePage(plane.store, self.recorded, lambda: plane.agent.seen().nodes, plane.own.clock)

    def routers(self) -> Sequence[APIRouter]:
        """The routes of all."""
        plane, store, agent = self.plane, self.plane.store, self.plane.agent
        secrets, maintenance = plane.secret_store, self.maintenance
        browser = Browser(
            lambda key: _existing(store, key), lambda: secrets.credentials, CONNECTIONS[plane.settings.runtime]
        )
        return [
            console(store, self.drills, lambda: secrets.authority, plane.engines),
            maintenance_routes(lambda target, account: asdict(maintenance.run(target, account))),
            snapshot_routes(self.automatic),
            pace_routes(agent),
            explain_routes(lambda target, account: agent.explained(_meant(store, target, account))),
            host_routes(plane.host_desk()),
            metrics_routes(self._seen),
            notification_routes(store),
            member_routes(store),
            stack_routes(store),
            log_routes(LogPages(lambda target, account: _meant(store, target, account), agent.tools)),
            data_routes(browser),
            *self.live.routers(lambda: choices(plane.zones(), plane.settings.region)),
        ]

    def sample(self) -> None:
        """See LivePage."""
        self.live.sample()

    def close(self) -> None:
        """See LivePage."""
        self.live.close()

    def _seen(self) -> Seen:
        return replace(self.plane.seen(), requests=self.counted.requests)


def _meant(store: Store, target: str, account: str) -> Cache:
    with store.read() as transaction:
        return meant(transaction, target, account)


def _existing(store: Store, key: Key) -> Cache:
    with store.read() as transaction:
        found = transaction.caches.get(key)
    if found is None or found.deleting:
        raise NoSuchTarget(f"{key.id} is gone: it was deleted, or never was")
    return found
