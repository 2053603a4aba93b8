"""Carry out actions. Each raises Later or Never when it fails."""

from dataclasses import dataclass
from typing import assert_never

from cachewright.agents.engines.driver import Driver, Move
from cachewright.agents.engines.redis.acl import admission
from cachewright.agents.engines.settings import Configuration, of_the_group
from cachewright.agents.planning.actions import (
    Action,
    Claim,
    Close,
    Configure,
    Delist,
    Encrypt,
    Enlist,
    Follow,
    Forget,
    Grant,
    HandOver,
    Join,
    Launch,
    Meet,
    Migrate,
    Name,
    OfClusters,
    OfContainers,
    OfEndpoints,
    OfReplication,
    Part,
    Point,
    Promote,
    Relay,
    Remove,
    Restart,
    Rouse,
    TakeOver,
    Unpause,
)
from cachewright.agents.planning.cluster.nodes import seat_id
from cachewright.agents.planning.links import Reach, reach
from cachewright.agents.planning.sizing import size_of
from cachewright.agents.reconcile.blueprints import Drawing
from cachewright.agents.reconcile.observe import configuration
from cachewright.agents.reconcile.publish_discovery import enlist
from cachewright.agents.reconcile.publish_dns import call
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Address, Cache, Status
from cachewright.controlplane.model.slots import Ranges


@dataclass(frozen=True, slots=True)
class Acting:
    """What actions on one cache need to know."""

    tools: Tools
    cache: Cache
    status: Status  # as decided, and written down

    def carry_out(self, action: Action) -> None:
        """Do it."""
        match action:
            case Launch() | Remove() | Restart() | Unpause() | Relay():
                self._contain(action)
            case Follow() | Rouse() | Promote() | TakeOver() | HandOver():
                self._replicate(action)
            case Meet() | Part() | Join() | Encrypt() | Claim() | Close() | Migrate():
                self._cluster(action)
            case Grant(node):
                self._driver.grant(self._reach(node), admission(self.cache.spec))
            case Configure(node):
                self._driver.configure(self._reach(node), self._configuration(node))
            case Point() | Forget() | Enlist() | Delist() | Name():
                self._tell(action)
            case _:
                assert_never(action)

    def _contain(self, action: OfContainers) -> None:
        runtime, name = self.tools.runtime, self._drawing.name
        match action:
            case Launch(node):
                self._driver.forget(self._reach(node))
                runtime.launch(self._drawing.node(action))
            case Remove(container):
                runtime.remove(container)
            case Restart(node):
                runtime.restart(name(node))
            case Unpause(node):
                runtime.unpause(name(node))
            case Relay(node, start):
                runtime.launch(self._drawing.relay(node, start))

    def _replicate(self, action: OfReplication) -> None:
        driver, runtime, to = self._driver, self.tools.runtime, self._reach
        match action:
            case Follow(node, primary):
                driver.follow(to(node), primary)
            case Rouse(node, leader):
                driver.rouse(to(node), to(leader))
            case Promote(node, endpoint):
                driver.promote(to(node))
                self._lead(endpoint, node)
            case TakeOver(container, node, endpoint):
                runtime.disconnect(container)
                driver.promote(to(node))
                self._lead(endpoint, node)
                runtime.kill(container)
            case HandOver(former, node, endpoint, entry):
                driver.hand_over(reach(self.status, former, entry), to(node))
                self._lead(endpoint, node)
                runtime.kill(self._drawing.name(former))  # it is rebuilt next; nobody shall wait for it meanwhile

    def _cluster(self, action: OfClusters) -> None:
        driver, to = self._driver, self._reach
        match action:
            case Meet(node, peers):
                driver.meet(to(node), peers)
            case Part(node, strangers):
                driver.part(to(node), strangers)
            case Join(node, leader):
                driver.join(to(node), self._seat(leader))
            case Encrypt(node, wanted):
                driver.encrypt(to(node), wanted)
            case Claim(node, slots):
                driver.own(to(node), slots)
            case Close(node, slots):
                driver.close(to(node), slots)
            case Migrate(source, target, slots):
                driver.move(self._journey(source, target, slots))

    def _tell(self, action: OfEndpoints) -> None:
        gateway, directory = self.tools.gateway, self.tools.directory
        match action:
            case Point(endpoint, targets):
                gateway.point(endpoint, targets)
            case Forget(endpoint):
                gateway.forget(endpoint)
            case Enlist(discovery):
                enlist(self.tools, self.cache, self.status, discovery)
            case Delist(port):
                directory.strike(port)
            case Name(names):
                call(self.tools, self.cache, names)

    def hurry(self, node: str) -> None:
        """Tell a node at once what its parameter group sets; Configure sees to all the rest."""
        spec, build = self.cache.spec, self.status.nodes[node].build
        if (wanted := of_the_group(spec, size_of(spec, self.tools.machine), build)).directives:
            self._driver.hint(self._reach(node), wanted)

    @property
    def _drawing(self) -> Drawing:
        return Drawing(self.tools, self.cache, self.status)

    @property
    def _driver(self) -> Driver:
        return self.tools.drivers[self.cache.spec.engine]

    def _address(self, node: str) -> Address:
        return self.status.nodes[node].address

    def _reach(self, node: str) -> Reach:
        return reach(self.status, node)

    def _lead(self, endpoint: Address | None, node: str) -> None:
        if endpoint:
            self.tools.gateway.point(endpoint, (self._address(node),))

    def _configuration(self, node: str) -> Configuration:
        return configuration(self.cache.spec, self.status.nodes[node], self.tools.machine)

    def _seat(self, node: str) -> str:
        return seat_id(self.cache.incarnation, node)

    def _journey(self, source: str, target: str, slots: Ranges) -> Move:
        return Move(
            self._reach(source),
            self._reach(target),
            self._address(target),
            slots,
            (self._seat(source), self._seat(target)),
        )
