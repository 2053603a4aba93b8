"""Which of the images at hand is the one for a version, and which were pulled anew since they were tried out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cachewright.agents.runtime.debian import distribution, minor
from cachewright.agents.runtime.local_images import Pulled, Stocked
from cachewright.controlplane.model.versions import VERSIONS, EngineVersion, numbers


@dataclass(frozen=True, slots=True)
class Arrival:
    """An image that nodes can be made from once it was tried out."""

    engine: str
    family: str
    source: str  # its name
    identity: str


def closest(stocked: Iterable[Stocked], upstream: str) -> Stocked | None:
    """The image that came from `upstream`, else one of the same minor version: neither is worth a pull."""
    tag = upstream.rpartition(":")[2]
    rows = [image for image in stocked if image.source == upstream or minor(image.version) == minor(tag)]
    return max(rows, key=lambda image: (image.source == upstream, *age(image)), default=None)


def best(stocked: Iterable[Stocked], row: EngineVersion) -> Stocked | None:
    """The image of a family that nodes of a version would get, as far as nothing is pulled or built."""
    named = [image for image in stocked if image.reference]
    packaged = distribution(row.engine, row.version, row.family)
    found = closest(named, row.upstream) or _newest(
        image for image in named if packaged and image.source == packaged.source
    )
    return found or _newest(named)


def arrivals(stocked: Iterable[Stocked], pulled: Mapping[str, Pulled]) -> list[Arrival]:
    """What was pulled since and nodes that are made now would get: another image of a name that some came from, or the
    public image of a version for which there was only a substitute.
    """
    every = sorted(stocked, key=lambda image: image.created)
    newest = {image.source: image for image in every}
    found = [
        Arrival(image.engine, image.family, source, pulled[source].identity)
        for source, image in newest.items()
        if source in pulled and _is_other(image, pulled[source])
    ]
    missing = [row for row in VERSIONS if row.upstream in pulled and row.upstream not in newest and _lacks(every, row)]
    found += [Arrival(row.engine, row.family, row.upstream, pulled[row.upstream].identity) for row in missing]
    return list(dict.fromkeys(found))


def age(image: Stocked) -> tuple[tuple[int, ...], int]:
    """By which images of a family are ordered, from the oldest to the newest: the version of the program, then when."""
    return numbers(image.version), image.created


def _is_other(image: Stocked, other: Pulled) -> bool:
    """Whether an image was made from another one; before it said so, it was whatever was there already."""
    return image.base != other.identity if image.base else other.created > image.created


def _lacks(stocked: Iterable[Stocked], row: EngineVersion) -> bool:
    """Whether only substitutes of a version are at hand."""
    family = [image for image in stocked if (image.engine, image.family) == (row.engine, row.family)]
    return bool(family) and closest((image for image in family if image.reference), row.upstream) is None


def _newest(stocked: Iterable[Stocked]) -> Stocked | None:
    return max(stocked, key=age, default=None)
