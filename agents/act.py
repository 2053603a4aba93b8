"""Carry out actions. Each raises Later or Never when it fails."""

from dataclasses import dataclass
from typing import assert_never

from agents.calling import call
from agents.drawing import Drawing
from agents.engines.driver import Driver, Move
from agents.engines.logins import admission
from agents.engines.settings import of_the_group
from agents.enlisting import enlist
from agents.observe import configuration
from agents.planning.actions import (
    Action,
    Claim,
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
from agents.planning.links import Reach, reach
from agents.planning.seats import seat_id
from agents.planning.sizing import size_of
from agents.tools import Tools
from controlplane.model.cache import Address, Cache, Status
from controlplane.model.slots import Ranges


@dataclass(frozen=True, slots=True)
class Acting:
    """What actions on one cache need to know."""

    tools: Tools
    cache: Cache
    status: Status  # as decided, and written down

    def carry_out(self, action: Action) -> None:
        """Do it."""
        runtime = self.tools.runtime
        match action:
            case Launch():
                self._launch(action)
            case Remove(container):
                runtime.remove(container)
            case Restart(node):
                runtime.restart(self._drawing.name(node))
            case Unpause(node):
                runtime.unpause(self._drawing.name(node))
            case Follow(node, primary):
                self._driver.follow(self._reach(node), primary)
            case Rouse(node, leader):
                self._driver.rouse(self._reach(node), self._reach(leader))
            case Promote(node, endpoint):
                self._driver.promote(self._reach(node))
                self._lead(endpoint, node)
            case TakeOver():
                self._take_over(action)
            case HandOver(former, node, endpoint, entry):
                self._driver.hand_over(reach(self.status, former, entry), self._reach(node))
                self._lead(endpoint, node)
                runtime.kill(self._drawing.name(former))  # it is rebuilt next; nobody shall wait for it meanwhile
            case Meet(node, peers):
                self._driver.meet(self._reach(node), peers)
            case Part(node, strangers):
                self._driver.part(self._reach(node), strangers)
            case Join(node, leader):
                self._driver.join(self._reach(node), self._seat(leader))
            case Encrypt(node, wanted):
                self._driver.encrypt(self._reach(node), wanted)
            case Claim(node, slots):
                self._driver.own(self._reach(node), slots)
            case Migrate(source, target, slots):
                self._driver.move(self._journey(source, target, slots))
            case Grant(node):
                self._grant(node)
            case Configure(node):
                self._configure(node)
            case Relay(node, start):
                runtime.launch(self._drawing.relay(node, start))
            case Point() | Forget() | Enlist() | Delist() | Name():
                self._tell(action)
            case _:
                assert_never(action)

    def _tell(self, action: Point | Forget | Enlist | Delist | Name) -> None:
        """What the gateway and the directory are told."""
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

    def _take_over(self, action: TakeOver) -> None:
        self.tools.runtime.disconnect(action.container)
        self._driver.promote(self._reach(action.node))
        self._lead(action.endpoint, action.node)
        self.tools.runtime.kill(action.container)

    def _grant(self, node: str) -> None:
        self._driver.grant(self._reach(node), admission(self.cache.spec))

    def hurry(self, node: str) -> None:
        """Tell a node at once what its parameter group sets; Configure sees to all the rest."""
        spec, build = self.cache.spec, self.status.nodes[node].build
        if (wanted := of_the_group(spec, size_of(spec, self.tools.machine), build)).directives:
            self._driver.configure(self._reach(node), wanted)

    def _configure(self, node: str) -> None:
        wanted = configuration(self.cache.spec, self.status.nodes[node], self.tools.machine)
        self._driver.configure(self._reach(node), wanted)

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

    def _launch(self, launch: Launch) -> None:
        self._driver.forget(self._reach(launch.node))
        self.tools.runtime.launch(self._drawing.node(launch))
