"""The text of templates, their sections, and what is given for their parameters."""

import json
import re
from typing import Any

import pytest

from cachewright.controlplane.templates.formats import Format
from cachewright.controlplane.templates.names import physical_name, stack_name
from cachewright.controlplane.templates.order import order
from cachewright.controlplane.templates.parameters import made_up, values_of
from cachewright.controlplane.templates.reading import document
from cachewright.controlplane.templates.standins import stand_in
from cachewright.controlplane.templates.template import Parameter, Resource, template
from cachewright.controlplane.templates.values import WrongTemplate
from cachewright.controlplane.templates.writing import as_yaml, outputs

SHORT = """
AWSTemplateFormatVersion: 2010-09-09
a: !Ref Cache
b: !GetAtt Cache.RedisEndpoint.Address
c: !Sub ["${A}", {A: !If [Big, 1, 2]}]
d: !Equals [!Ref A, "1"]
e: !Condition Big
f: !Join
  - ","
  - - 012345678901
    - 12:30
    - 5
g: !Select [0, !Split [",", !ImportValue x]]
"""


def test_short_forms_are_long_ones() -> None:
    assert document(SHORT, "t") == {
        "AWSTemplateFormatVersion": "2010-09-09",
        "a": {"Ref": "Cache"},
        "b": {"Fn::GetAtt": ["Cache", "RedisEndpoint.Address"]},
        "c": {"Fn::Sub": ["${A}", {"A": {"Fn::If": ["Big", 1, 2]}}]},
        "d": {"Fn::Equals": [{"Ref": "A"}, "1"]},
        "e": {"Condition": "Big"},
        "f": {"Fn::Join": [",", ["012345678901", "12:30", 5]]},
        "g": {"Fn::Select": [0, {"Fn::Split": [",", {"Fn::ImportValue": "x"}]}]},
    }


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        ("a: [", "cannot read t: while parsing a flow node"),
        ("a: 1\na: 2", "cannot read t: the key a is there twice"),
        ('{"a": 1, "a": 2}', "cannot read t: the key a is there twice"),
        ("{", "cannot read t: Expecting property name"),
        ("- a", "t has to be a mapping"),
        ("a: &x 1\nb: *x", "cannot read t: CloudFormation takes no aliases"),
        ("? [a]\n: 1", "cannot read t: a key has to be a text"),
        ("a: !!python/object:os.system x", "cannot read t: could not determine a constructor"),
        ('{"a": ' * 100_000, "cannot read t: it is nested too deeply"),
    ],
)
def test_what_is_no_template_is_told(written: str, cause: str) -> None:
    with pytest.raises(WrongTemplate) as refused:
        document(written, "t")
    assert str(refused.value).startswith(cause)


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        ({}, "a template has to have at least one of Resources"),
        ({"Resource": {}}, "a template has no section Resource"),
        ({"Resources": {"A": {}}}, "the resource A has no Type"),
        ({"Resources": {"A": 1}}, "the resource A has to be a mapping"),
        ({"Resources": {"Fn::ForEach::A": []}}, "the resource Fn::ForEach::A has to be a mapping"),
        ({"Resources": {"A": {"Type": "T"}}, "Outputs": {"O": {}}}, "the output O has no Value"),
        ({"Resources": {"A": {"Type": "T"}}, "Parameters": {"P": {}}}, "the parameter P has no Type"),
    ],
)
def test_sections_that_are_none(written: Any, cause: str) -> None:
    with pytest.raises(WrongTemplate) as refused:
        template(written)
    assert str(refused.value) == cause


PARAMETERS = {
    "Size": Parameter("String", "small", allowed=("small", "big")),
    "Nodes": Parameter("Number", 2, least=1, most=3),
    "Token": Parameter("String", pattern="[a-z]+", shortest=3, longest=5, secret=True),
    "Names": Parameter("CommaDelimitedList", "a, b"),
    "Subnets": Parameter("List<AWS::EC2::Subnet::Id>"),
    "Version": Parameter("AWS::SSM::Parameter::Value<String>", "/cdk/version"),
}


def test_values_of_parameters() -> None:
    found = values_of(PARAMETERS, {"Token": "abc", "Nodes": "3"}, "shop")
    assert {name: found[name] for name in ("Size", "Nodes", "Token", "Names", "Version")} == {
        "Size": "small",
        "Nodes": "3",
        "Token": "abc",
        "Names": ["a", "b"],
        "Version": "/cdk/version",
    }
    assert made_up(PARAMETERS, {"Token": "abc"}) == ["Subnets"]
    subnets = found["Subnets"]
    assert isinstance(subnets, list)
    assert len({str(one) for one in subnets if str(one).startswith("subnet-")}) == 2
    assert found == values_of(PARAMETERS, {"Token": "abc", "Nodes": "3"}, "shop")


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({}, "the parameter Token has no default: give it with --parameter Token=VALUE"),
        ({"Token": "abcdef"}, "the parameter Token cannot be its value: it has more than 5 characters"),
        ({"Token": "ab"}, "the parameter Token cannot be its value: it has less than 3 characters"),
        ({"Token": "ABC"}, "the parameter Token cannot be its value: it has to match [a-z]+"),
        ({"Token": "abc", "Size": "huge"}, "the parameter Size cannot be 'huge': it has to be one of small, big"),
        ({"Token": "abc", "Nodes": "x"}, "the parameter Nodes cannot be 'x': it has to be a number"),
        ({"Token": "abc", "Nodes": "0"}, "the parameter Nodes cannot be '0': it is less than 1"),
        ({"Token": "abc", "Nodes": "4"}, "the parameter Nodes cannot be '4': it is more than 3"),
        ({"Other": "1"}, "the template has no parameter Other"),
    ],
)
def test_values_that_parameters_cannot_have(given: dict[str, str], cause: str) -> None:
    with pytest.raises(WrongTemplate) as refused:
        values_of(PARAMETERS, given, "shop")
    assert str(refused.value) == cause


def resource(*references: str, depends_on: tuple[str, ...] = ()) -> Resource:
    return Resource("T", {"A": [{"Ref": name} for name in references]}, depends_on=depends_on)


def test_each_resource_comes_after_what_it_refers_to() -> None:
    resources = {
        "A": resource("B", "AWS::Region"),
        "B": resource(depends_on=("C",)),
        "C": Resource("T", {"A": {"Fn::Sub": "${D.Arn}-${X}"}, "B": {"Fn::If": ["Y", {"Fn::GetAtt": ["E", "F"]}, 1]}}),
        "D": resource(),
        "E": resource(),
    }
    assert order(resources) == ("D", "E", "C", "B", "A")
    with pytest.raises(WrongTemplate, match="circular dependency between resources: A, B"):
        order({"A": resource("B"), "B": resource("A")})
    with pytest.raises(WrongTemplate, match="A depends on Z, which is not in the template"):
        order({"A": resource(depends_on=("Z",))})


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Shop.template.json", "Shop"),
        ("my shop_2.yaml", "my-shop-2"),
        ("7.yml", "stack-7"),
        ("template.yaml", "template"),
        ("--.json", "stack"),
        ("a" * 200, "a" * 128),
    ],
)
def test_names_of_stacks(file: str, name: str) -> None:
    assert stack_name(file) == name


@pytest.mark.parametrize("longest", [40, 50, 255])
@pytest.mark.parametrize(("stack", "logical"), [("shop", "Cache"), ("s" * 128, "C" * 255), ("a-" * 40, "Cache")])
def test_names_of_resources_fit(stack: str, logical: str, longest: int) -> None:
    name = physical_name(stack, logical, 1, longest)
    assert len(name) <= longest
    assert "--" not in name
    assert name == physical_name(stack, logical, 1, longest)
    assert name != physical_name(stack, logical, 2, longest)


@pytest.mark.parametrize(
    ("kind", "attribute", "form"),
    [
        ("AWS::EC2::Subnet", "", r"subnet-[0-9a-f]{17}"),
        ("AWS::EC2::SecurityGroup", "GroupId", r"sg-[0-9a-f]{17}"),
        ("AWS::EC2::VPC", "DefaultSecurityGroup", r"sg-[0-9a-f]{17}"),
        ("AWS::SNS::Topic", "", r"arn:aws:sns:us-east-1:000000000000:shop-X-[0-9A-F]{12}"),
        ("AWS::SNS::Topic", "TopicName", r"shop-X-[0-9A-F]{12}-TopicName"),
        ("AWS::KMS::Key", "", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("AWS::KMS::Key", "Arn", r"arn:aws:kms:us-east-1:000000000000:key/[0-9a-f-]{36}"),
        ("AWS::Lambda::Function", "Arn", r"arn:aws:lambda:us-east-1:000000000000:shop-X-[0-9A-F]{12}"),
        ("Custom::Thing", "", r"shop-X-[0-9A-F]{12}"),
    ],
)
def test_what_stands_for_that_which_is_left_alone(kind: str, attribute: str, form: str) -> None:
    place = {"stack": "shop", "account": "000000000000", "region": "us-east-1"}
    found = stand_in(kind, place, "X", attribute)
    assert re.fullmatch(form, found)
    assert found != stand_in(kind, place, "Y", attribute)


def test_outputs_for_programs() -> None:
    told = {"Shop": {"CacheHost": "10.0.0.1", "DBUrl": "a b", "Empty": ""}, "Other": {"Port": "6379"}}
    lines = outputs(told, Format.DOTENV).splitlines()
    assert lines == ["CACHE_HOST=10.0.0.1", 'DB_URL="a b"', "EMPTY=", "PORT=6379"]
    assert json.loads(outputs(told, Format.JSON)) == told


def test_what_is_written_is_read_again() -> None:
    written: Any = {"Resources": {"A": {"Type": "T", "Properties": {"B": ["yes", 1, True, "1", "2010-09-09"]}}}}
    assert document(as_yaml(written), "t") == written
