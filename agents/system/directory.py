"""Keeps the directory: its container runs from the first moment that somebody needs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from cachewright.agents.directory import blueprint
from cachewright.agents.directory.hosts import HostDirectories
from cachewright.agents.directory.program.contact import ADMIN
from cachewright.agents.planning.containers import Blueprint, Container, Port
from cachewright.agents.planning.containers import State as Life
from cachewright.agents.planning.images import DIRECTORY as NEED
from cachewright.agents.planning.images import Fetch, Image, ImageNeed, Job
from cachewright.agents.planning.labels import DIRECTORY, NAMING, YES
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.system.boots import tell
from cachewright.agents.system.listings import Need, written
from cachewright.agents.system.outage import Ended, Outage, await_answer, remove_others
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.hosts import ONLY, Host
from cachewright.controlplane.store.database import Store


@dataclass(slots=True, eq=False)
class DirectoryController:
    """One for each instance and run of the agent, and each host."""

    store: Store
    make_tools: Callable[[], Tools]  # raises Later or Never while the container engine is away
    run: str  # names this run of the agent: what an earlier one told the directory is told again
    reopened: Callable[[], None]  # another directory than before: everything has to be told to it
    outage: Outage = field(default_factory=Outage)
    holds: Callable[[], bool] = lambda: True  # whether it is this agent's to start; others look which one runs
    boot: str = ""  # names the directory that runs; empty: nobody needed one yet
    untold: bool = False  # nobody knows yet that it is another directory
    needs: tuple[ImageNeed, ...] = (NEED,)
    host: Host | None = None  # whose directory it is, which is needed; None: that of the only one
    address: str = ""  # of the one that runs, on the network of the hosts
    _need: Need = field(init=False)

    def __post_init__(self) -> None:
        self._need = Need(self.store)

    def ensure(self, images: Mapping[ImageNeed, Image]) -> Job | None:
        """See Singleton."""
        tools = self.make_tools()
        if not (self.boot or self.host or self._need.is_there(tools)):
            return None
        container = self._container(tools)
        if container and self.boot not in ("", self._name(container)):
            self.outage.began()
        if self.holds() and (
            container is None or self.outage.is_over_patience() or self._lacks_names(tools, container)
        ):
            if NEED not in images:
                return Fetch(NEED)
            container = self._launched(tools, images[NEED])
        if container:
            self.address = container.address
            tell(self, self._name(container))
        return None

    def probe(self) -> None:
        """See Probed."""
        tools = self.make_tools()
        (every(tools).on(self.host.name) if self.host else tools.directory).probe()

    @property
    def serves(self) -> bool:
        """See Keeping."""
        return bool(self.boot) and not self.outage.reason

    def failing(self) -> frozenset[str]:
        """The hosts whose directory does not answer while others do: there is one."""
        return frozenset()

    def fall_back(self, job: Job, verdict: Later | Never) -> bool:  # noqa: ARG002 - there is one way
        """See Singleton."""
        return False

    @property
    def rests(self) -> bool:
        """See Singleton. As long as nobody needs one that is looked at, which is cheap."""
        return self.serves and self.holds()

    def _launched(self, tools: Tools, image: Image) -> Container:
        name = ".".join((f"cachewright-{tools.instance}-directory", *((self.host.name,) if self.host else ())))
        made = self._blueprint(tools, image, name)
        tools.runtime.launch(made)
        remove_others(tools.runtime, name, DIRECTORY, made.host)
        return await_answer(self.outage, lambda: self._running(tools), lambda: self._answers(tools))

    def _blueprint(self, tools: Tools, image: Image, name: str) -> Blueprint:
        """It begins with what it would know, had it run all the time; encrypted clusters wait until they are told with
        their keys.
        """
        network, ports = tools.network, tools.ports
        place = blueprint.Place(str(network.directory), str(network.host))
        known = written(self.store, tools)
        plain = {port: listing for port, listing in known.discovery.items() if not listing.encrypted}
        state = replace(known, discovery=plain)
        if self.host is None:
            published = (Port(ADMIN, ports.directory),) if ports else ()
            return blueprint.blueprint(image.reference, place, name, DIRECTORY, state, published)
        assert ports, "several hosts publish"
        published = (Port(ADMIN, ports.directory_admin_of(self.host).port),)
        made = blueprint.blueprint(image.reference, place, name, DIRECTORY, state, published)
        return blueprint.hosted(made, self.host, tools.secret_store.administration(), naming=tools.naming.on)

    def _lacks_names(self, tools: Tools, container: Container) -> bool:
        """Whether it was started while no host names were told, so that nobody can ask it for them."""
        return self.host is not None and tools.naming.on and container.labels.get(NAMING) != YES

    def _answers(self, tools: Tools) -> None:
        """Later while it does not. What it is to be told it is told later."""
        (every(tools).on(self.host.name).inner if self.host else tools.directory).probe()

    def _running(self, tools: Tools) -> Container:
        if container := self._container(tools):
            return container
        raise Ended("cannot start the directory: its container ended at once")

    def _name(self, container: Container) -> str:
        return f"{self.run} {container.started_at}"

    def _container(self, tools: Tools) -> Container | None:
        """That of its host."""
        name = self.host.name if self.host else ONLY
        found = (one for one in tools.runtime.containers(DIRECTORY) if one.host == name)
        return next((one for one in found if one.state is Life.RUNNING), None)


def every(tools: Tools) -> HostDirectories:
    """The directories of several hosts."""
    assert isinstance(tools.directory, HostDirectories)
    return tools.directory
