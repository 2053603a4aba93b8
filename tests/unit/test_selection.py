"""Which of the images at hand is the one for a version, and which were pulled anew."""

from dataclasses import replace

import pytest

from cachewright.agents.runtime.local_images import Pulled, Stocked
from cachewright.agents.runtime.selection import Arrival, arrivals, best, closest
from cachewright.controlplane.model.versions import VERSIONS

PACKAGED = Stocked("cachewright/redis:7.0.15", "redis", "redis7", "7.0.15", "debian bookworm", created=5)
OFFICIAL = Stocked("cachewright/redis:7.0.9", "redis", "redis7", "7.0.9", "redis:7.0", created=5)
OTHER = Stocked("cachewright/redis:7.2.1", "redis", "redis7", "7.2.1", "redis:7.2", created=5)
ROW = next(row for row in VERSIONS if row.upstream == OFFICIAL.source)


def test_the_image_from_upstream_is_closer_than_one_of_the_same_minor_version() -> None:
    assert closest([PACKAGED, OFFICIAL], "redis:7.0") == OFFICIAL
    assert closest([PACKAGED], "redis:7.0") == PACKAGED
    assert closest([PACKAGED], "redis:6.2") is None


def test_of_two_that_are_as_close_the_newer_is_taken() -> None:
    newer, later = replace(OFFICIAL, version="7.0.10", created=1), replace(OFFICIAL, created=6)
    assert closest([OFFICIAL, later], "redis:7.0") == later
    assert closest([newer, OFFICIAL, later], "redis:7.0") == newer


def test_the_best_has_a_name_and_is_the_closest() -> None:
    assert best([OTHER, PACKAGED, OFFICIAL], ROW) == OFFICIAL
    assert best([OTHER, replace(OFFICIAL, reference="")], ROW) == OTHER
    assert best([replace(OFFICIAL, reference="")], ROW) is None


@pytest.mark.parametrize(
    ("base", "made", "due"),
    [
        ("sha256:1", 9, True),
        ("sha256:2", 9, False),
        ("", 9, True),
        ("", 4, False),
    ],
    ids=["made from another", "made from it", "newer than all that is known", "as old"],
)
def test_what_was_pulled_anew_is_due(base: str, made: int, due: bool) -> None:
    image, pulled = replace(OFFICIAL, base=base), {OFFICIAL.source: Pulled("sha256:2", made)}
    assert arrivals([image], pulled) == ([Arrival("redis", "redis7", OFFICIAL.source, "sha256:2")] if due else [])


def test_the_newest_of_each_name_is_compared() -> None:
    first, second = replace(OFFICIAL, base="sha256:1"), replace(OFFICIAL, base="sha256:2", created=6)
    assert arrivals([second, first, PACKAGED], {OFFICIAL.source: Pulled("sha256:2", 9)}) == []


def test_a_public_image_takes_the_place_of_a_substitute() -> None:
    pulled = {OFFICIAL.source: Pulled("sha256:1", 1), "nginx:1": Pulled("sha256:2", 2)}
    assert arrivals([OTHER], pulled) == [Arrival("redis", "redis7", OFFICIAL.source, "sha256:1")]
    assert arrivals([PACKAGED], pulled) == []  # of the same minor version
    assert arrivals([], pulled) == []  # nobody runs a substitute
