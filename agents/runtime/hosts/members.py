"""The hosts of an installation, asked at the same time: one that is silent delays nobody."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.hosts.attachments import AttachedRuntime
from cachewright.agents.runtime.hosts.pulse import Pulse
from cachewright.controlplane.model.hosts import Host

T = TypeVar("T")

_PING = 2.0  # seconds that an engine has to answer a question that costs it nothing
_SLICE = 0.05  # seconds between two looks at whether somebody who is waited for counts as silent
WAIT = 0.5  # seconds of waiting after which a host counts as silent that has answered nothing at all meanwhile
LATE = "its engine answers late"
_AT_A_TIME = 16  # questions and deeds of each host among what is asked of all
_DEEDS = 64  # at a time, of each host alone


@dataclass(frozen=True, slots=True)
class Member:
    """One host, its engine, and whether that answers."""

    host: Host
    engine: Engine
    runtime: DockerRuntime
    pulse: Pulse

    def require_answer(self, deed: str, *, doubted: bool = True) -> None:
        """Later when it is known not to answer, or, unless that is no reason, somebody is in doubt of it."""
        if reason := self.pulse.silence() if doubted else self.pulse.lateness():
            raise Later(f"cannot {deed}: host {self.host.name} does not answer: {reason}", 2.0)


def member(host: Host, instance: str) -> Member:
    """A host as an instance uses it."""
    engine = Engine(host.engine)
    pulse = Pulse(DockerRuntime(instance, Engine(host.engine, timeout=_PING, pool=2)).version)
    return Member(host, engine, AttachedRuntime(instance, engine), pulse)


class Members:
    """Every host, in the order in which they were told. Safe to share among threads."""

    def __init__(self, every: Sequence[Member]) -> None:
        self._every = {one.host.name: one for one in every}
        self._pools = {name: ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix=f"host {name}") for name in self._every}
        self._left: dict[str, Future[Any]] = {}  # deeds that nobody waits for any more
        self._deeds = {name: ThreadPoolExecutor(_DEEDS, thread_name_prefix=f"deed on {name}") for name in self._every}

    def __iter__(self) -> Iterator[Member]:
        return iter(self._every.values())

    def begin(self) -> None:
        """Find out from now on who answers."""
        for one in self:
            one.pulse.begin()

    def named(self, name: str, deed: str) -> Member:
        """The host of a name; the first that answers for none. Later when it is silent, Never when there is none."""
        self.begin()
        if name and name not in self._every:
            raise Never(f"cannot {deed}: there is no host {name}")
        found = self._every[name] if name else next((one for one in self if not one.pulse.silence()), None)
        if found is None:
            raise Later(f"cannot {deed}: no host answers: {_told(self.silent())}", 2.0)
        found.require_answer(deed)
        return found

    def at(self, name: str, deed: str, act: Callable[[Member], T], *, look: bool = False) -> T:
        """Do something on a host, as `named`, or only `look`. Later as soon as it is silent, too: nobody waits for what
        is under way there, which ends by itself. What is done may take long, so that doubts do not end it. It is not
        done once more, should the host be back, before it has ended.
        """
        chosen, begun = self.named(name, deed), monotonic()
        if (left := self._left.get(deed)) and not left.done():
            raise Later(f"cannot {deed}: it is under way, since before host {chosen.host.name} was silent", 1.0)
        done = self._deeds[chosen.host.name].submit(act, chosen)
        while wait([done], timeout=_SLICE).not_done:
            if look and monotonic() - begun > WAIT:
                chosen.pulse.doubt(begun)
            try:
                chosen.require_answer(deed, doubted=look)
            except Later:
                self._left = {what: each for what, each in self._left.items() if not each.done()} | {deed: done}
                raise
        return done.result()

    def silent(self) -> Mapping[str, str]:
        """Those that do not answer, and why."""
        self.begin()
        found = ((name, one.pulse.silence()) for name, one in self._every.items())
        return {name: reason for name, reason in found if reason}

    def answering(self) -> list[Member]:
        """Those that do, as far as is known."""
        silent = self.silent()
        return [one for name, one in self._every.items() if name not in silent]

    def ask(self, question: Callable[[Member], T]) -> tuple[Mapping[str, T], Mapping[str, str]]:
        """What each says that answers, all asked at the same time, and why the others do not. Later when none does."""
        told, failed = self._gathered(question)
        reasons = {name: verdict.reason for name, verdict in failed.items()}
        silent = {name: reasons.get(name) or self._silent(name) or LATE for name in self._every if name not in told}
        if not told:
            raise _nobody(silent)
        return told, silent

    def tell(self, deed: Callable[[Member], T]) -> Mapping[str, T]:
        """What each answers to a deed, all told at the same time; what the first raises that fails is raised once all
        are done. Those that are silent, or become so, are left out; Later when that leaves nobody.
        """
        told, failed = self._gathered(deed)
        for verdict in failed.values():
            raise verdict
        if not told:
            raise _nobody(self.silent())
        return told

    def _gathered(self, question: Callable[[Member], T]) -> tuple[dict[str, T], dict[str, Later | Never]]:
        begun = monotonic()
        asked = {one.host.name: self._pools[one.host.name].submit(question, one) for one in self.answering()}
        while waited := {name: each for name, each in asked.items() if not each.done() and not self._silent(name)}:
            wait(waited.values(), timeout=_SLICE)
            if monotonic() - begun > WAIT:
                for name in waited:
                    self._every[name].pulse.doubt(begun)
        told: dict[str, T] = {}
        failed: dict[str, Later | Never] = {}
        for name, each in asked.items():
            if not each.cancel() and each.done():
                _sort(name, each, told, failed)
        return told, failed

    def _silent(self, name: str) -> str:
        return self._every[name].pulse.silence()


def _sort(name: str, each: Future[T], told: dict[str, T], failed: dict[str, Later | Never]) -> None:
    try:
        told[name] = each.result()
    except (Later, Never) as verdict:
        failed[name] = verdict


def _nobody(silent: Mapping[str, str]) -> Later:
    return Later(f"cannot reach any host: {_told(silent)}", 2.0)


def _told(silent: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in silent.items())
