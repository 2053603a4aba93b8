"""The image for an engine version: already on the engine, else pulled, else built from distribution packages."""

import logging
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from cachewright.agents.planning.images import Image
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.debian import Distribution, distribution
from cachewright.agents.runtime.local_images import Shelf, Stocked
from cachewright.agents.runtime.selection import Arrival, age, arrivals, best, closest
from cachewright.controlplane.model.builds import Build
from cachewright.controlplane.model.versions import VERSIONS, EngineVersion, numbers

log = logging.getLogger(__name__)

_RETRY_REGISTRY = 600.0  # seconds before a registry that failed is asked again
_ANY = "*"  # every upstream image: no registry answers
_STANDARD = (("redis", "7.1"), ("redis", "6.2"), ("valkey", "8.1"), ("valkey", "9.1"), ("memcached", "1.6.22"))

_ENGINES = frozenset(row.engine.value for row in VERSIONS)
STANDARD: tuple[EngineVersion, ...] = tuple(row for row in VERSIONS if (row.engine.value, row.version) in _STANDARD)


class Images:
    """Finds images; safe to share among threads, one of which at a time works on a family."""

    def __init__(self, engine: Engine | None = None, shelf: Shelf | None = None) -> None:
        self._shelf = shelf or Shelf(engine or Engine())
        self._locks: defaultdict[tuple[str, str], threading.Lock] = defaultdict(threading.Lock)
        self._unfit: set[str] = set()  # identities of images that do not run
        self._failed: dict[str, tuple[float, str]] = {}  # upstream reference or _ANY: until when, and why

    def find(self, engine: str, version: str, family: str, upstream: str) -> Image:
        """The image closest to an engine version, within its parameter group family.

        Never: there is none and there will be none, with the reasons; Later: the way to it is blocked for now.
        """
        with self._locks[engine, family]:
            stocked = self._shelf.stocked(engine, family)
            found = closest(stocked, upstream) or self._pulled(engine, family, upstream)
            return _image(found or self._packaged(engine, version, family, stocked))

    def at_hand(self, engine: str, family: str) -> list[Image]:
        """The images of a family that are on the engine, the newest first.

        Later while the engine does not answer.
        """
        stocked = self._shelf.stocked(engine, family)
        return [_image(one) for one in sorted(stocked, key=lambda image: numbers(image.version), reverse=True)]

    def builds(self) -> list[Build]:
        """Every build of a cache engine, and which versions each serves best; what was pulled since is tried out first.

        Later while the engine does not answer.
        """
        stocked, pulled = self._shelf.everything()
        adopted = [self._adopted(arrival) for arrival in arrivals(stocked, pulled)]
        every = self._shelf.everything()[0] if any(adopted) else stocked
        serves: defaultdict[str, list[str]] = defaultdict(list)
        for row in VERSIONS:
            family = [image for image in every if (image.engine, image.family) == (row.engine, row.family)]
            if found := best(family, row):
                serves[found.identity].append(row.described)
        return [_build(image, serves[image.identity]) for image in every if image.engine in _ENGINES]

    def _adopted(self, arrival: Arrival) -> bool:
        """Put what was pulled on the shelf; whether it is there. What does not run is not tried twice."""
        if arrival.identity in self._unfit:
            return False
        with self._locks[arrival.engine, arrival.family]:
            try:
                self._shelf.adopt(arrival.source, arrival.engine, arrival.family, arrival.source)
            except Never as verdict:
                log.warning("%s", verdict.reason)
                self._unfit.add(arrival.identity)
                return False
        return True

    def gateway(self) -> Image:
        """The image of the gateway: HAProxy with the tools to hold addresses."""
        with self._locks["gateway", "gateway"]:
            stocked = self._shelf.stocked("gateway", "gateway")
            return _image(stocked[0] if stocked else self._packaged("gateway", "2.6", "gateway", stocked))

    def nftables(self) -> Image:
        """The image of a gateway whose kernel forwards: nftables' library, and Python with its standard library."""
        with self._locks["nftables", "nftables"]:
            stocked = self._shelf.stocked("nftables", "nftables")
            found = stocked[0] if stocked else self._packaged("nftables", "1.0", "nftables", stocked)
            return _image(self._compiled(found))

    def directory(self) -> Image:
        """The image of the directory: Python with its standard library, of any version."""
        with self._locks["directory", "directory"]:
            stocked = self._shelf.stocked("directory", "directory")
            found = stocked[0] if stocked else self._pulled("directory", "directory", "python:3-slim")
            return _image(self._compiled(found or self._packaged("directory", "3", "directory", stocked)))

    def _compiled(self, found: Stocked) -> Stocked:
        """An image with a Python; one of an earlier release was not compiled."""
        return found if found.compiled else self._shelf.adopt(found.reference, found.engine, found.family, found.source)

    def _pulled(self, engine: str, family: str, upstream: str) -> Stocked | None:
        try:
            if not self._shelf.holds(upstream):
                self._pull(upstream)
        except (Later, Never) as verdict:
            log.info("no image %s: %s", upstream, verdict.reason)
            return None
        return self._shelf.adopt(upstream, engine, family, upstream)

    def _pull(self, upstream: str) -> None:
        for key in (upstream, _ANY):
            until, reason = self._failed.get(key, (0.0, ""))
            if time.monotonic() < until:
                raise Later(reason)
        try:
            self._shelf.pull(upstream)
        except (Later, Never) as verdict:
            key = _ANY if isinstance(verdict, Later) else upstream
            self._failed[key] = (time.monotonic() + _RETRY_REGISTRY, verdict.reason)
            raise

    def _packaged(self, engine: str, version: str, family: str, stocked: Iterable[Stocked]) -> Stocked:
        row = distribution(engine, version, family)
        others = sorted(stocked, key=age, reverse=True)
        ready = [image for image in others if row and image.source == row.source]
        if ready or (others and not row):
            return (ready or others)[0]
        if not row:
            raise Never(f"no image of {engine} {version}: {self._why()}, and Debian has none of family {family}")
        try:
            return self._built(row)
        except (Later, Never) as verdict:
            if others:  # another minor version of the family
                return others[0]
            reason = f"no image of {engine} {version}: {self._why()}; {verdict.reason}"
            raise Later(reason, 30.0) if isinstance(verdict, Later) else Never(reason) from verdict

    def _built(self, row: Distribution) -> Stocked:
        try:
            made = self._shelf.assemble(row)
        except Never as verdict:  # no mmdebstrap on this machine
            try:
                made = self._shelf.cook(row)
            except Later as failure:
                raise Later(f"{verdict.reason}, and {failure.reason}", failure.delay) from failure
        return self._shelf.adopt(made, row.engine, row.family, row.source)

    def _why(self) -> str:
        return next((reason for _, reason in self._failed.values()), "it is not in a registry")


def _image(stocked: Stocked) -> Image:
    return Image(stocked.reference, stocked.build, stocked.programs)


def _build(image: Stocked, serves: Sequence[str]) -> Build:
    made = datetime.fromtimestamp(image.created, UTC)
    return Build(image.identity, image.engine, image.version, made, tuple(serves), image.base)


def prepare(images: Images) -> list[str]:
    """Find the standard set, two at a time; why some are missing."""
    finders = [lambda row=row: images.find(row.engine, row.version, row.family, row.upstream) for row in STANDARD]
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(find) for find in (images.gateway, images.nftables, images.directory, *finders)]
    errors = [future.exception() for future in futures]
    return [str(error) for error in errors if error]


def main() -> int:
    """Set-up: the exit status is 1 when an image of the standard set is missing."""
    logging.basicConfig(level=logging.INFO, format="images: %(message)s")
    missing = prepare(Images())
    for reason in missing:
        log.error("%s", reason)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
