"""Access strings: what may be in one, since when, and what is made of it for engines."""

from dataclasses import replace
from hashlib import sha256

import pytest

from cachewright.agents.engines.redis.acl_rules import (
    AGENT,
    AclRules,
    are_known,
    identities_in,
    leaving,
    marked,
    marker,
    replaced,
    users,
)
from cachewright.agents.engines.redis.restricted_commands import restrictions
from cachewright.controlplane.model.access_strings import parsed
from cachewright.controlplane.model.auth import Auth
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.users import DEFAULT_USER, Authentication, User
from cachewright.controlplane.model.versions import Engine

OLD, NEW = (6, 0), (7, 0)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("on ~* +@all", (6, 0)),
        ("OFF", (6, 0)),
        ("on allkeys allcommands allchannels", (6, 0)),
        ("on ~app::* &* -@all +@read +@hash -hset", (6, 0)),
        ("on +client|list +acl|whoami", (6, 0)),
        ("on -config -@dangerous", (6, 0)),
        ("on resetchannels &news.*", (6, 2)),
        ("on %R~in:* %W~out:* %RW~both", (7, 0)),
        ("on -client|list", (7, 0)),
        ("on (~b* +set) clearselectors (+get %r~a)", (7, 0)),
    ],
)
def test_what_can_be_one(text: str, since: tuple[int, ...]) -> None:
    assert parsed(f"  {text.replace(' ', '   ')} ").since == since
    assert str(parsed(f"  {text.replace(' ', '   ')} ")) == text


@pytest.mark.parametrize(
    "text",
    [
        *(f"on {word} +get" for word in (">secret", "<secret", "#" + "0" * 64, "!" + "0" * 64)),
        *(
            f"on {word}"
            for word in ("nopass", "resetpass", "reset", "NOPASS", "sanitize-payload", "word", "~", "+", "@all")
        ),
        *(f"on +{command}" for command in ("config", "CONFIG|GET", "debug", "acl|setuser", "cluster|meet", "shutdown")),
        "on +@everything",
        "on --port",
        "on +-get",
        "on (+get",
        "on +get)",
        "on (+get (+set))",
        "on (on +get)",
        "on (>secret)",
        "on secret",  # a password without its sign
        "on (+config)",
        "on ()x",
        "on %X~a",
        "on ~a\x00b",
        " ",
        "+get " * 10_000,
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(Fault) as refused:
        parsed(text)
    assert refused.value.shape == "InvalidParameterValueException"
    assert "secret" not in refused.value.message


def test_what_nobody_restricts_can_be_allowed() -> None:
    assert str(parsed("on +config|get", restricted=False)) == "on +config|get"


APP = User("app-id", "app", Engine.REDIS, "on ~a* +get (~b* +@all)", Authentication.PASSWORD, ("1" * 64, "2" * 64))
RULES = AclRules(Auth(), restricted=True, name="digest", user_group="mine", users=(DEFAULT_USER, APP))


def test_what_is_restricted_is_taken_away_at_last_and_from_selectors() -> None:
    refused = restrictions(NEW, (), hashes=False)
    rules = users(RULES, NEW)["app"]
    selector = " ".join(("~b*", "+@all", *refused)).join("()")
    assert rules == (f"#{'1' * 64}", f"#{'2' * 64}", "on", "~a*", "+get", selector, *refused)
    assert {"-config", "-acl|list"} <= set(refused)


def test_a_group_without_a_default_user_lets_nobody_in_by_that_name() -> None:
    assert users(replace(RULES, users=(APP,)), NEW)["default"] == ("off",)
    assert users(RULES, NEW)["default"][:5] == ("nopass", "on", "~*", "+@all", "allchannels")


def test_nobody_enters_as_a_user_of_iam() -> None:
    user = replace(APP, authentication=Authentication.IAM, passwords=())
    rules = users(replace(RULES, users=(user,)), NEW)["app"]
    assert not [rule for rule in rules if rule.startswith("#") or rule == "nopass"]


@pytest.mark.parametrize(
    ("access", "given"),
    [
        ("on +get", set[str]()),
        ("on +@all", {"+cluster|slots", "+acl|whoami", "+module|list"}),
        ("on +@all -cluster", {"+acl|whoami", "+module|list"}),
        ("on +@all -@dangerous", set[str]()),
        ("on +cluster|slots", {"+cluster|slots"}),
        ("on +cluster nocommands +acl", {"+acl|whoami"}),
    ],
)
def test_redis_6_gives_back_only_what_was_given(access: str, given: set[str]) -> None:
    rules = restrictions(OLD, access.split())
    assert {"-cluster", "-acl", "-module"} <= set(rules)
    assert {rule for rule in rules if rule in ("+cluster|slots", "+acl|whoami", "+module|list")} == given


def told(rules: AclRules) -> list[str]:
    return sorted((*users(rules, NEW), AGENT))


def test_who_has_to_go() -> None:
    """Whoever is nobody any more, and whoever is somebody else under the old name."""
    other = replace(DEFAULT_USER, id="strict")
    tokens = AclRules(Auth(), restricted=True, name="before")
    assert replaced(RULES, told(RULES)) == []
    assert replaced(RULES, told(tokens)) == replaced(tokens, told(RULES)) == ["default"]
    assert replaced(replace(RULES, users=(other, APP)), told(RULES)) == ["default"]
    assert replaced(replace(RULES, users=(DEFAULT_USER, replace(APP, access="off"))), told(RULES)) == []
    assert replaced(RULES, [name for name in told(tokens) if ":" not in name]) == []  # it does not say
    less = replace(RULES, users=(DEFAULT_USER,), name="after")
    assert leaving(less, told(less), told(RULES)) == ["app", marker(RULES)]
    assert leaving(tokens, told(tokens), [*told(RULES), "a-clients-own"]) == ["app", marker(RULES), "a-clients-own"]
    assert leaving(tokens, told(tokens), [*told(tokens), "a-clients-own"]) == []


def test_the_marker_says_which_logins_and_who_they_are() -> None:
    assert marked(told(RULES)) == "digest"
    assert set(identities_in(told(RULES))) == {"default", "app"}
    assert identities_in([*told(RULES), "another"]) == {}


def test_users_are_compared_by_what_they_enter_with() -> None:
    password = "of the agent"
    own = f"user {AGENT} on #{sha256(password.encode()).hexdigest()} ~* +@all"
    app, others = f"user app on #{'1' * 64} #{'2' * 64} ~a* +get", [own, f"user {marker(RULES)} off"]
    others.append("user default on nopass ~* +@all")
    assert are_known(RULES, password, [app, *others])
    assert not are_known(RULES, password, others)
    assert not are_known(RULES, password, [app.replace("2" * 64, "3" * 64), *others])
