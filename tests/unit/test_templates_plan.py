"""What has to be done for a template: a row for each change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cachewright.controlplane.templates.actions import Action, Step
from cachewright.controlplane.templates.deployment import Deployment, deployment
from cachewright.controlplane.templates.kinds import (
    CACHE_CLUSTER,
    GLOBAL_REPLICATION_GROUP,
    KINDS,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
    Kind,
)
from cachewright.controlplane.templates.place import Place
from cachewright.controlplane.templates.plan import removals
from cachewright.controlplane.templates.properties import sealed, typed, unsealed
from cachewright.controlplane.templates.requests import final_snapshot
from cachewright.controlplane.templates.stack import Made, Stack, UnknownForm, read, written
from cachewright.controlplane.templates.steps import planned, references
from cachewright.controlplane.templates.template import template
from cachewright.controlplane.templates.values import Properties, WrongTemplate

TOKEN = "a-token-that-nobody-sees"
GROUP: dict[str, Any] = {
    "Type": "AWS::ElastiCache::ReplicationGroup",
    "Properties": {
        "ReplicationGroupDescription": "of a test",
        "Engine": "redis",
        "CacheNodeType": {"Ref": "Size"},
        "NumNodeGroups": "1",
        "CacheSubnetGroupName": {"Ref": "Subnets"},
        "AuthToken": TOKEN,
        "Tags": [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}],
    },
}
DOCUMENT: dict[str, Any] = {
    "Parameters": {"Size": {"Type": "String", "Default": "cache.t3.micro"}},
    "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
    "Resources": {
        "Group": GROUP,
        "Subnets": {
            "Type": "AWS::ElastiCache::SubnetGroup",
            "Properties": {"Description": "d", "SubnetIds": [{"Ref": "Net"}, {"Fn::ImportValue": "other"}]},
        },
        "Net": {"Type": "AWS::EC2::Subnet"},
        "Unmade": {"Type": "AWS::ElastiCache::User", "Condition": "Never"},
        "Everywhere": {"Type": GLOBAL_REPLICATION_GROUP},
    },
    "Outputs": {
        "Host": {"Value": {"Fn::GetAtt": ["Group", "PrimaryEndPoint.Address"]}, "Export": {"Name": "shop-host"}},
        "Net": {"Value": {"Ref": "Net"}, "Export": {"Name": "net"}},
        "Unmade": {"Value": {"Ref": "Unmade"}, "Condition": "Never"},
    },
}


@dataclass
class Paper:
    """A world on paper: resources by type and id, with what is shown of them."""

    there: dict[tuple[str, str], Properties] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)

    def exists(self, kind: Kind, identifier: str) -> bool:
        return (kind.type, identifier) in self.there

    def properties(self, kind: Kind, identifier: str) -> Properties:
        return self.there[kind.type, identifier]

    def attributes(self, kind: Kind, identifier: str) -> Properties:
        return {"PrimaryEndPoint.Address": "10.0.0.1"} if kind is REPLICATION_GROUP else {}

    def stack_of(self, kind: Kind, identifier: str) -> str:
        return self.owners.get(identifier, "")


def deployed(document: dict[str, Any], **given: str) -> Deployment:
    place = Place("shop", "000000000000", "us-east-1")
    return deployment(template(document), place, given, {"other": "subnet-1"})


def changed(**properties: Any) -> dict[str, Any]:
    """The document with other properties of the group; None: without."""
    merged = {**GROUP["Properties"], **properties}
    group = {**GROUP, "Properties": {name: value for name, value in merged.items() if value is not None}}
    return {**DOCUMENT, "Resources": {**DOCUMENT["Resources"], "Group": group}}


def plan(document: dict[str, Any], stack: Stack, world: Paper, **given: str) -> dict[str, Step]:
    steps, _ = planned(deployed(document, **given), stack, world)
    return {f"{step.made.logical}{'' if step.action is not Action.REMOVE else ' goes'}": step for step in steps}


def applied(document: dict[str, Any], **given: str) -> tuple[Stack, Paper]:
    """A stack to which a document was applied."""
    steps = plan(document, Stack("shop"), Paper(), **given)
    made = tuple(step.made for step in steps.values())
    return Stack("shop", made), Paper({(one.type, one.id): {} for one in made})


def test_a_new_stack_is_made_in_order() -> None:
    steps = plan(DOCUMENT, Stack("shop"), Paper())
    assert [(name, step.action) for name, step in steps.items()] == [
        ("Subnets", Action.CREATE),
        ("Group", Action.CREATE),
    ]
    group = steps["Group"]
    assert group.properties["CacheSubnetGroupName"] == steps["Subnets"].made.id
    assert group.properties["NumNodeGroups"] == 1
    assert group.properties["AuthToken"] == TOKEN
    assert TOKEN not in str([group.made, group.changes])


def test_what_is_left_alone_is_named_and_stood_for() -> None:
    whole = deployed(DOCUMENT)
    kinds = {"Net": "AWS::EC2::Subnet", "Everywhere": GLOBAL_REPLICATION_GROUP}
    assert whole.left_alone == kinds
    assert whole.stand_ins.keys() == {"Net"}
    subnets = plan(DOCUMENT, Stack("shop"), Paper())["Subnets"].properties["SubnetIds"]
    assert subnets == sorted(["subnet-1", whole.stand_ins["Net"]])
    given = replace(whole, imports={**whole.imports, "Net": "subnet-mine"})
    assert given.stand_ins == {"Net": "subnet-mine"}


def test_outputs_and_exports() -> None:
    whole, (stack, world) = deployed(DOCUMENT), applied(DOCUMENT)
    _, progress = planned(whole, stack, world)
    seen = references(whole, progress, world)
    assert whole.outputs(seen) == {"Host": "10.0.0.1"}
    assert whole.exports(seen) == {"shop-host": "10.0.0.1", "net": whole.stand_ins["Net"]}
    _, coming = planned(whole, Stack("shop"), Paper())
    assert whole.outputs(references(whole, coming, Paper())) == {"Host": "<Group.PrimaryEndPoint.Address>"}


def test_the_same_again_is_nothing_to_do() -> None:
    stack, world = applied(DOCUMENT)
    again = changed(NumNodeGroups=1, Tags=list(reversed(GROUP["Properties"]["Tags"])))
    assert {step.action for step in plan(again, stack, world).values()} == {Action.KEEP}
    assert {step.action for step in plan(DOCUMENT, read(written(stack)), world).values()} == {Action.KEEP}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"CacheNodeType": "cache.t3.small"}, Action.UPDATE),
        ({"AuthToken": "another-token-that-nobody-sees"}, Action.UPDATE),
        ({"AuthToken": None}, Action.UPDATE),
        ({"SnapshotRetentionLimit": 1}, Action.UPDATE),
        ({"Tags": None}, Action.UPDATE),
        ({"Port": 6380}, Action.REPLACE),
        ({"NumNodeGroups": 2}, Action.REPLACE),
        ({"ReplicationGroupId": "mine"}, Action.REPLACE),
        ({"CacheSubnetGroupName": None}, Action.REPLACE),
    ],
)
def test_what_a_change_requires(properties: dict[str, Any], expected: Action) -> None:
    stack, world = applied(DOCUMENT)
    step = plan(changed(**properties), stack, world)["Group"]
    assert step.action is expected
    assert [change.name for change in step.changes] == list(properties)
    assert "nobody-sees" not in str(step.changes)
    old = stack.find("Group")
    assert old
    assert (step.made.id == old.id) is (expected is Action.UPDATE)


@pytest.mark.parametrize(("policy", "action"), [("Delete", Action.REMOVE), ("Retain", Action.RETAIN)])
def test_what_was_replaced_goes_as_its_own_policy_says(policy: str, action: Action) -> None:
    stack, world = applied(DOCUMENT)
    document = changed(Port=6380)
    document["Resources"]["Group"] |= {"DeletionPolicy": "Retain", "UpdateReplacePolicy": policy}
    step = plan(document, stack, world)["Group"]
    assert step.old
    left = replace(stack, leaving=(step.old,))
    assert [gone.action for gone in removals(left, ("Group", "Subnets"))] == [action]


def test_resharding_online_replaces_nothing() -> None:
    document = changed(NumNodeGroups=2)
    document["Resources"]["Group"]["UpdatePolicy"] = {"UseOnlineResharding": True}
    stack, world = applied(DOCUMENT)
    assert plan(document, stack, world)["Group"].action is Action.UPDATE


def test_who_refers_to_what_is_replaced_is_replaced_as_well() -> None:
    stack, world = applied(DOCUMENT)
    document = changed()
    document["Resources"]["Subnets"] = {
        "Type": "AWS::ElastiCache::SubnetGroup",
        "Properties": {"Description": "d", "SubnetIds": ["subnet-1"], "CacheSubnetGroupName": "Mine"},
    }
    steps = plan(document, stack, world)
    assert (steps["Subnets"].action, steps["Subnets"].made.id) == (Action.REPLACE, "mine")
    assert (steps["Group"].action, steps["Group"].made.life) == (Action.REPLACE, 2)
    assert steps["Group"].properties["CacheSubnetGroupName"] == "mine"


def test_what_was_named_is_not_replaced_under_its_name() -> None:
    stack, world = applied(changed(ReplicationGroupId="mine"))
    with pytest.raises(WrongTemplate, match="cannot update a stack when a custom-named resource requires replacing"):
        plan(changed(ReplicationGroupId="mine", Port=6380), stack, world)
    renamed = plan(changed(ReplicationGroupId="other", Port=6380), stack, world)["Group"]
    assert (renamed.action, renamed.made.id) == (Action.REPLACE, "other")


@pytest.mark.parametrize(
    ("policy", "action", "snapshot"),
    [
        ("Delete", Action.REMOVE, False),
        ("Snapshot", Action.REMOVE, True),
        ("Retain", Action.RETAIN, False),
        ("RetainExceptOnCreate", Action.RETAIN, False),
    ],
)
def test_what_left_the_template_goes_as_its_policy_says(policy: str, action: Action, snapshot: bool) -> None:
    document = changed()
    document["Resources"]["Group"]["DeletionPolicy"] = policy
    stack, world = applied(document)
    rest = {**DOCUMENT, "Outputs": {}, "Resources": {"Subnets": DOCUMENT["Resources"]["Subnets"], "Net": {"Type": "T"}}}
    steps, _ = planned(deployed(rest), stack, world)
    assert [(step.made.logical, step.action) for step in steps] == [("Subnets", Action.UPDATE), ("Group", action)]
    assert bool(final_snapshot(steps[1].made)) is snapshot


SERVERLESS: dict[str, Any] = {
    "Resources": {
        "Carts": {"Type": SERVERLESS_CACHE.type, "Properties": {"ServerlessCacheName": "carts", "Engine": "valkey"}}
    }
}


@pytest.mark.parametrize("policy", ["DeletionPolicy", "UpdateReplacePolicy"])
def test_what_has_no_snapshots_by_policy_cannot_ask_for_one(policy: str) -> None:
    document = {"Resources": {"Carts": {**SERVERLESS["Resources"]["Carts"], policy: "Snapshot"}}}
    with pytest.raises(WrongTemplate, match="ServerlessCache does not support deletion policy Snapshot"):
        plan(document, Stack("shop"), Paper())


def test_limits_are_numbers() -> None:
    document = {"Resources": {"Carts": {**SERVERLESS["Resources"]["Carts"]}}}
    limits = {"DataStorage": {"Maximum": "2", "Unit": "GB"}}
    document["Resources"]["Carts"]["Properties"] = {
        **SERVERLESS["Resources"]["Carts"]["Properties"],
        "CacheUsageLimits": limits,
    }
    step = plan(document, Stack("shop"), Paper())["Carts"]
    assert step.properties["CacheUsageLimits"] == {"DataStorage": {"Maximum": 2, "Unit": "GB"}}


def test_all_goes_in_reverse_and_what_was_replaced_first() -> None:
    stack, world = applied(DOCUMENT)
    old = Made("Group", REPLICATION_GROUP.type, "old", {})
    steps, _ = planned(deployed({**DOCUMENT, "Outputs": {}}), replace(stack, leaving=(old,)), world)
    assert [(step.action, step.made.id) for step in steps][2:] == [(Action.REMOVE, "old")]


def test_what_is_gone_is_made_again() -> None:
    stack, _ = applied(DOCUMENT)
    steps = plan(DOCUMENT, stack, Paper())
    assert {(step.action, step.why) for step in steps.values()} == {(Action.CREATE, "it is not there any more")}
    assert [step.made.id for step in steps.values()] == [made.id for made in stack.made]


NAMED = changed(ReplicationGroupId="Mine", CacheSubnetGroupName="default")
MINE = (REPLICATION_GROUP.type, "mine")


def shown(**other: Any) -> Properties:
    """What is shown of a group that is there, with more than a template says."""
    told = {**NAMED["Resources"]["Group"]["Properties"], "CacheNodeType": "cache.t3.micro", "Port": 6379, **other}
    return typed(REPLICATION_GROUP, "Group", told | {"AuthToken": "hidden", "ReplicationGroupId": "mine"})


def test_what_is_there_as_the_template_says_is_adopted() -> None:
    step = plan(NAMED, Stack("shop"), Paper({MINE: shown()}))["Group"]
    assert (step.action, step.made.id) == (Action.ADOPT, "mine")
    owned = plan(NAMED, Stack("shop"), Paper({MINE: shown()}, {"mine": "theirs"}))["Group"]
    assert (owned.action, owned.why) == (Action.LEAVE, "of the stack theirs")


def test_what_is_there_otherwise_is_nobodys() -> None:
    with pytest.raises(WrongTemplate, match="Group: ReplicationGroup mine is there already, with another Engine"):
        plan(NAMED, Stack("shop"), Paper({MINE: shown(Engine="valkey")}))


def test_another_type_takes_the_place_of_a_resource() -> None:
    stack, world = applied(DOCUMENT)
    document = changed()
    document["Resources"]["Group"] = {
        "Type": CACHE_CLUSTER.type,
        "Properties": {"Engine": "redis", "CacheNodeType": "cache.t3.micro", "NumCacheNodes": 1},
    }
    step = plan({**document, "Outputs": {}}, stack, world)["Group"]
    assert (step.action, step.made.type) == (Action.REPLACE, CACHE_CLUSTER.type)
    assert step.old == stack.find("Group")


@pytest.mark.parametrize(
    ("properties", "cause"),
    [
        ({"Enginee": "redis"}, "Group: AWS::ElastiCache::ReplicationGroup has no property Enginee"),
        ({"ReplicationGroupDescription": None}, "Group: .* needs the property ReplicationGroupDescription"),
        ({"Port": "a"}, "Group.Port has to be a whole number, and is a"),
        ({"MultiAZEnabled": "yes"}, "Group.MultiAZEnabled has to be true or false, and is yes"),
        ({"Engine": ["redis"]}, "Group.Engine has to be a text"),
        ({"Engine": {"Ref": "Nobody"}}, "Group: there is no parameter and no resource Nobody"),
        ({"Engine": {"Ref": "Unmade"}}, "Group: Unmade is referred to, and its condition Never does not hold"),
        ({"Engine": {"Fn::GetAtt": ["Subnets", "Arn"]}}, "Group: AWS::ElastiCache::SubnetGroup has no attribute Arn"),
        ({"AuthToken": "{{resolve:ssm:token}}"}, "nobody knows .* here: give it with --import 'ssm:token=VALUE'"),
    ],
)
def test_properties_that_cannot_be(properties: dict[str, Any], cause: str) -> None:
    with pytest.raises(WrongTemplate, match=cause):
        plan(changed(**properties), Stack("shop"), Paper())


def test_what_a_store_of_secrets_would_know_can_be_given() -> None:
    whole = deployed(changed(AuthToken="{{resolve:ssm:token}}"))
    given = replace(whole, imports={**whole.imports, "ssm:token": TOKEN})
    steps, _ = planned(given, Stack("shop"), Paper())
    assert steps[1].properties["AuthToken"] == TOKEN


def test_secrets_are_remembered_as_digests() -> None:
    properties: Properties = {"AuthenticationMode": {"Type": "password", "Passwords": [TOKEN]}, "AuthToken": TOKEN}
    kept = sealed(properties, "A")
    assert TOKEN not in str(kept)
    assert kept != sealed(properties, "B")
    assert unsealed(kept, "x") == {"AuthenticationMode": {"Type": "password", "Passwords": "x"}, "AuthToken": "x"}


@pytest.mark.parametrize("document", ["", "[]", "{}", '{"form": 2}', '{"form": 1, "made": [{}], "leaving": []}'])
def test_a_record_of_another_release_is_not_guessed(document: str) -> None:
    with pytest.raises(UnknownForm):
        read(document)


def test_every_type_has_a_row() -> None:
    assert all(kind.name in kind.properties for kind in KINDS.values() if kind.name)
