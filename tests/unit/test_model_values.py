"""Names, zones, tags, pages, default parameter groups."""

from base64 import urlsafe_b64encode
from collections.abc import Callable

import pytest

from cachewright.controlplane.model import names, zones
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.nouns import CACHE_CLUSTER, REPLICATION_GROUP, Resource
from cachewright.controlplane.model.pages import Page, page_of
from cachewright.controlplane.model.parameter_groups import DEFAULT_GROUPS, check_usable, default_group
from cachewright.controlplane.model.tags import tags_of
from cachewright.controlplane.model.versions import FAMILIES, Engine, requested_version

INVALID = "InvalidParameterValueException"
COMBINATION = "InvalidParameterCombinationException"
RULE = (
    "is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and"
    " hyphens; and must not end with a hyphen or contain two consecutive hyphens."
)


def refusal(attempt: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises(Fault) as refused:
        attempt()
    return refused.value.shape, refused.value.message


@pytest.mark.parametrize("good", ["a", "A1", "my-Cache-2", "a" * 40])
def test_ids_are_kept_in_lower_case(good: str) -> None:
    assert CACHE_CLUSTER.checked_id(good) == REPLICATION_GROUP.checked_id(good) == good.lower()


@pytest.mark.parametrize("bad", ["", "1a", "-a", "a-", "a--b", "a.b", "a_b", "é", "\u212a", "a b", "a\n"])
def test_bad_ids(bad: str) -> None:
    assert refusal(lambda: CACHE_CLUSTER.checked_id(bad)) == (INVALID, f"The parameter CacheClusterIdentifier {RULE}")
    assert refusal(lambda: REPLICATION_GROUP.checked_id(bad)) == (INVALID, f"The parameter ReplicationGroupId {RULE}")


def test_long_ids() -> None:
    assert CACHE_CLUSTER.checked_id("a" * 50) == "a" * 50
    assert refusal(lambda: CACHE_CLUSTER.checked_id("a" * 51)) == (
        INVALID,
        "Cache Cluster ID cannot be longer than 50 characters.",
    )
    assert refusal(lambda: REPLICATION_GROUP.checked_id("a" * 41)) == (
        INVALID,
        "Replication Group ID cannot be longer than 40 characters.",
    )


def test_names_of_parts() -> None:
    assert names.node_id(7) == "0007"
    assert names.member_id("rg", 2) == "rg-002"
    assert Resource("1", "r", CACHE_CLUSTER, "c").arn == "arn:aws:elasticache:r:1:cluster:c"
    assert Resource("1", "r", REPLICATION_GROUP, "g").arn == "arn:aws:elasticache:r:1:replicationgroup:g"


def test_zones() -> None:
    here = zones.zones_of("eu-west-1", ("a", "b"))
    assert here == ("eu-west-1a", "eu-west-1b")
    assert zones.spread(here, 3) == ("eu-west-1a", "eu-west-1b", "eu-west-1a")
    assert zones.known(["eu-west-1b"], here) == ("eu-west-1b",)
    assert refusal(lambda: zones.known(["eu-west-1c"], here)) == (
        INVALID,
        "eu-west-1c is not a valid availability zone.",
    )


def test_tags() -> None:
    assert tags_of([{"Key": "a", "Value": "1"}, {"Key": "A"}]) == (("a", "1"), ("A", ""))


@pytest.mark.parametrize(
    ("tags", "shape", "message"),
    [
        ([{"Value": "1"}], INVALID, "Tag keys must be between 1 and 128 characters long."),
        ([{"Key": "k" * 129}], INVALID, "Tag keys must be between 1 and 128 characters long."),
        ([{"Key": "k", "Value": "v" * 257}], INVALID, "Tag values cannot be longer than 256 characters."),
        ([{"Key": "AWS:k"}], INVALID, "Tag keys cannot start with aws:"),
        ([{"Key": "k"}, {"Key": "k"}], INVALID, "Duplicate tag key: k"),
    ],
)
def test_tags_refused(tags: list[dict[str, str]], shape: str, message: str) -> None:
    assert refusal(lambda: tags_of(tags)) == (shape, message)


def test_pages_follow_each_other() -> None:
    records = [f"é{number:02}" for number in range(45)]
    seen: list[str] = []
    params: dict[str, object] = {"MaxRecords": 20}
    for expected in (20, 20, 5):
        page = page_of("DescribeThings", params)
        shown, marker = page.cut([record for record in records if record > page.after][: page.limit], str)
        assert len(shown) == expected
        seen += shown
        params |= marker
        assert bool(marker) is (expected == 20)
    assert seen == records


def test_a_full_last_page_has_no_marker() -> None:
    assert Page("DescribeThings", 20, "").cut(["x"] * 20, str) == (["x"] * 20, {})


@pytest.mark.parametrize("size", [19, 101, 0, -1])
def test_page_size(size: int) -> None:
    assert refusal(lambda: page_of("DescribeThings", {"MaxRecords": size})) == (
        INVALID,
        f"Invalid value {size} for MaxRecords. Must be between 20 and 100",
    )


def marker_of(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "marker",
    [
        *("é", "a", "____", "***"),
        marker_of("x"),
        marker_of("DescribeThings"),
        marker_of("DescribeThings\n"),
        marker_of("DescribeOthers\nx"),
        "*" + marker_of("DescribeThings\nx"),
        marker_of("DescribeThings\nx") + "\n",
    ],
)
def test_foreign_markers(marker: str) -> None:
    assert refusal(lambda: page_of("DescribeThings", {"Marker": marker})) == (INVALID, "Invalid value for Marker.")


def test_default_groups_exist_for_every_family() -> None:
    assert {group.family for group in DEFAULT_GROUPS.values()} == FAMILIES
    clusters = {group.family for group in DEFAULT_GROUPS.values() if group.clustered}
    assert {"redis3.2", "redis7", "valkey7", "valkey9"} <= clusters
    assert not {"redis2.6", "redis2.8", "memcached1.6"} & clusters


def test_groups_and_versions() -> None:
    redis = requested_version(Engine.REDIS, "7.1")
    assert default_group(redis, clustered=False) == "default.redis7"
    assert default_group(redis, clustered=True) == "default.redis7.cluster.on"
    check_usable(DEFAULT_GROUPS["default.redis7.cluster.on"], redis)
    assert refusal(lambda: check_usable(DEFAULT_GROUPS["default.redis6.x"], redis)) == (
        COMBINATION,
        "Expected a parameter group of family redis7 but found one of family redis6.x",
    )
    assert refusal(lambda: check_usable(DEFAULT_GROUPS["default.valkey8"], redis)) == (
        COMBINATION,
        "valkey parameter group is not applicable to engine redis",
    )
