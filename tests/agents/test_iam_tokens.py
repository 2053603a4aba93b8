"""Tokens of users of type `iam` on the pretend machine: who is let in, and until when."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from cachewright.agents.loop.tokens import Tokens
from cachewright.agents.memory.engines.settings import CONNECTIONS, PASSWORDS
from cachewright.agents.planning.iam_tokens import AHEAD, BATCH, CONNECTION, LIFETIME, Entrance, tokens
from cachewright.agents.planning.links import reach
from cachewright.controlplane.model.access_keys import AccessKey
from cachewright.controlplane.model.cache import Kind
from tests.executors import Inline
from tests.house import ACCOUNT, REGION, House, house

KEY = AccessKey("AKIDWRITER", "secret", ACCOUNT)
APP = Entrance("rg", "app", REGION, ACCOUNT)
NODES = ("rg-001.0001", "rg-002.0001")

Told = Callable[[], None]


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A group of two nodes with a user of type `iam` and one with a password."""
    home = house(tmp_path)
    app = {"UserId": "app", "UserName": "app", "Engine": "valkey", "AccessString": "on ~* +@all"}
    home.call("CreateUser", **app, AuthenticationMode={"Type": "iam"})
    home.call("CreateUser", **app | {"UserId": "plain", "UserName": "plain"}, Passwords=["p" * 16])
    home.call("CreateUserGroup", UserGroupId="people", Engine="valkey", UserIds=["app", "plain"])
    home.group("rg", 2, Engine="valkey", TransitEncryptionEnabled=True, UserGroupIds=["people"])
    return home


def teller(home: House, key: AccessKey = KEY) -> Tokens:
    """Somebody who knows a key, and has been told that the group came to rest."""
    found = Tokens(home.store, home.tools, Inline(), home.clock, [key])
    found.rested(home.cache(Kind.REPLICATION_GROUP, "rg"))
    return found


def made(home: House, age: float = 0.0, entrance: Entrance = APP, key: AccessKey = KEY) -> str:
    """The hash of a token that is so many seconds old."""
    moment = home.clock.moment - timedelta(seconds=age)
    return sha256(tokens(entrance, key, int(moment.timestamp()))[0].encode()).hexdigest()


def lets_in(home: House, token: str, user: str = "app") -> list[str]:
    """The nodes that let a user in with a token."""
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    acl = home.tools().drivers[cache.spec.engine].acl
    assert acl
    known = {name: acl.passwords(reach(cache.status, name), user) for name in sorted(cache.status.nodes)}
    return [name for name, passwords in known.items() if passwords and token in passwords]


def test_a_token_lets_in_at_every_node_from_its_first_second_on(home: House) -> None:
    tokens = teller(home)
    assert lets_in(home, made(home)) == []
    tokens.tell()
    for age in (0, 1, LIFETIME - 1, -AHEAD):
        assert lets_in(home, made(home, age)) == [*NODES], age
    for age in (LIFETIME + BATCH, -AHEAD - 2 * BATCH):
        assert lets_in(home, made(home, age)) == [], age


def test_others_let_nobody_in(home: House) -> None:
    teller(home).tell()
    strange = [replace(APP, user="plain"), replace(APP, cache="other"), replace(APP, region="eu-west-1")]
    assert [lets_in(home, made(home, entrance=one)) for one in strange] == [[], [], []]
    assert lets_in(home, made(home, key=replace(KEY, secret="guessed"))) == []
    assert lets_in(home, made(home), "plain") == []


def test_a_key_of_another_account_lets_nobody_in(home: House) -> None:
    stranger = replace(KEY, account="123456789012")
    teller(home, stranger).tell()
    assert lets_in(home, made(home, key=stranger)) == []


def test_tokens_come_and_go_with_time(home: House) -> None:
    tokens = teller(home)
    tokens.tell()
    first = made(home)
    for _ in range(5):
        home.clock.moment += timedelta(seconds=LIFETIME / 5 - 1)
        assert lets_in(home, first) == [*NODES]
        tokens.tell()
        assert lets_in(home, made(home)) == [*NODES]
    home.clock.moment += timedelta(seconds=2 * BATCH)
    tokens.tell()
    assert lets_in(home, first) == []
    home.clock.moment += timedelta(days=1)  # the machine slept
    tokens.tell()
    assert lets_in(home, made(home)) == [*NODES]


def test_a_node_that_begins_anew_is_told_them_again(home: House) -> None:
    tokens = teller(home)
    tokens.tell()
    home.machine.crash(home.container(NODES[1]))
    home.settle()
    assert lets_in(home, made(home)) == [NODES[0]]
    tokens.tell()
    assert lets_in(home, made(home)) == [*NODES]


def test_nodes_that_are_told_their_users_anew_are_told_them_again(home: House) -> None:
    tokens = teller(home)
    tokens.tell()
    home.call("ModifyUser", UserId="plain", AccessString="on ~a* +@all")
    home.settle()
    assert lets_in(home, made(home)) == []
    tokens.rested(home.cache(Kind.REPLICATION_GROUP, "rg"))
    tokens.tell()
    assert lets_in(home, made(home)) == [*NODES]


def test_a_node_that_has_others_than_it_was_told_is_asked_and_told_again(home: House) -> None:
    tokens = teller(home)
    tokens.tell()
    address = home.cache(Kind.REPLICATION_GROUP, "rg").status.nodes[NODES[0]].address
    home.machine.processes.at(address.host).settings[PASSWORDS + "app"] = "0" * 64
    for _ in range(2):
        home.clock.moment += timedelta(seconds=BATCH)
        tokens.tell()
    assert lets_in(home, made(home)) == [*NODES]
    assert lets_in(home, "0" * 64) == []


def test_who_is_not_of_type_iam_any_more_is_told_nothing(home: House) -> None:
    tokens = teller(home)
    tokens.tell()
    home.call("ModifyUserGroup", UserGroupId="people", UserIdsToRemove=["app"])
    home.settle()
    home.clock.moment += timedelta(seconds=BATCH)
    tokens.tell()
    assert lets_in(home, made(home)) == []


def test_connections_end_twelve_hours_after_they_were_opened(home: House) -> None:
    address = home.cache(Kind.REPLICATION_GROUP, "rg").status.nodes[NODES[0]].address
    settings = home.machine.processes.at(address.host).settings
    settings |= {CONNECTIONS + user: f"10 {CONNECTION - 1} {CONNECTION} {2 * CONNECTION}" for user in ("app", "plain")}
    tokens = teller(home)
    for _ in range(60 // BATCH):
        home.clock.moment += timedelta(seconds=BATCH)
        tokens.tell()
    assert settings[CONNECTIONS + "app"] == f"10 {CONNECTION - 1}"
    assert settings[CONNECTIONS + "plain"] == f"10 {CONNECTION - 1} {CONNECTION} {2 * CONNECTION}"
