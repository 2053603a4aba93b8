"""What runs once on each of several hosts, all told the same: see decisions 79 and 91."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from cachewright.agents.planning.verdicts import Later, Never

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
S = TypeVar("S", bound="OneHost")

_WAIT = 3.0  # seconds for which a host is waited for that has not been found dead yet
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
    and is told everything when it answers.
    """

    def __init__(self, what: str) -> None:
        """`what` runs there, in the plural."""
        self._what = what
        self._every: dict[str, S] = {}
        self._pool = ThreadPoolExecutor(1)

    def attend(self, more: Mapping[str, S]) -> None:
        """These are there from now on, beside those that were."""
        if more:
            self._every = {**self._every, **more}
            self._pool = ThreadPoolExecutor(_AT_A_TIME * len(self._every), thread_name_prefix=self._what)

    def __contains__(self, host: str) -> bool:
        return host in self._every

    def __iter__(self) -> Iterator[S]:
        return iter(self._every.values())

    def on(self, host: str) -> S:
        """What runs on one host."""
        return self._every[host]

    def any(self, question: Callable[[S], T]) -> T:
        """What the first one says, of those that say anything in time, when all have been asked; Later when nobody
        does.
        """
        asked = [self._pool.submit(question, one) for one in self._every.values()]
        wait(asked, timeout=_WAIT)
        reason = f"none of the hosts' {self._what} answers in time"
        for each in asked:
            if each.cancel() or not each.done():
                continue
            try:
                return each.result()
            except (Later, Never) as verdict:
                reason = verdict.reason
        raise Later(reason)
