"""Waiting for the API to say that something is done, with what a person sees meanwhile."""

import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from cachewright.controlplane.commands.described import Described, Shown, status
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer, Unfinished
from cachewright.controlplane.commands.refusals import is_absence
from cachewright.controlplane.commands.saved import Saved, named
from cachewright.controlplane.commands.seen import look

PAUSE = 0.05  # seconds between two looks at the status
RARELY = 20  # looks at the status for one at the reasons
FAILED = frozenset({"create-failed", "restore-failed", "incompatible-network", "incompatible-parameters", "failed"})
"""What becomes available no more, unless somebody does something about it."""


class Impossible(NoAnswer):
    """A cache cannot be made."""

    def __init__(self, name: str, status: str, reason: str) -> None:
        super().__init__(f"{name} is {status}: {reason}; `cachewright delete {name}` removes it")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody waits, as long as their patience lasts: from now on, for everything that is waited for together."""

    plane: ControlPlane
    seconds: float
    begun: float = field(default_factory=time.monotonic)

    def until_available(self, cache: Described) -> Shown:
        """The cache, once it is available. NoAnswer with the reason when it cannot be; Unfinished when that takes too
        long.
        """
        shown: Shown | None = {}
        with closing(self._looks(cache)) as looks:
            for shown in looks:
                if shown is None:
                    raise NoAnswer(f"{cache.id} has been deleted meanwhile")
                if (now := status(shown)) == "available":
                    return shown
                if now in FAILED:
                    raise Impossible(cache.id, now, reason(self.plane, cache.id, shown) or "see `cachewright events`")
        raise self._over(cache.id, shown)

    def until_gone(self, cache: Described) -> None:
        """Until nothing is left of it. Unfinished when that takes too long."""
        shown: Shown | None = {}
        with closing(self._looks(cache)) as looks:
            for shown in looks:
                if shown is None:
                    return
        raise self._over(cache.id, shown)

    def until_saved(self, aws: Any, begun: Saved) -> Saved:  # noqa: ANN401 - a client of botocore's
        """A snapshot, once it is available. NoAnswer when it fails; Unfinished when that takes too long."""
        name = begun.name
        with progress(f"waiting for {name} ...") as tell:
            for _ in self._moments():
                snapshot = named(aws, name, begun.words)
                now = snapshot.status if snapshot else "gone"
                if snapshot and now == "available":
                    return snapshot
                if now in {*FAILED, "gone"}:
                    raise NoAnswer(f"the snapshot {name} is {now}; `cachewright events {name}` tells why")
                tell(f"{name} is {now}")
        raise self._over(name, {})

    def moments(self, name: str) -> Iterator[int]:
        """The times to look whether something is done, counted, until whoever looks is content. Unfinished when that
        takes too long.
        """
        yield from self._moments()
        raise self._over(name, {})

    def _looks(self, cache: Described) -> Generator[Shown | None, None, None]:
        """What AWS says of it, again and again; None once it is gone."""
        with progress(f"waiting for {cache.id} ...") as tell:
            for number in self._moments():
                shown = _shown(cache)
                yield shown
                if number % RARELY == 0:
                    why = reason(self.plane, cache.id, shown or {})
                    tell(f"{cache.id} is {status(shown or {})}{f': {why}' if why else ''}")

    def _moments(self) -> Iterator[int]:
        deadline, number = self.begun + self.seconds, 0
        while time.monotonic() < deadline:
            yield number
            number += 1
            time.sleep(PAUSE)

    def _over(self, name: str, shown: Shown | None) -> Unfinished:
        why = reason(self.plane, name, shown or {})
        told = f" ({why})" if why else ""
        return Unfinished(
            f"{name} is not ready after {self.seconds:g} s{told}; it goes on: `cachewright status --watch`"
        )


def reason(plane: ControlPlane, name: str, shown: Shown) -> str:
    """Why a cache that AWS shows so is not as desired; empty when nobody knows."""
    _, _, _, region, account, *_ = str(shown.get("ARN", ":::::")).split(":")
    here = (name.lower(), account, region)
    return next((each.reason for each in look(plane).caches if (each.id, each.account, each.region) == here), "")


@contextmanager
def progress(first: str) -> Iterator[Callable[[str], None]]:
    """Tells what goes on to a person at a terminal, and nothing to a script."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - a script needs none, and is quicker without
    from rich.markup import escape  # noqa: PLC0415

    with Console(stderr=True).status(escape(first)) as line:
        yield lambda words: line.update(escape(words))


def _shown(cache: Described) -> Shown | None:
    try:
        return cache.shown()
    except ClientError as error:
        if is_absence(error.response["Error"]["Code"]):
            return None
        raise
