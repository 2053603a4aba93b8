"""The table of AWS's nouns: no row is missing, and every fault is one of AWS's."""

from collections.abc import Iterator

import pytest

from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.names import repeated
from cachewright.controlplane.model.nouns import GLOBAL_REPLICATION_GROUP, NOUNS, OF_KIND, Noun, Resource
from cachewright.controlplane.wire.faults import code_and_status

# The resource types of the service authorization reference of ElastiCache that somebody can create.
TYPES = {"cluster", "replicationgroup", "globalreplicationgroup", "parametergroup", "securitygroup", "subnetgroup"}
TYPES |= {"snapshot", "serverlesscache", "serverlesscachesnapshot", "user", "usergroup", "reserved-instance"}


def shapes(noun: Noun) -> Iterator[str]:
    yield from (noun.not_found, noun.exists)


def test_every_type_has_a_row() -> None:
    assert NOUNS.keys() == TYPES
    assert set(OF_KIND) == set(Kind)


@pytest.mark.parametrize("shape", [shape for noun in NOUNS.values() for shape in shapes(noun)])
def test_every_fault_is_one_of_the_api(shape: str) -> None:
    code, status = code_and_status(shape)
    assert code
    assert 400 <= status < 500


@pytest.mark.parametrize("noun", NOUNS.values(), ids=NOUNS)
def test_ids_are_checked_and_stored_in_lower_case(noun: Noun) -> None:
    assert noun.checked_id("A" * noun.longest) == "a" * noun.longest
    for wrong, words in (("a" * (noun.longest + 1), noun.label), ("a--b", noun.parameter), ("", noun.parameter)):
        with pytest.raises(Fault) as refused:
            noun.checked_id(wrong)
        assert words in refused.value.message


@pytest.mark.parametrize("noun", NOUNS.values(), ids=NOUNS)
def test_refusals_are_in_words(noun: Noun) -> None:
    assert "{" not in noun.missing("x").message + noun.taken("x").message
    assert noun.missing("x", "No {id}.").message == "No x."


def test_an_arn_has_the_region_that_the_resource_has() -> None:
    (noun, *_) = NOUNS.values()
    assert Resource("1", "r", noun, "x").arn == f"arn:aws:elasticache:r:1:{noun.type}:x"
    assert [noun.type for noun in NOUNS.values() if not noun.regional] == ["globalreplicationgroup"]
    assert Resource("1", "", GLOBAL_REPLICATION_GROUP, "x").arn == "arn:aws:elasticache::1:globalreplicationgroup:x"


@pytest.mark.parametrize(
    ("names", "expected"), [([], None), (["a", "b"], None), (["a", "b", "b", "a"], "b"), (iter("aa"), "a")]
)
def test_the_first_name_that_comes_twice(names: list[str], expected: str | None) -> None:
    assert repeated(names) == expected
