"""Which of two builds of an engine is older."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cachewright.controlplane.model.builds import Build, Builds

DAY = datetime(2026, 1, 1, tzinfo=UTC)
OLD = Build("old", "redis", "7.0.9", DAY, base="a")
LATER = Build("later", "redis", "7.0.9", DAY + timedelta(days=1), base="b")
NEWER = Build("newer", "redis", "7.0.15", DAY - timedelta(days=1), base="c")
TWIN = replace(LATER, image="twin", base="a")
UNKNOWN = replace(LATER, image="unknown", base="")
OTHER = replace(NEWER, image="other", engine="valkey")
BUILDS = Builds((OLD, LATER, NEWER, TWIN, UNKNOWN, OTHER))


@pytest.mark.parametrize(
    ("image", "other", "older"),
    [
        ("old", "newer", True),
        ("later", "newer", True),
        ("old", "later", True),
        ("later", "old", False),
        ("old", "twin", False),
        ("old", "unknown", True),
        ("unknown", "old", False),
        ("old", "other", False),
        ("old", "gone", False),
        ("", "newer", False),
    ],
)
def test_of_two_builds_one_is_known_to_be_older(image: str, other: str, older: bool) -> None:
    assert BUILDS.is_older(image, other) is older
