"""Keeps what runs once on each of several hosts."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from cachewright.agents.planning.images import Image, ImageNeed, Job
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.system.outage import Probed, probe
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.hosts import Host

Images = Mapping[ImageNeed, Image]
Failures = dict[str, Later | Never]  # by host

_PROBED = 0.5  # seconds for which probes are waited for: leases of those that answer end without a word every 1.25 s


class Keeping(Probed, Protocol):
    """Keeps what runs on one host."""

    def ensure(self, images: Images) -> Job | None:
        """See Singleton."""

    @property
    def serves(self) -> bool:
        """Whether it runs, and has answered whoever asked it last."""


C = TypeVar("C", bound=Keeping)


@dataclass(slots=True, eq=False)
class HostControllers(Generic[C]):
    """Whoever keeps it on each host."""

    make: Callable[[Host], C]
    told: Mapping[str, Host] = field(default_factory=dict)
    each: dict[str, C] = field(default_factory=dict)
    _probes: dict[str, Future[None]] = field(default_factory=dict)  # the last one of each host
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(16, thread_name_prefix="each host"))

    def ensure(self, tools: Tools, images: Images) -> tuple[list[Job], Failures]:
        """Make it as it should be on all hosts that answer; the jobs without which that cannot be done, and where it
        failed.
        """
        self.told = tools.hosts.told()
        self.each = {name: self.each.get(name) or self.make(host) for name, host in self.told.items()}
        silent = tools.runtime.silent_hosts()
        return self._ensured([name for name in self.told if name not in silent], images)

    def probe(self) -> None:
        """Later when it answers on no host. One that takes long is not waited for: the others need the word of an agent
        meanwhile.
        """
        begun = [one for one in self.each.values() if one.boot]
        under_way = {name: each for name, each in self._probes.items() if not each.done()}
        due = {name: one for name, one in self.each.items() if one.boot and name not in under_way}
        self._probes = under_way | {name: self._pool.submit(probe, one) for name, one in due.items()}
        for each in wait(self._probes.values(), timeout=_PROBED).done:
            each.result()
        reasons = [one.outage.reason for one in begun if one.outage.reason]
        if reasons and len(reasons) == len(begun):
            raise Later(reasons[0])

    def begun(self) -> bool:
        """Whether it runs on any host."""
        return any(one.boot for one in self.each.values())

    def serving(self) -> frozenset[str]:
        """The hosts where it serves."""
        return frozenset(name for name, one in self.each.items() if one.serves)

    def failing(self) -> frozenset[str]:
        """The hosts where it runs, and did not answer whoever asked it last."""
        return frozenset(name for name, one in self.each.items() if one.outage.reason)

    def _ensured(self, names: Iterable[str], images: Images) -> tuple[list[Job], Failures]:
        asked = {name: self._pool.submit(self.each[name].ensure, images) for name in names}
        failures: Failures = {}
        jobs: list[Job] = []
        for name, each in asked.items():
            try:
                jobs += [job] if (job := each.result()) else []
            except (Later, Never) as verdict:
                failures[name] = verdict
        return jobs, failures
