"""Which of the images at hand is the one for a version, and which were pulled anew since they were tried out."""

from collections.abc import Iterable, Mapping

from cachewright.agents.runtime.debian import distribution, minor
from cachewright.agents.runtime.local_images import Pulled, Stocked
from cachewright.controlplane.model.versions import EngineVersion, numbers


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


def renewable(stocked: Iterable[Stocked], pulled: Mapping[str, Pulled]) -> list[tuple[Stocked, Pulled]]:
    """Of images that came from a registry, the newest of each name, with what has that name since."""
    newest: dict[str, Stocked] = {}
    for image in sorted(stocked, key=lambda image: image.created):
        newest[image.source] = image
    pairs = ((image, pulled[source]) for source, image in newest.items() if source in pulled)
    return [(image, other) for image, other in pairs if _is_other(image, other)]


def age(image: Stocked) -> tuple[tuple[int, ...], int]:
    """By which images of a family are ordered, from the oldest to the newest: the version of the program, then when."""
    return numbers(image.version), image.created


def _is_other(image: Stocked, other: Pulled) -> bool:
    """Whether an image was made from another one; before it said so, it was whatever was there already."""
    return image.base != other.identity if image.base else other.created > image.created


def _newest(stocked: Iterable[Stocked]) -> Stocked | None:
    return max(stocked, key=age, default=None)
