"""Intrinsic functions and conditions of templates."""

from typing import Any

import pytest

from cachewright.controlplane.templates.conditions import Conditions
from cachewright.controlplane.templates.functions import FUNCTIONS, evaluated
from cachewright.controlplane.templates.scope import Scope
from cachewright.controlplane.templates.values import Value, WrongTemplate

NAMES: dict[str, Value] = {"AWS::Region": "eu-west-1", "AWS::StackName": "shop", "Size": "small", "Zones": ["a", "b"]}
MAPPINGS: dict[str, Value] = {"Types": {"small": {"Type": "cache.t3.micro", "Zones": ["a", "b"]}}}
CONDITIONS: dict[str, Value] = {
    "Small": {"Fn::Equals": [{"Ref": "Size"}, "small"]},
    "Big": {"Fn::Not": [{"Condition": "Small"}]},
    "Both": {"Fn::And": [{"Condition": "Small"}, {"Condition": "Big"}]},
    "Either": {"Fn::Or": [{"Condition": "Both"}, {"Fn::Equals": ["true", True]}]},
    "Mapped": {"Fn::Equals": [{"Fn::FindInMap": ["Types", "small", "Type"]}, "cache.t3.micro"]},
    "Listed": {"Fn::Equals": [{"Fn::Join": ["", {"Ref": "Zones"}]}, "ab"]},
    "Round": {"Fn::Not": [{"Condition": "About"}]},
    "About": {"Condition": "Round"},
    "Resource": {"Fn::Equals": [{"Ref": "Cache"}, "a"]},
    "Nothing": {"Fn::Join": ["", []]},
    "Lone": {"Fn::And": [{"Condition": "Small"}]},
    "Word": "true",
}


class Resources:
    """One resource."""

    def ref(self, logical: str) -> Value:
        if logical != "Cache":
            raise WrongTemplate(f"there is no {logical}")
        return "shop-cache"

    def attribute(self, logical: str, name: str) -> Value:
        return f"{self.ref(logical)}.{name}"


def holds(name: str) -> bool:
    return Conditions(CONDITIONS, NAMES, MAPPINGS).hold(name)


SCOPE = Scope(NAMES, MAPPINGS, holds, {"net-subnet": "subnet-1"}, Resources())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("plain", "plain"),
        ({"a": [{"Ref": "Size"}, 1]}, {"a": ["small", 1]}),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "Cache"}, "shop-cache"),
        ({"a": {"Ref": "AWS::NoValue"}, "b": [{"Ref": "AWS::NoValue"}, 2]}, {"b": [2]}),
        ({"Fn::GetAtt": ["Cache", "RedisEndpoint.Address"]}, "shop-cache.RedisEndpoint.Address"),
        ({"Fn::GetAtt": "Cache.RedisEndpoint.Port"}, "shop-cache.RedisEndpoint.Port"),
        ({"Fn::Sub": "${AWS::StackName}/${Cache}/${Cache.Arn}/${!Cache}"}, "shop/shop-cache/shop-cache.Arn/${Cache}"),
        ({"Fn::Sub": ["${A}-${Size}-$x", {"A": {"Ref": "Cache"}}]}, "shop-cache-small-$x"),
        ({"Fn::Join": [":", ["a", {"Ref": "Size"}, 6379]]}, "a:small:6379"),
        ({"Fn::Join": ["", {"Ref": "Zones"}]}, "ab"),
        ({"Fn::Select": ["1", {"Ref": "Zones"}]}, "b"),
        ({"Fn::Select": [0, {"Fn::Split": [",", "x,y"]}]}, "x"),
        ({"Fn::Split": ["|", {"Fn::Sub": "${Size}|b"}]}, ["small", "b"]),
        ({"Fn::FindInMap": ["Types", {"Ref": "Size"}, "Type"]}, "cache.t3.micro"),
        ({"Fn::FindInMap": ["Types", "huge", "Type", {"DefaultValue": "none"}]}, "none"),
        ({"Fn::If": ["Small", 1, {"Fn::GetAtt": ["Nobody", "X"]}]}, 1),
        ({"Fn::If": ["Big", 1, {"Ref": "Size"}]}, "small"),
        ([{"Fn::If": ["Big", 1, {"Ref": "AWS::NoValue"}]}], []),
        ({"Fn::ImportValue": {"Fn::Sub": "net-${X}"}}, None),
        ({"Fn::ImportValue": "net-subnet"}, "subnet-1"),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"Fn::GetAZs": ""}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ({"Fn::GetAZs": {"Ref": "AWS::Region"}}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ({"Fn::Length": {"Ref": "Zones"}}, 2),
        ({"Fn::ToJsonString": {"a": {"Ref": "Size"}}}, '{"a":"small"}'),
    ],
    ids=str,
)
def test_what_a_value_comes_to(written: Value, expected: Value) -> None:
    if expected is None:
        with pytest.raises(WrongTemplate):
            evaluated(written, SCOPE)
    else:
        assert evaluated(written, SCOPE) == expected


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        ({"Ref": "Nobody"}, "there is no Nobody"),
        ({"Ref": ["a"]}, "Ref has to be a text"),
        ({"Fn::Select": [2, {"Ref": "Zones"}]}, "Fn::Select cannot take number 2 of 2"),
        ({"Fn::Select": [-1, {"Ref": "Zones"}]}, "Fn::Select cannot take number -1 of 2"),
        ({"Fn::Join": ["", "ab"]}, "Fn::Join takes a list"),
        ({"Fn::Join": ["", [["a"]]]}, "a part of Fn::Join has to be a text"),
        ({"Fn::FindInMap": ["Types", "huge", "Type"]}, "Fn::FindInMap finds no Types / huge / Type"),
        ({"Fn::If": ["Nobody", 1, 2]}, "there is no condition Nobody"),
        ({"Fn::If": ["Small", 1]}, "Fn::If takes a list of 3"),
        ({"Fn::ImportValue": "other"}, "no stack exports other: give it with --import other=VALUE"),
        ({"Fn::Cidr": ["10.0.0.0/16", 2, 8]}, "Fn::Cidr is not built, or has no place here"),
        ({"Fn::Equals": [1, 1]}, "Fn::Equals is not built, or has no place here"),
        ({"Fn::Sub": "${Nobody}"}, "there is no Nobody"),
        ({"Fn::Sub": "${Zones}"}, "${Zones} has to be a text"),
    ],
    ids=str,
)
def test_what_comes_to_nothing_is_told(written: Value, cause: str) -> None:
    with pytest.raises(WrongTemplate) as refused:
        evaluated(written, SCOPE)
    assert str(refused.value) == cause


def test_every_function_is_seen() -> None:
    """Each row of the table has a case above."""
    cases: list[Any] = [
        part
        for test in (test_what_a_value_comes_to,)
        for part in test.pytestmark[0].args[1]  # type: ignore[attr-defined]
    ]
    assert all(any(name in str(written) for written, _ in cases) for name in FUNCTIONS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Small", True), ("Big", False), ("Both", False), ("Either", True), ("Mapped", True), ("Listed", True)],
)
def test_whether_a_condition_holds(name: str, expected: bool) -> None:
    assert holds(name) is expected


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("Round", "the condition Round depends on itself"),
        ("Resource", "Cache is no parameter"),
        ("Nothing", "Fn::Join is no function of conditions"),
        ("Lone", "Fn::And takes a list of 2 to 10"),
        ("Word", "true is no condition"),
        ("Missing", "there is no condition Missing"),
    ],
)
def test_conditions_without_an_answer(name: str, cause: str) -> None:
    with pytest.raises(WrongTemplate) as refused:
        holds(name)
    assert str(refused.value) == cause
