"""Long work beside the loop, in lanes of its own: what several keys wait for is done once, and makes them all due."""

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from threading import Lock

from cachewright.agents.planning.images import Fetch, Image, ImageNeed, Job
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.turns import LoopKey
from cachewright.agents.tools import ImageSource
from cachewright.controlplane.store.failures import Unusable

FRESH = 60.0  # seconds that an image which was found is believed to be at hand
AFTER_A_BUG = 5.0  # seconds until a job is tried again in which the program itself failed

log = logging.getLogger(__name__)


class JobBoard:
    """Implements `Jobs`. Safe to share among threads."""

    def __init__(
        self,
        images: ImageSource,
        lane: Executor,
        clock: Callable[[], float],
        finished: Callable[[Iterable[LoopKey]], None],
        alone: Callable[[str], AbstractContextManager[None]] = lambda _: nullcontext(),
    ) -> None:
        """`alone` keeps other agents from doing the same meanwhile."""
        self._images, self._lane, self._clock, self._finished = images, lane, clock, finished
        self._alone = alone
        self._lock = Lock()
        self._waiting: dict[Job, set[LoopKey]] = {}  # of each job that runs: who is made due at its end
        self._failed: dict[tuple[LoopKey, Job], Later | Never] = {}  # not told yet
        self._found: dict[ImageNeed, tuple[Image, float]] = {}  # until when it is believed

    def images(self) -> Mapping[ImageNeed, Image]:
        """See Jobs."""
        with self._lock:
            return self._fresh()

    def running(self, key: LoopKey) -> frozenset[Job]:
        """See Jobs."""
        with self._lock:
            return frozenset(job for job, keys in self._waiting.items() if key in keys)

    def request(self, job: Job, key: LoopKey) -> None:
        """See Jobs."""
        with self._lock:
            if verdict := self._failed.pop((key, job), None):
                raise verdict
            if job.need in self._fresh():
                return  # since the key looked
            runs = job in self._waiting
            self._waiting.setdefault(job, set()).add(key)
        if not runs:
            self._lane.submit(self._do, job).add_done_callback(partial(self._ended, job))

    def withdraw(self, key: LoopKey) -> None:
        """See Jobs."""
        with self._lock:
            self._failed = {told: verdict for told, verdict in self._failed.items() if told[0] != key}

    def doubt(self, need: ImageNeed) -> None:
        """See Jobs."""
        with self._lock:
            self._found.pop(need, None)

    def _fresh(self) -> dict[ImageNeed, Image]:
        now = self._clock()
        return {need: image for need, (image, until) in self._found.items() if now < until}

    def _do(self, job: Job) -> Image:
        with self._alone(f"image {job.need.engine} {job.need.version}"):
            return _found(self._images, job.need)

    def _ended(self, job: Fetch, done: Future[Image]) -> None:
        with self._lock:
            keys = self._waiting.pop(job)
            if done.cancelled():
                return
            if error := done.exception():
                self._failed.update({(key, job): _verdict(job, error) for key in keys})
            else:
                self._found[job.need] = done.result(), self._clock() + FRESH
        self._finished(keys)


def _found(images: ImageSource, need: ImageNeed) -> Image:
    match need.engine:
        case "gateway":
            return images.gateway()
        case "nftables":
            return images.nftables()
        case "directory":
            return images.directory()
        case engine:
            return images.find(engine, need.version, need.family, need.upstream)


def _verdict(job: Job, error: BaseException) -> Later | Never:
    if isinstance(error, Later | Never):
        return error
    if isinstance(error, Unusable):
        return Later(f"cannot find an image of {job.need.engine}: {error}", AFTER_A_BUG)
    log.error("cannot do %s: a bug in Cachewright", job, exc_info=error)
    return Later(f"cannot find an image of {job.need.engine}: {error}", AFTER_A_BUG)
