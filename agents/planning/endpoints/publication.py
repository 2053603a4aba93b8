"""What the gateway and the directory should know of a cache, and what of it they have to be told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cachewright.agents.planning.actions import Action
from cachewright.agents.planning.endpoints.discovery import publish_discovery
from cachewright.agents.planning.endpoints.dns import Led, digest, publish_dns
from cachewright.agents.planning.endpoints.routes import Routes, route_actions
from cachewright.controlplane.model.cache import Cache, Status


@dataclass(frozen=True, slots=True)
class Publication:
    """Where endpoints lead and what names mean, as decided."""

    routes: Routes
    names: Mapping[str, str]
    led: Led
    actions: tuple[Action, ...]
    gateway: str  # names who is told; empty while there is nobody
    cut_off: str  # why callers do not reach the cache although it serves; empty when they do

    @property
    def unheard(self) -> bool:
        """Whether something has to be told that nobody hears: whoever hears next is told everything."""
        return bool(self.actions) and (bool(self.cut_off) or not self.gateway)

    @property
    def due(self) -> tuple[Action, ...]:
        """What can be told now."""
        return () if self.unheard else self.actions

    def written(self, status: Status) -> Status:
        """The status with what is known once that is told. Another gateway knows nothing of what leads nowhere now."""
        same = not self.gateway or self.gateway == status.gateway
        known = {name: to for name, to in status.routes.items() if name in status.endpoints and same}
        led = known | {name: to for name, to in self.routes.items() if to}
        gateway = self.gateway if (led or self.names) and not self.cut_off else ""
        return replace(status, routes=led, named=digest(self.names, self.led), gateway=gateway)


def publication(
    change: tuple[Cache, Status], wanted: Routes, names: Mapping[str, str], led: Led, gateway: str, cut_off: str
) -> Publication:
    """What has to be told after a decision: `change` is the cache before and its status after it, the rest as in
    Publication.
    """
    cache, status = change
    actions = (
        *route_actions(cache.spec, status, wanted, gateway),
        *publish_discovery(cache.status, status, gateway),
        *publish_dns(cache.status, names, led, gateway),
    )
    return Publication(wanted, names, led, actions, gateway, cut_off)
