"""Keeps the directory: its container runs from the first moment that somebody needs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cachewright.agents.directory import blueprint
from cachewright.agents.directory.members import listing_of
from cachewright.agents.directory.program.listing import State
from cachewright.agents.directory.program.server import ADMIN
from cachewright.agents.planning.containers import Container, Port
from cachewright.agents.planning.containers import State as Life
from cachewright.agents.planning.images import DIRECTORY as NEED
from cachewright.agents.planning.images import Fetch, Image, ImageNeed, Job
from cachewright.agents.planning.labels import DIRECTORY
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.act.dns import inside, owner
from cachewright.agents.system.boots import tell
from cachewright.agents.system.outage import Ended, Outage, await_answer, remove_others
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.news import News


@dataclass(slots=True, eq=False)
class DirectoryController:
    """One for each instance and run of the agent."""

    store: Store
    make_tools: Callable[[], Tools]  # raises Later or Never while the container engine is away
    run: str  # names this run of the agent: what an earlier one told the directory is told again
    reopened: Callable[[], None]  # another directory than before: everything has to be told to it
    outage: Outage = field(default_factory=Outage)
    holds: Callable[[], bool] = lambda: True  # whether it is this agent's to start; others look which one runs
    boot: str = ""  # names the directory that runs; empty: nobody needed one yet
    untold: bool = False  # nobody knows yet that it is another directory
    needs: tuple[ImageNeed, ...] = (NEED,)
    _news: News = field(init=False)

    def __post_init__(self) -> None:
        self._news = News(self.store)

    def ensure(self, images: Mapping[ImageNeed, Image]) -> Job | None:
        """See Singleton."""
        tools = self.make_tools()
        if not self.boot and not self._needed(tools):
            return None
        container = _container(tools)
        if self.holds() and (container is None or self.outage.is_over_patience()):
            if NEED not in images:
                return Fetch(NEED)
            container = self._launched(tools, images[NEED])
        if container:
            tell(self, f"{self.run} {container.started_at}")
        return None

    def probe(self) -> None:
        """See Probed."""
        self.make_tools().directory.probe()

    def fall_back(self, job: Job, verdict: Later | Never) -> bool:  # noqa: ARG002 - there is one way
        """See Singleton."""
        return False

    @property
    def rests(self) -> bool:
        """See Singleton. As long as nobody needs one that is looked at, which is cheap."""
        return bool(self.boot) and not self.outage.reason and self.holds()

    def _needed(self, tools: Tools) -> bool:
        """Whether host names are told, or have been, or there is a Memcached cluster; several hosts have none of it."""
        if tools.on_hosts:
            return False
        if tools.naming.on:
            return True
        return bool(self._news.found(self._listed))

    def _listed(self) -> list[Cache]:
        """Caches that clients find by it."""
        with self.store.read() as transaction:
            found = transaction.caches.mentioning(spec=f'"{Engine.MEMCACHED}"', status='"named"')
        return [cache for cache in found if cache.status.named or cache.spec.engine is Engine.MEMCACHED]

    def _launched(self, tools: Tools, image: Image) -> Container:
        network, ports = tools.network, tools.ports
        place = blueprint.Place(str(network.directory), str(network.host))
        published = (Port(ADMIN, ports.directory),) if ports else ()
        name, state = f"cachewright-{tools.instance}-directory", self._written(tools)
        tools.runtime.launch(blueprint.blueprint(image.reference, place, name, DIRECTORY, state, published))
        remove_others(tools.runtime, name, DIRECTORY)
        self.outage.replaced()
        container = await_answer(lambda: _running(tools), tools.directory.probe)
        self.outage.note("")
        return container

    def _written(self, tools: Tools) -> State:
        """What it would know, had it run all the time. Encrypted clusters wait until they are told with their keys."""
        caches = [cache for cache in self._caches() if not cache.deleting]
        lists = (
            (cache.status.discovery.address.port, listing_of(cache.status, cache.status.discovery))
            for cache in caches
            if cache.status.discovery and cache.status.discovery.version
        )
        names = {
            owner(cache.key, cache.incarnation): inside(tools, tools.naming.records(cache))
            for cache in caches
            if cache.status.named
        }
        return State(
            {port: listing for port, listing in lists if not listing.encrypted},
            {who: told for who, told in names.items() if told},
            tools.naming.suffix if tools.naming.on else "",
        )

    def _caches(self) -> list[Cache]:
        with self.store.read() as transaction:
            return list(transaction.caches.all())


def _running(tools: Tools) -> Container:
    if container := _container(tools):
        return container
    raise Ended("cannot start the directory: its container ended at once")


def _container(tools: Tools) -> Container | None:
    found = tools.runtime.containers(DIRECTORY)
    return next((container for container in found if container.state is Life.RUNNING), None)
