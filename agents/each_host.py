"""What runs once on each of several hosts, all told the same: see decisions 79 and 91."""

from collections.abc import Callable, Collection, ItemsView, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from cachewright.agents.planning.verdicts import Later, Never

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
S = TypeVar("S", bound="OneHost")

_WAIT = 3.0  # seconds for which a host is waited for that has not been found dead yet
_SLICE = 0.05  # seconds between two looks at whether a host that is waited for counts as silent
_AT_A_TIME = 8  # words to each host


@dataclass(slots=True, eq=False, kw_only=True)
class OneHost:
    """Whether what runs on one host knows what all were told. If it may have missed something it is told everything
    that is written down, as soon as it answers: another agent may have told others since.
    """

    behind: bool = True  # it may have missed something
    _lock: Lock = field(default_factory=Lock)  # it is told one thing at a time

    def told(self, word: Callable[[], T]) -> T:
        """Tell it something; of two who tell the same at the same time the later one has to be right."""
        with self._lock:
            try:
                return word()
            except Later:
                self.behind = True
                raise

    def told_all(self, words: Callable[[], None]) -> None:
        """Tell it everything."""
        with self._lock:
            self.behind = True
            words()
            self.behind = False


def tell_written(written: Callable[[], Mapping[K, V]], tell: Callable[[K, V], object]) -> None:
    """Tell everything that is written down. Another agent may write and tell more meanwhile, so this ends once nothing
    else is written down than was told.
    """
    known: Mapping[K, V] = written()
    told: Mapping[K, V] = {}
    while known != told:
        for what, value in known.items():
            if what not in told or told[what] != value:
                tell(what, value)
        known, told = written(), known


class EachHost(Generic[S]):
    """What runs on all hosts. All are told at the same time. One that does not answer keeps nobody waiting for long,
    and nobody at all once its host is silent, or a probe has found that; it is told everything when it answers.
    """

    def __init__(self, what: str, silent: Callable[[], Collection[str]] = frozenset) -> None:
        """`what` runs there, in the plural; `silent` tells the hosts that do not answer."""
        self._what, self._silent = what, silent
        self._every: dict[str, S] = {}
        self._pools: dict[str, ThreadPoolExecutor] = {}  # of each: one that hangs keeps nobody from telling others

    def attend(self, more: Mapping[str, S]) -> None:
        """These are there from now on, beside those that were."""
        for host in more:
            self._pools[host] = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix=f"{self._what} of {host}")
        self._every = {**self._every, **more}

    def __contains__(self, host: str) -> bool:
        return host in self._every

    def __iter__(self) -> Iterator[S]:
        return iter(self._every.values())

    def items(self) -> ItemsView[str, S]:
        """By host."""
        return self._every.items()

    def on(self, host: str) -> S:
        """What runs on one host."""
        return self._every[host]

    def any(self, question: Callable[[S], T]) -> T:
        """What the first one says, of those that say anything in time, when all have been asked; Later when nobody
        does. What one was not even asked it may have missed.
        """
        every = self._every
        asked = {host: self._pools[host].submit(question, one) for host, one in every.items()}
        self._await(asked)
        reason = f"none of the hosts' {self._what} answers in time"
        for host, each in asked.items():
            if each.cancel():
                every[host].behind = True
            elif each.done():
                try:
                    return each.result()
                except (Later, Never) as verdict:
                    reason = verdict.reason
        raise Later(reason)

    def _await(self, asked: Mapping[str, Future[T]]) -> None:
        """Wait for answers; while some have come not for those of silent hosts."""
        deadline = monotonic() + _WAIT
        while monotonic() < deadline:
            left = {host: each for host, each in asked.items() if not each.done()}
            silent = self._silent() if len(left) < len(asked) else ()
            if not (awaited := [each for host, each in left.items() if host not in silent]):
                return
            wait(awaited, timeout=_SLICE)
