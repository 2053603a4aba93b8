"""Images that containers are made from: which are needed, and what is known of them."""

from dataclasses import dataclass

from cachewright.controlplane.model.cache import Spec


@dataclass(frozen=True, slots=True)
class ImageNeed:
    """What an image is wanted for. The needs that are no engine's have no version."""

    engine: str
    version: str = ""
    family: str = ""
    upstream: str = ""  # the public image that would serve
    update: str = ""  # the service update by which nodes get the best one that is at hand by now


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is on the engine and runs."""

    reference: str
    build: str  # what really runs: `redis 7.0.15`
    programs: str = ""  # the directory that its program should be in


@dataclass(frozen=True, slots=True)
class Fetch:
    """A job: find an image on the engine, else pull it, else build it."""

    need: ImageNeed


GATEWAY, NFTABLES, DIRECTORY = ImageNeed("gateway"), ImageNeed("nftables"), ImageNeed("directory")
Job = Fetch  # whatever takes longer than a worker may; part of the world while it runs


def need_of(spec: Spec) -> ImageNeed:
    """The image that the nodes of a cache are made from."""
    release, update = spec.release, spec.updates[-1].name if spec.updates else ""
    return ImageNeed(release.engine, release.version, release.family, release.upstream, update)
