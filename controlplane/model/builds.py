"""Builds of engines: the images that are at hand on the container engine, and which of two is older."""

from dataclasses import dataclass
from datetime import datetime

from cachewright.controlplane.model.versions import numbers


@dataclass(frozen=True, slots=True)
class Build:
    """An image of an engine."""

    image: str  # its identity on the container engine
    engine: str
    version: str  # of the program in it: `7.0.15`
    created_at: datetime
    serves: tuple[str, ...] = ()  # the versions, as AWS describes them, for which it is the best one at hand
    base: str = ""  # the identity of the image that it was made from; empty: not known

    @property
    def age(self) -> tuple[tuple[int, ...], datetime]:
        """By which builds of an engine are ordered, from the oldest to the newest."""
        return numbers(self.version), self.created_at


@dataclass(frozen=True, slots=True)
class Builds:
    """Every build that is at hand. An agent writes it down, whenever it has become another one."""

    every: tuple[Build, ...] = ()

    def of(self, image: str) -> Build | None:
        """The build that an image is; None for one that is not at hand."""
        return next((build for build in self.every if build.image == image), None)

    def is_older(self, image: str, other: str) -> bool:
        """Whether one image is known to be an older build than another one."""
        one, newer = self.of(image), self.of(other)
        if one is None or newer is None or one.engine != newer.engine:
            return False
        same = one.base != "" and one.base == newer.base  # two installations tried out what was pulled
        return one.age < newer.age and not same
