"""User groups: who may be in one, and which caches have it."""

from typing import Any

import pytest

from tests.api.world import World

VALUE, COMBINATION = "InvalidParameterValueException", "InvalidParameterCombinationException"
BUSY = "InvalidUserGroupStateFault"
PASSWORD = "a-long-password-1"
TLS = {"TransitEncryptionEnabled": True, "Engine": "redis"}


@pytest.fixture
def world() -> World:
    """Users `app` and `other` of Redis, `modern` of Valkey, and another `default`; a group `users`."""
    world = World()
    user(world, "app")
    user(world, "other")
    user(world, "modern", Engine="valkey")
    user(world, "strict", UserName="default", AccessString="off")
    world.ask("CreateUserGroup", UserGroupId="users", Engine="redis", UserIds=["default", "app"])
    return world


def user(world: World, name: str, **params: Any) -> None:
    usual = {"UserName": name, "Engine": "redis", "AccessString": "on ~* +@read", "Passwords": [PASSWORD]}
    world.ask("CreateUser", **{"UserId": name, **usual, **params})


def shown(world: World, name: str = "users") -> dict[str, Any]:
    (group,) = world.ask("DescribeUserGroups", UserGroupId=name)["UserGroups"]
    return dict(group)


def user_shown(world: World, name: str) -> dict[str, Any]:
    (found,) = world.ask("DescribeUsers", UserId=name)["Users"]
    return dict(found)


def attached(world: World, **params: Any) -> None:
    """A group `g` that has the user group, and rests."""
    world.group("g", UserGroupIds=["users"], **TLS | params)
    world.settle("g")


def test_the_answer_of_a_new_group(world: World) -> None:
    answer = world.ask("CreateUserGroup", UserGroupId="Mine", Engine="Redis", UserIds=["Default", "APP"])
    assert answer == {
        "UserGroupId": "mine",
        "Status": "creating",
        "Engine": "redis",
        "UserIds": ["default", "app"],
        "MinimumEngineVersion": "6.0",
        "ReplicationGroups": [],
        "ServerlessCaches": [],
        "ARN": f"arn:aws:elasticache:us-east-1:{world.caller.account}:usergroup:mine",
    }
    assert shown(world, "mine") == answer | {"Status": "active"}
    assert user_shown(world, "app")["UserGroupIds"] == ["mine", "users"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"UserIds": ["app"]}, "DefaultUserRequired"),
        ({}, "DefaultUserRequired"),
        ({"UserIds": ["default", "strict"]}, "DuplicateUserNameFault"),
        ({"UserIds": ["default", "nobody"]}, "UserNotFoundFault"),
        ({"UserIds": ["default", "modern"]}, COMBINATION),
        ({"UserIds": ["default"], "Engine": "valkey"}, COMBINATION),
        ({"UserIds": ["default"], "Engine": "memcached"}, VALUE),
        ({"UserIds": ["default"], "UserGroupId": "USERS"}, "UserGroupAlreadyExistsFault"),
        ({"UserIds": ["default"], "UserGroupId": "-"}, VALUE),
    ],
)
def test_what_is_no_group(world: World, params: dict[str, Any], code: str) -> None:
    asked = {"UserGroupId": "more", "Engine": "redis", **params}
    assert world.refusal("CreateUserGroup", **asked)[0] == code
    assert [group["UserGroupId"] for group in world.ask("DescribeUserGroups")["UserGroups"]] == ["users"]


def test_a_valkey_group_needs_nobody(world: World) -> None:
    world.ask("CreateUserGroup", UserGroupId="none", Engine="valkey")
    world.ask("CreateUserGroup", UserGroupId="some", Engine="valkey", UserIds=["modern", "app"])
    assert shown(world, "some")["UserIds"] == ["modern", "app"]


def test_members_come_and_go_while_caches_are_told(world: World) -> None:
    attached(world)
    answer = world.ask("ModifyUserGroup", UserGroupId="users", UserIdsToAdd=["other"], UserIdsToRemove=["app"])
    expected = {
        "Status": "modifying",
        "UserIds": ["default", "app"],
        "PendingChanges": {"UserIdsToRemove": ["app"], "UserIdsToAdd": ["other"]},
    }
    assert {name: answer[name] for name in expected} == expected
    assert shown(world) == answer
    assert world.shown_group("g")["Status"] == "available"
    for operation, more in (("ModifyUserGroup", {"UserIdsToRemove": ["other"]}), ("DeleteUserGroup", {})):
        assert world.refusal(operation, UserGroupId="users", **more)[0] == BUSY
    world.settle("g")
    assert (shown(world)["Status"], shown(world)["UserIds"]) == ("active", ["default", "other"])
    assert "PendingChanges" not in shown(world)
    assert [each.id for each in world.cache("g").spec.users] == ["default", "other"]
    assert (user_shown(world, "app")["UserGroupIds"], user_shown(world, "other")["UserGroupIds"]) == ([], ["users"])


def test_another_default_user_in_one_request(world: World) -> None:
    change = {"UserGroupId": "users"}
    assert world.refusal("ModifyUserGroup", **change, UserIdsToRemove=["default"])[0] == "DefaultUserRequired"
    assert world.refusal("ModifyUserGroup", **change, UserIdsToAdd=["strict"])[0] == "DuplicateUserNameFault"
    world.ask("ModifyUserGroup", UserGroupId="users", UserIdsToAdd=["strict"], UserIdsToRemove=["default"])
    assert shown(world)["UserIds"] == ["app", "strict"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, COMBINATION),
        ({"UserIdsToAdd": ["app"]}, VALUE),
        ({"UserIdsToRemove": ["other"]}, VALUE),
        ({"UserIdsToAdd": ["nobody"]}, "UserNotFoundFault"),
        ({"UserIdsToRemove": ["nobody"]}, "UserNotFoundFault"),
        ({"UserIdsToAdd": ["other"], "UserIdsToRemove": ["other"]}, COMBINATION),
        ({"UserIdsToAdd": ["modern"]}, COMBINATION),
        ({"Engine": "valkey"}, COMBINATION),
        ({"UserIdsToRemove": ["default"], "Engine": "valkey"}, COMBINATION),  # a Redis cache has it
    ],
)
def test_a_change_that_is_refused(world: World, params: dict[str, Any], code: str) -> None:
    attached(world)
    before, spec = shown(world), world.cache("g").spec
    assert world.refusal("ModifyUserGroup", UserGroupId="users", **params)[0] == code
    assert (shown(world), world.cache("g").spec) == (before, spec)


def test_a_group_and_its_cache_know_each_other(world: World) -> None:
    attached(world)
    assert shown(world)["ReplicationGroups"] == ["g"]
    assert world.shown_group("g")["UserGroupIds"] == ["users"]
    assert world.refusal("DeleteUserGroup", UserGroupId="users")[0] == BUSY
    world.ask("ModifyReplicationGroup", ReplicationGroupId="g", UserGroupIdsToRemove=["users"])
    group = world.shown_group("g")
    assert (group["Status"], group["UserGroupIds"]) == ("modifying", ["users"])
    assert group["PendingModifiedValues"]["UserGroups"] == {"UserGroupIdsToRemove": ["users"]}
    world.settle("g")
    assert world.shown_group("g")["UserGroupIds"] == []
    assert world.ask("DeleteUserGroup", UserGroupId="users")["Status"] == "deleting"
    assert world.refusal("DescribeUserGroups", UserGroupId="users")[0] == "UserGroupNotFoundFault"


def test_a_user_that_changes_is_passed_on(world: World) -> None:
    attached(world)
    world.ask("ModifyUser", UserId="app", AccessString="on ~x +get")
    assert user_shown(world, "app")["Status"] == "modifying"
    assert user_shown(world, "other")["Status"] == "active"
    assert (shown(world)["Status"], world.shown_group("g")["Status"]) == ("active", "available")
    assert world.refusal("ModifyUser", UserId="app", AccessString="on")[0] == "InvalidUserStateFault"
    assert world.refusal("DeleteUser", UserId="app")[0] == "InvalidUserStateFault"
    world.ask("ModifyUserGroup", UserGroupId="users", UserIdsToAdd=["other"])
    assert user_shown(world, "app")["Status"] == "modifying"
    world.settle("g")
    assert user_shown(world, "app")["Status"] == "active"
    assert world.cache("g").spec.users[1].access == "on ~x +get"


def test_a_user_cannot_become_what_its_groups_cannot_have(world: World) -> None:
    attached(world)
    assert world.refusal("ModifyUser", UserId="app", Engine="valkey")[0] == COMBINATION
    world.group("old", UserGroupIds=["users"], EngineVersion="6.2", **TLS)
    world.settle("old")
    refused = world.refusal("ModifyUser", UserId="app", AccessString="on (+get ~x)")
    assert "requires engine version 7.0 or higher" in refused[1]


def test_a_user_that_ends_leaves_its_groups(world: World) -> None:
    attached(world)
    answer = world.ask("DeleteUser", UserId="app")
    assert (answer["Status"], answer["UserGroupIds"]) == ("deleting", ["users"])
    assert shown(world)["PendingChanges"] == {"UserIdsToRemove": ["app"]}
    assert [each.id for each in world.cache("g").spec.users] == ["default"]
    world.settle("g")
    assert shown(world)["UserIds"] == ["default"]


def test_the_default_user_of_a_group_stays(world: World) -> None:
    world.ask("CreateUserGroup", UserGroupId="more", Engine="redis", UserIds=["strict"])
    assert world.refusal("DeleteUser", UserId="strict")[0] == "DefaultUserAssociatedToUserGroupFault"
    world.ask("DeleteUserGroup", UserGroupId="more")
    world.ask("DeleteUser", UserId="strict")


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        ({}, COMBINATION, "requires encryption-in-transit to be enabled"),
        (TLS | {"TransitEncryptionMode": "preferred"}, COMBINATION, "preferred is not supported"),
        (TLS | {"AuthToken": "a-long-token-of-aws"}, COMBINATION, "Pass AuthStrategy delete to proceed."),
        (TLS | {"UserGroupIds": ["none"]}, "UserGroupNotFoundFault", "UserGroup none not found."),
        (TLS | {"UserGroupIds": ["users", "more"]}, COMBINATION, "only one user group"),
        (TLS | {"UserGroupIds": ["more"]}, COMBINATION, "of engine valkey cannot be used with engine redis"),
    ],
)
def test_caches_that_cannot_have_users(world: World, params: dict[str, Any], code: str, words: str) -> None:
    world.ask("CreateUserGroup", UserGroupId="more", Engine="valkey")
    usual = {"ReplicationGroupDescription": "d", "CacheNodeType": "cache.t3.micro", "Engine": "redis"}
    asked = {"ReplicationGroupId": "g", **usual, "UserGroupIds": ["users"], **params}
    refused = world.refusal("CreateReplicationGroup", **asked)
    assert refused[0] == code
    assert words in refused[1]


def test_the_way_from_a_token_to_users_and_back(world: World) -> None:
    world.group("g", AuthToken="a-long-token-of-aws", **TLS)
    world.settle("g")
    modify = {"ReplicationGroupId": "g", "ApplyImmediately": True}
    refused = world.refusal("ModifyReplicationGroup", **modify, UserGroupIdsToAdd=["users"])
    assert "Pass AuthStrategy delete to proceed." in refused[1]
    assert world.refusal("ModifyReplicationGroup", **modify, AuthTokenUpdateStrategy="DELETE")[0] == COMBINATION
    group = world.ask(
        "ModifyReplicationGroup", **modify, UserGroupIdsToAdd=["users"], AuthTokenUpdateStrategy="DELETE"
    )["ReplicationGroup"]
    assert group["PendingModifiedValues"]["UserGroups"] == {"UserGroupIdsToAdd": ["users"]}
    assert (group["AuthTokenEnabled"], group["UserGroupIds"]) == (False, [])
    world.settle("g")
    assert world.shown_group("g")["UserGroupIds"] == ["users"]
    token = {"AuthToken": "another-long-token", "AuthTokenUpdateStrategy": "ROTATE"}
    assert "Pass RemoveUserGroups to proceed." in world.refusal("ModifyReplicationGroup", **modify, **token)[1]
    frozen = world.refusal("ModifyReplicationGroup", **modify, TransitEncryptionEnabled=True)
    assert "not supported for access control enabled clusters" in frozen[1]
    world.ask("ModifyReplicationGroup", **modify, **token, RemoveUserGroups=True)
    world.settle("g")
    spec = world.cache("g").spec
    assert (spec.user_group, spec.users, len(spec.auth.tokens), spec.auth.required) == ("", (), 1, False)
    world.ask("ModifyReplicationGroup", **modify, **token | {"AuthTokenUpdateStrategy": "SET"})
    assert world.cache("g").spec.auth.required


def test_one_group_in_the_place_of_another(world: World) -> None:
    attached(world)
    world.ask("CreateUserGroup", UserGroupId="more", Engine="redis", UserIds=["strict"])
    modify = {"ReplicationGroupId": "g", "UserGroupIdsToAdd": ["more"]}
    assert "only one user group" in world.refusal("ModifyReplicationGroup", **modify)[1]
    gone = world.refusal("ModifyReplicationGroup", ReplicationGroupId="g", UserGroupIdsToRemove=["more"])
    assert "not associated" in gone[1]
    world.ask("ModifyReplicationGroup", **modify, UserGroupIdsToRemove=["users"])
    world.settle("g")
    assert (shown(world)["ReplicationGroups"], shown(world, "more")["ReplicationGroups"]) == ([], ["g"])
