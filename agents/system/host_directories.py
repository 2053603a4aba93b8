"""Keeps the directories of several hosts: one on each that answers, once somebody needs any."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cachewright.agents.planning.images import DIRECTORY as NEED
from cachewright.agents.planning.images import ImageNeed, Job
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.system.directory import DirectoryController, every
from cachewright.agents.system.host_controllers import HostControllers, Images
from cachewright.agents.system.listings import Need
from cachewright.agents.system.outage import Outage
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.store.database import Store


@dataclass(slots=True, eq=False)
class HostDirectoriesController:
    """One for each instance and run of the agent. Nobody is served while no directory answers; one that does not is
    replaced on its host, and told everything, while the others serve.
    """

    store: Store
    make_tools: Callable[[], Tools]  # raises Later or Never while no container engine answers
    run: str  # see DirectoryController
    reopened: Callable[[], None]  # somebody can be told who is listed
    outage: Outage = field(default_factory=Outage)  # of all of them
    holds: Callable[[], bool] = lambda: True  # see DirectoryController
    boot: str = ""  # names this run once a directory runs: what another one missed it is told beside this
    needs: tuple[ImageNeed, ...] = (NEED,)
    _need: Need = field(init=False)
    _every: HostControllers[DirectoryController] = field(init=False)

    def __post_init__(self) -> None:
        self._need, self._every = Need(self.store), HostControllers(self._made)

    def ensure(self, images: Images) -> Job | None:
        """See Singleton. What fails on one host is raised once all are done; who is joining holds up nobody."""
        tools = self.make_tools()
        if not (self.boot or self._need.is_there(tools)):
            return None
        jobs, failures = self._every.ensure(tools, images)
        if not self.boot and self._every.begun():
            self._every.probe()  # so that they have been told everything
            self.boot = self.run
            self.reopened()
        told = self._every.told
        if not jobs and (failed := [verdict for name, verdict in failures.items() if not told[name].joining]):
            raise failed[0]
        return next(iter(jobs), None)

    def probe(self) -> None:
        """See Probed."""
        self._every.probe()

    def failing(self) -> frozenset[str]:
        """The hosts whose directory does not answer."""
        return self._every.failing()

    @property
    def rests(self) -> bool:
        """See Singleton. There are hosts to look after."""
        return False

    def fall_back(self, job: Job, verdict: Later | Never) -> bool:  # noqa: ARG002 - there is one way
        """See Singleton."""
        return False

    def _made(self, host: Host) -> DirectoryController:
        own = (self.run, lambda: self._began(host.name), Outage(self.outage.patience))
        return DirectoryController(self.store, self.make_tools, *own, self.holds, host=host)

    def _began(self, host: str) -> None:
        every(self.make_tools()).on(host).began(self._every.each[host].address)
