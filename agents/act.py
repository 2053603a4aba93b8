"""Carry out actions. Each raises Later or Never when it fails."""

from dataclasses import dataclass
from typing import assert_never

from agents.calling import call
from agents.engines import clustering, guard
from agents.engines.cluster import founding
from agents.engines.commands import Start, command
from agents.engines.driver import Driver, Move
from agents.engines.logins import admission, rows
from agents.engines.settings import of_the_group
from agents.enlisting import enlist
from agents.gateway import relay
from agents.observe import CACHE, NODE, ROLE, configuration
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
    TakeOver,
    Unpause,
)
from agents.planning.containers import Blueprint, File
from agents.planning.links import Link, Reach, reach
from agents.planning.seats import seat_id
from agents.planning.sizing import Size, size_of
from agents.planning.world import BESIDE, INCARNATION, LIFE, LOGIN, PARAMETERS, RECIPE, STATIC, TRANSIT, YES
from agents.tools import Tools
from controlplane.model.cache import Address, Cache, Status, Transit
from controlplane.model.recipes import make_of
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
                runtime.restart(self._name(node))
            case Unpause(node):
                runtime.unpause(self._name(node))
            case Follow(node, primary):
                self._driver.follow(self._reach(node), primary)
            case Promote(node, endpoint):
                self._driver.promote(self._reach(node))
                self._lead(endpoint, node)
            case TakeOver():
                self._take_over(action)
            case HandOver(former, node, endpoint, entry):
                self._driver.hand_over(reach(self.status, former, entry), self._reach(node))
                self._lead(endpoint, node)
                runtime.kill(self._name(former))  # it is rebuilt next; nobody shall wait for it meanwhile
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
                self.tools.runtime.launch(self._relay(node, start))
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
        self.tools.runtime.launch(self._blueprint(launch))

    def _blueprint(self, launch: Launch) -> Blueprint:
        spec, node, known = self.cache.spec, launch.node, self.status.nodes[launch.node]
        size = size_of(spec, self.tools.machine)
        release = spec.release
        image = self.tools.images.find(release.engine, release.version, release.family, release.upstream)
        return Blueprint(
            name=self._name(node),
            image=image.reference,
            command=command(spec, self._start(launch, size, image.build)),
            address=known.address.host,
            memory=size.container,
            labels={
                **self._labels(node),
                LIFE: str(known.life),
                RECIPE: known.recipe,
                TRANSIT: known.transit,
                **({LOGIN: YES} if known.login else {}),
                PARAMETERS: make_of(spec).immediate,
                STATIC: make_of(spec).static,
            },
            files=(*self._founding(launch, image.build), *self._guarding(launch, image.build)),
        )

    def _start(self, launch: Launch, size: Size, build: str) -> Start:
        own, told = self._address(launch.node), self.status.told(launch.node)
        published = told.host if launch.seats and told != own else ""
        announced = self.tools.naming.announced(self.cache, launch.node) or published
        version = _version(build)
        return Start(size, version, own.port, self._link(launch), announced, self._logins(launch.node, version))

    def _logins(self, node: str, version: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
        """Without encryption there are no tokens, and so nothing that would have to be kept in a file."""
        spec = self.cache.spec
        if spec.transit is not Transit.OFF or not self.status.nodes[node].login:
            return ()
        return rows(admission(spec), self.tools.guard.credentials.password, version)

    def _founding(self, launch: Launch, build: str) -> tuple[File, ...]:
        """What a cluster node is told of the cluster before its first moment."""
        text = founding(self._seat(launch.node), launch.seats, _version(build))
        return (File(clustering.STATE, text, mode=0o600),) if launch.seats else ()  # the node keeps it up to date

    def _guarding(self, launch: Launch, build: str) -> tuple[File, ...]:
        spec = self.cache.spec
        if spec.transit is Transit.OFF:
            return ()
        identity = self.tools.guard.identity(self._called(launch.node))
        return guard.files(spec, identity, self.tools.guard.credentials, self._link(launch), _version(build))

    def _called(self, node: str) -> tuple[str, ...]:
        """How clients may call a node, whether host names are told or not: as itself, and as the endpoints."""
        endpoints = [name for name in self.status.endpoints if name not in self.status.nodes]
        names = (name for part in (node, *endpoints) for name in self.tools.naming.names(self.cache, part))
        addresses = (address.host for address in self.status.endpoints.values())
        return (self._address(node).host, *addresses, *names, "localhost", "127.0.0.1")

    def _link(self, launch: Launch) -> Link | None:
        """Any cluster node may become a replica: each knows from the start how to reach and enter a primary."""
        if launch.primary or not launch.seats or self.cache.spec.transit is Transit.OFF:
            return launch.primary
        return Link(self._address(launch.node), encrypted=True)

    def _relay(self, node: str, start: str) -> Blueprint:
        labels = {**self._labels(node), ROLE: "relay", BESIDE: start}
        image = self.tools.images.gateway().reference
        return relay.blueprint(image, f"{self._name(node)}-relay", self._name(node), labels, self._address(node).port)

    def _labels(self, node: str) -> dict[str, str]:
        return {CACHE: str(self.cache.key), NODE: node, INCARNATION: self.cache.incarnation}

    def _name(self, node: str) -> str:
        return container_name(self.tools.instance, self.cache.key.account, self.cache.key.region, node)


def _version(build: str) -> tuple[int, ...]:
    """The first two numbers of a build: `redis 7.0.15`."""
    return tuple(int(part) for part in build.rpartition(" ")[2].split(".")[:2])


def container_name(instance: str, account: str, region: str, node: str) -> str:
    """The same for every life of the node, and nobody else's."""
    return f"cachewright-{instance}-{account}-{region}-{node}"
