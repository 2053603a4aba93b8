"""Carry out actions. Each raises Later or Never when it fails."""

from dataclasses import dataclass
from typing import assert_never

from agents.engines.commands import command
from agents.engines.driver import Driver
from agents.observe import CACHE, NODE
from agents.planning.actions import (
    Action,
    Follow,
    Forget,
    HandOver,
    Launch,
    Point,
    Promote,
    Remove,
    Restart,
    Unpause,
)
from agents.planning.containers import Blueprint
from agents.planning.sizing import size_of
from agents.planning.world import INCARNATION, LIFE
from agents.tools import Tools
from controlplane.model.cache import Address, Cache, Status


@dataclass(frozen=True, slots=True)
class Acting:
    """What actions on one cache need to know."""

    tools: Tools
    cache: Cache
    status: Status  # as decided, and written down

    def carry_out(self, action: Action) -> None:
        """Do it."""
        runtime, gateway = self.tools.runtime, self.tools.gateway
        match action:
            case Launch(node, primary):
                self._launch(node, primary)
            case Remove(container):
                runtime.remove(container)
            case Restart(node):
                runtime.restart(container_name(self.tools.instance, self.cache, node))
            case Unpause(node):
                runtime.unpause(container_name(self.tools.instance, self.cache, node))
            case Follow(node, primary):
                self._driver.follow(self._address(node), primary)
            case Promote(node, endpoint):
                self._driver.promote(self._address(node))
                self._lead(endpoint, node)
            case HandOver(former, node, endpoint):
                self._driver.hand_over(self._address(former), self._address(node))
                self._lead(endpoint, node)
            case Point(endpoint, targets):
                gateway.point(endpoint, targets)
            case Forget(endpoint):
                gateway.forget(endpoint)
            case _:
                assert_never(action)

    @property
    def _driver(self) -> Driver:
        return self.tools.drivers[self.cache.spec.engine]

    def _address(self, node: str) -> Address:
        return self.status.nodes[node].address

    def _lead(self, endpoint: Address | None, node: str) -> None:
        if endpoint:
            self.tools.gateway.point(endpoint, (self._address(node),))

    def _launch(self, node: str, primary: Address | None) -> None:
        self._driver.forget(self._address(node))
        self.tools.runtime.launch(self._blueprint(node, primary))

    def _blueprint(self, node: str, primary: Address | None) -> Blueprint:
        spec, known = self.cache.spec, self.status.nodes[node]
        size = size_of(spec, self.tools.machine)
        release = spec.release
        image = self.tools.images.find(release.engine, release.version, release.family, release.upstream)
        return Blueprint(
            name=container_name(self.tools.instance, self.cache, node),
            image=image.reference,
            command=command(spec, size, primary),
            address=known.address.host,
            memory=size.container,
            labels={
                CACHE: str(self.cache.key),
                NODE: node,
                INCARNATION: self.cache.incarnation,
                LIFE: str(known.life),
            },
        )


def container_name(instance: str, cache: Cache, node: str) -> str:
    """The same for every life of the node, and nobody else's."""
    return f"cachewright-{instance}-{cache.key.account}-{cache.key.region}-{node}"
