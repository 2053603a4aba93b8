"""Users: who may be one, with what it enters, and what it may do."""

from typing import Any

import pytest

from tests.api.world import World

VALUE, COMBINATION = "InvalidParameterValueException", "InvalidParameterCombinationException"
PASSWORD, OTHER = "a-long-password-1", "a-long-password-2"
USER = {"UserId": "App", "UserName": "App", "Engine": "Redis", "AccessString": "on  ~app:*   +@read"}


def create(world: World, **params: Any) -> dict[str, Any]:
    ways = {"Passwords", "NoPasswordRequired", "AuthenticationMode"} & params.keys()
    return world.ask("CreateUser", **USER | ({} if ways else {"Passwords": [PASSWORD]}) | params)


def shown(world: World, name: str) -> dict[str, Any]:
    (user,) = world.ask("DescribeUsers", UserId=name)["Users"]
    return dict(user)


def test_the_answer_of_a_new_user() -> None:
    world = World()
    answer = create(world)
    assert answer == {
        "UserId": "app",
        "UserName": "App",
        "Status": "active",
        "Engine": "redis",
        "MinimumEngineVersion": "6.0",
        "AccessString": "on ~app:* +@read",
        "UserGroupIds": [],
        "Authentication": {"Type": "password", "PasswordCount": 1},
        "ARN": f"arn:aws:elasticache:us-east-1:{world.caller.account}:user:app",
    }
    assert shown(world, "APP") == answer


def test_the_user_that_always_exists() -> None:
    world = World()
    user = shown(world, "default")
    assert (user["AccessString"], user["Engine"], user["Status"]) == ("on ~* +@all", "redis", "active")
    assert user["Authentication"] == {"Type": "no-password"}
    for operation, more in (("ModifyUser", {"AccessString": "off"}), ("DeleteUser", {})):
        assert world.refusal(operation, UserId="default", **more)[0] == "InvalidUserStateFault"
    assert (
        world.refusal("CreateUser", **USER | {"UserId": "default"}, Passwords=[PASSWORD])[0] == "UserAlreadyExistsFault"
    )


@pytest.mark.parametrize(
    ("ways", "authentication"),
    [
        ({"NoPasswordRequired": True}, {"Type": "no-password"}),
        ({"AuthenticationMode": {"Type": "no-password-required"}}, {"Type": "no-password"}),
        ({"NoPasswordRequired": False, "Passwords": [PASSWORD, OTHER]}, {"Type": "password", "PasswordCount": 2}),
        (
            {"AuthenticationMode": {"Type": "password", "Passwords": [PASSWORD]}},
            {"Type": "password", "PasswordCount": 1},
        ),
        ({"AuthenticationMode": {"Type": "iam"}, "UserName": "app"}, {"Type": "iam"}),
    ],
)
def test_ways_to_enter(ways: dict[str, Any], authentication: dict[str, Any]) -> None:
    assert create(World(), **ways)["Authentication"] == authentication


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        ({"Passwords": []}, VALUE, "No password was provided"),
        ({"Passwords": ["short"]}, VALUE, "Passwords length must be between 16-128 characters."),
        ({"Passwords": ["x" * 129]}, VALUE, "Passwords length must be between 16-128 characters."),
        *(({"Passwords": ["x" * 16 + sign]}, VALUE, "must be printable") for sign in ',"/@ é\n'),
        ({"Passwords": [PASSWORD, OTHER, "a-long-password-3"]}, VALUE, "at most 2 passwords"),
        (
            {"Passwords": [PASSWORD], "AuthenticationMode": {"Type": "password", "Passwords": [PASSWORD]}},
            COMBINATION,
            "Passwords provided via multiple arguments",
        ),
        (
            {"NoPasswordRequired": True, "Passwords": [PASSWORD]},
            COMBINATION,
            "No password required flag is true but provided authentication type is password",
        ),
        (
            {"NoPasswordRequired": True, "AuthenticationMode": {"Type": "iam"}},
            COMBINATION,
            "No password required flag is true but provided authentication type is iam",
        ),
        ({"AuthenticationMode": {"Type": "password"}}, COMBINATION, "must have at least one password"),
        (
            {"AuthenticationMode": {"Type": "iam", "Passwords": [PASSWORD]}, "UserName": "app"},
            COMBINATION,
            "Password field is not allowed with authentication type: iam",
        ),
        ({"AuthenticationMode": {"Type": "iam"}}, COMBINATION, "User Id and User name must be same"),
        ({"AuthenticationMode": {"Type": "ldap"}}, VALUE, "Input Authentication type: ldap is not in the allowed list"),
        ({"AuthenticationMode": {}}, VALUE, "Input Authentication type: null is not in the allowed list"),
        ({"Engine": "memcached"}, VALUE, 'Unknown parameter for Engine: "memcached"'),
        ({"Engine": "valkey", "NoPasswordRequired": True}, COMBINATION, "not supported for engine valkey"),
        ({"UserName": "two words"}, VALUE, "UserName must"),
        ({"UserName": "Cachewright"}, VALUE, "UserName cannot begin with cachewright"),
        ({"UserId": "1st"}, VALUE, "not a valid identifier"),
        ({"AccessString": "on >secret +@all"}, VALUE, "a password cannot be part of it"),
        ({"AccessString": "on +config"}, VALUE, "the command config is restricted"),
        ({"AccessString": "on " + "+get " * 10_000}, VALUE, "AccessString cannot be longer"),
    ],
)
def test_what_is_no_user(params: dict[str, Any], code: str, words: str) -> None:
    world = World()
    ways = {"Passwords", "NoPasswordRequired", "AuthenticationMode"} & params.keys()
    refused = world.refusal("CreateUser", **USER | ({} if ways else {"Passwords": [PASSWORD]}) | params)
    assert refused[0] == code
    assert words in refused[1]
    assert PASSWORD not in refused[1]
    assert [user["UserId"] for user in world.ask("DescribeUsers")["Users"]] == ["default"]


def test_a_change_says_modifying_and_is_done() -> None:
    world = World()
    create(world)
    answer = world.ask("ModifyUser", UserId="App", AppendAccessString="+set", Passwords=[OTHER, PASSWORD])
    assert (answer["Status"], answer["AccessString"]) == ("modifying", "on ~app:* +@read +set")
    assert answer["Authentication"] == {"Type": "password", "PasswordCount": 2}
    assert shown(world, "app") == answer | {"Status": "active"}
    world.ask("ModifyUser", UserId="app", AccessString="off")
    assert shown(world, "app")["AccessString"] == "off"
    world.ask("ModifyUser", UserId="app", Engine="valkey")
    assert shown(world, "app")["Engine"] == "valkey"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, COMBINATION),
        ({"AccessString": "on", "AppendAccessString": "+get"}, COMBINATION),
        ({"AppendAccessString": "+debug"}, VALUE),
        ({"AuthenticationMode": {"Type": "iam"}}, COMBINATION),
        ({"Engine": "valkey", "NoPasswordRequired": True}, COMBINATION),
    ],
)
def test_a_change_that_is_refused(params: dict[str, Any], code: str) -> None:
    world = World()
    before = create(world)
    assert world.refusal("ModifyUser", UserId="app", **params)[0] == code
    assert shown(world, "app") == before


def test_the_end_of_a_user() -> None:
    world = World()
    create(world)
    assert world.ask("DeleteUser", UserId="APP")["Status"] == "deleting"
    for operation in ("DescribeUsers", "DeleteUser"):
        assert world.refusal(operation, UserId="App") == ("UserNotFoundFault", "User App not found.")


def test_filters_and_pages() -> None:
    world = World()
    for number in range(25):
        create(world, UserId=f"u{number:02}", Engine="redis" if number % 2 else "valkey")
    by_id = world.ask("DescribeUsers", Filters=[{"Name": "user-id", "Values": ["U07", "none"]}])["Users"]
    assert [user["UserId"] for user in by_id] == ["u07"]
    assert {user["Engine"] for user in world.ask("DescribeUsers", Engine="VALKEY")["Users"]} == {"valkey"}
    assert world.refusal("DescribeUsers", Filters=[{"Name": "colour", "Values": ["red"]}])[0] == COMBINATION
    page = world.ask("DescribeUsers", MaxRecords=20)
    rest = world.ask("DescribeUsers", MaxRecords=20, Marker=page["Marker"])
    assert [user["UserId"] for user in (*page["Users"], *rest["Users"])] == [
        "default",
        *(f"u{n:02}" for n in range(25)),
    ]
    assert "Marker" not in rest


def test_tags_of_a_user() -> None:
    world = World()
    user = create(world, Tags=[{"Key": "a", "Value": "b"}])
    assert world.ask("ListTagsForResource", ResourceName=user["ARN"])["TagList"] == [{"Key": "a", "Value": "b"}]
