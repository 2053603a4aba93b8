"""Reserved nodes: a catalogue of offerings, and what was reserved of it."""

from typing import Any
from uuid import UUID

import pytest

from cachewright.controlplane.model.node_types import NODE_TYPES
from tests.api.world import START, World

INVALID = "InvalidParameterValueException"
YEAR = 31_536_000
SMALL = {"CacheNodeType": "cache.t3.small", "ProductDescription": "redis"}
ONE = "ddb3cafd-e57d-2328-e3e3-3053f49dbf0b"  # a year of cache.t3.small for Redis, all upfront
OTHER = "1f2ac1d8-90eb-cbcc-19ae-40856a59f410"  # three years of it, partially upfront


def offered(world: World, **params: Any) -> list[dict[str, Any]]:
    """All offerings that a request is about, page by page."""
    found: list[dict[str, Any]] = []
    marker: dict[str, str] = {}
    while True:
        answer = world.ask("DescribeReservedCacheNodesOfferings", **params, **marker)
        found += answer["ReservedCacheNodesOfferings"]
        if "Marker" not in answer:
            return found
        marker = {"Marker": answer["Marker"]}


def buy(world: World, offering: str = ONE, **params: Any) -> dict[str, Any]:
    answer = world.ask("PurchaseReservedCacheNodesOffering", ReservedCacheNodesOfferingId=offering, **params)
    return dict(answer["ReservedCacheNode"])


def reserved(world: World, **params: Any) -> list[str]:
    answer = world.ask("DescribeReservedCacheNodes", **params)["ReservedCacheNodes"]
    return [each["ReservedCacheNodeId"] for each in answer]


def test_every_node_type_can_be_reserved_for_the_engines_that_it_has() -> None:
    every = offered(World())
    ids = [each["ReservedCacheNodesOfferingId"] for each in every]
    assert ids == sorted(set(ids))
    assert all(str(UUID(each)) == each for each in ids)
    kinds = {(each["CacheNodeType"], each["ProductDescription"]) for each in every}
    assert {name for name, _ in kinds} == {row.name for row in NODE_TYPES}
    assert {product for name, product in kinds if name == "cache.m5.large"} == {"memcached", "redis", "valkey"}
    assert {product for name, product in kinds if name == "cache.r8g.large"} == {"memcached", "valkey"}
    assert {product for name, product in kinds if name == "cache.r6gd.xlarge"} == {"redis", "valkey"}
    assert {product for name, product in kinds if name == "cache.m1.small"} == {"memcached", "redis"}
    assert len(every) == 6 * len(kinds)


def test_what_an_offering_says_and_that_it_stays() -> None:
    (all_upfront,) = offered(World(), ReservedCacheNodesOfferingId=ONE)
    assert all_upfront == {
        "ReservedCacheNodesOfferingId": ONE,
        "CacheNodeType": "cache.t3.small",
        "Duration": YEAR,
        "FixedPrice": 192.0,
        "UsagePrice": 0.0,
        "ProductDescription": "redis",
        "OfferingType": "All Upfront",
        "RecurringCharges": [],
    }
    (partial,) = offered(World(), ReservedCacheNodesOfferingId=OTHER)
    charge = {"RecurringChargeAmount": 0.0077, "RecurringChargeFrequency": "Hourly"}
    assert (partial["FixedPrice"], partial["RecurringCharges"]) == (203.0, [charge])


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (SMALL, 6),
        ({**SMALL, "CacheNodeType": "CACHE.T3.SMALL", "ProductDescription": "Redis"}, 6),
        ({**SMALL, "Duration": "1"}, 3),
        ({**SMALL, "Duration": "31536000", "OfferingType": "No Upfront"}, 1),
        ({**SMALL, "Duration": "94608000", "ReservedCacheNodesOfferingId": OTHER}, 1),
        ({**SMALL, "Duration": "3", "ReservedCacheNodesOfferingId": ONE}, 0),
        ({**SMALL, "OfferingType": "Heavy Utilization"}, 0),
        ({"CacheNodeType": "cache.m1.small", "OfferingType": "Heavy Utilization"}, 4),
        ({**SMALL, "ProductDescription": "dragonfly"}, 0),
    ],
)
def test_filters_of_offerings(filters: dict[str, str], count: int) -> None:
    assert len(offered(World(), **filters)) == count


def test_a_reservation_from_its_beginning_to_its_end() -> None:
    world = World()
    new = buy(world, OTHER, ReservedCacheNodeId="Mine", CacheNodeCount=3, Tags=[{"Key": "team", "Value": "shop"}])
    (offering,) = offered(world, ReservedCacheNodesOfferingId=OTHER)
    arn = f"arn:aws:elasticache:us-east-1:{world.caller.account}:reserved-instance:mine"
    own = {"ReservedCacheNodeId": "mine", "StartTime": START, "CacheNodeCount": 3, "ReservationARN": arn}
    assert new == {**offering, **own, "State": "payment-pending"}
    assert world.ask("ListTagsForResource", ResourceName=arn)["TagList"] == [{"Key": "team", "Value": "shop"}]
    for later, state in ((1, "active"), (3 * YEAR - 2, "active"), (1, "retired")):
        world.wait(seconds=later)
        shown = world.ask("DescribeReservedCacheNodes", ReservedCacheNodeId="MINE")["ReservedCacheNodes"]
        assert shown == [{**new, "State": state}]


def test_a_reservation_without_an_id_is_called_after_its_moment() -> None:
    world = World()
    world.wait(milliseconds=7)
    assert buy(world)["ReservedCacheNodeId"] == "ri-2026-03-01-12-00-00-007"
    assert buy(World())["CacheNodeCount"] == 1


def test_filters_and_pages_of_reservations() -> None:
    world = World()
    for number in range(25):
        buy(world, ONE if number % 5 else OTHER, ReservedCacheNodeId=f"r{number:02}")
    first = world.ask("DescribeReservedCacheNodes", MaxRecords=20)
    assert [each["ReservedCacheNodeId"] for each in first["ReservedCacheNodes"]] == [f"r{n:02}" for n in range(20)]
    assert reserved(world, Marker=first["Marker"]) == [f"r{n:02}" for n in range(20, 25)]
    fifths = [f"r{n:02}" for n in range(0, 25, 5)]
    for filters in (
        {"ReservedCacheNodesOfferingId": OTHER},
        {"Duration": "3"},
        {"OfferingType": "Partial Upfront"},
        {**SMALL, "Duration": "94608000"},
    ):
        assert reserved(world, **filters) == fifths
    assert reserved(world, CacheNodeType="cache.m5.large") == reserved(world, ProductDescription="valkey") == []
    assert reserved(world, ReservedCacheNodeId="r05", Duration="1") == []
    assert reserved(World()) == []


@pytest.mark.parametrize(
    ("operation", "params", "shape", "message"),
    [
        (
            "DescribeReservedCacheNodes",
            {"ReservedCacheNodeId": "nobody"},
            "ReservedCacheNodeNotFoundFault",
            "ReservedCacheNode not found: nobody",
        ),
        *(
            (
                name,
                {"ReservedCacheNodesOfferingId": "x"},
                "ReservedCacheNodesOfferingNotFoundFault",
                "ReservedCacheNodesOffering not found: x",
            )
            for name in ("DescribeReservedCacheNodesOfferings", "PurchaseReservedCacheNodesOffering")
        ),
        *(
            (name, filters, INVALID, words)
            for name in ("DescribeReservedCacheNodesOfferings", "DescribeReservedCacheNodes")
            for filters, words in (
                ({"Duration": "2"}, "Invalid value 2 for Duration."),
                ({"OfferingType": "Free"}, "Invalid value Free for OfferingType."),
                ({"CacheNodeType": "cache.x"}, "Invalid Cache Node Type: cache.x"),
                ({"MaxRecords": 101}, "Invalid value 101 for MaxRecords."),
                ({"Marker": "x"}, "Invalid value for Marker."),
            )
        ),
        *(
            ("PurchaseReservedCacheNodesOffering", {"ReservedCacheNodesOfferingId": ONE, **params}, shape, words)
            for params, shape, words in (
                ({"ReservedCacheNodeId": "Taken"}, "ReservedCacheNodeAlreadyExistsFault", "node taken already exists"),
                ({"ReservedCacheNodeId": "a--b"}, INVALID, "is not a valid identifier"),
                ({"CacheNodeCount": 0}, INVALID, "Invalid value 0 for CacheNodeCount."),
                ({"CacheNodeCount": 300}, "ReservedCacheNodeQuotaExceededFault", "at most 300 reserved cache nodes"),
                ({"Tags": [{"Key": "aws:x"}]}, INVALID, "Tag keys cannot start with aws:"),
            )
        ),
    ],
)
def test_what_is_refused(operation: str, params: dict[str, Any], shape: str, message: str) -> None:
    world = World()
    buy(world, ReservedCacheNodeId="taken")
    refused, words = world.refusal(operation, **params)
    assert refused == shape
    assert message in words
    assert reserved(world) == ["taken"]


def test_what_is_over_counts_no_longer() -> None:
    world = World()
    buy(world, ReservedCacheNodeId="a", CacheNodeCount=300)
    assert world.refusal("PurchaseReservedCacheNodesOffering", ReservedCacheNodesOfferingId=ONE)[0] == (
        "ReservedCacheNodeQuotaExceededFault"
    )
    world.wait(seconds=YEAR)
    buy(world, ReservedCacheNodeId="b", CacheNodeCount=300)
    assert reserved(world) == ["a", "b"]
