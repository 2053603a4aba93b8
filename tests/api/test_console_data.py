"""The data of caches over HTTP: how it is asked for and answered, and who is kept out."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from cachewright.agents.browsing.browser import AT_ONCE, Browser
from cachewright.agents.engines.redis.acl_rules import Credentials
from cachewright.controlplane.app import application
from cachewright.controlplane.console.data.routes import data_routes
from cachewright.controlplane.console.paths import DATA
from cachewright.controlplane.model.browsing import (
    Command,
    CommandDoc,
    Conflict,
    Data,
    Denied,
    Edit,
    Entrances,
    Fate,
    KeyPage,
    KeySearch,
    KeySeen,
    Refusal,
    Silent,
    SlowCommand,
    Value,
    Visitor,
    Window,
)
from cachewright.controlplane.model.cache import Cache, Key, Kind
from cachewright.controlplane.model.drills import NoSuchTarget
from cachewright.controlplane.model.replies import Failure, Line, Reply
from cachewright.controlplane.wire.gate import Open
from tests.api.test_console_drills import Client

ORDERS = {"account": "000000000000", "region": "us-east-1", "kind": "replication-group", "id": "orders"}
SECRET = "correct-horse-battery"
NODE = "orders-001.0001"


def code(text: bytes) -> str:
    return urlsafe_b64encode(text).decode()


@dataclass
class Shelf:
    """Holds strings, and lets in who brings the password."""

    held: dict[bytes, bytes] = field(default_factory=dict)

    def entrances(self, cache: Key) -> Entrances:
        if cache.id != "orders":
            raise NoSuchTarget(f"{cache.id} is gone")
        return Entrances({"": True}, 16)

    @contextmanager
    def data(self, visitor: Visitor) -> Iterator[Data]:
        if visitor.password != SECRET:
            raise Denied("WRONGPASS invalid username-password pair or user is disabled.")
        yield self

    def keys(self, wanted: KeySearch) -> KeyPage:
        return KeyPage(
            [KeySeen(key, NODE, "string", 8, None) for key in self.held], wanted.cursor, {NODE: len(self.held)}
        )

    def value(self, wanted: Window) -> Value:
        if wanted.key not in self.held:
            raise Refusal("this key is gone")
        value = self.held[wanted.key]
        return Value(NODE, "string", len(value), None, None, "raw", [(value,)], "")

    def edit(self, wanted: Edit) -> None:
        if self.held.get(wanted.window.key) != wanted.was:
            raise Conflict("somebody else has changed it")
        self.held[wanted.window.key] = wanted.value or b""

    def create(self, wanted: Edit) -> None:
        if wanted.window.key in self.held:
            raise Conflict("there is one")
        self.held[wanted.window.key] = wanted.value or b""

    def end(self, wanted: Fate) -> None:
        del self.held[wanted.window.key]

    def run(self, command: Command) -> Reply:
        if command.line == "HANG":
            raise Silent(f"{command.place} does not answer in time")
        return [Line("OK"), 2**60, b"\xff", None, Failure("ERR no"), []]

    def docs(self, where: str) -> Sequence[CommandDoc]:
        return [CommandDoc("GET", "Returns a value.", "key")]

    def slow(self, where: str) -> Sequence[SlowCommand]:
        return [SlowCommand(1700000000, 12000, ("KEYS", "*"), "10.0.0.1:5")]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf({b"k\xff": b"\x00v"})


@pytest.fixture
def client(shelf: Shelf) -> Client:
    """A client of these routes alone."""

    def dispatch(operation: str, params: dict[str, Any], caller: object) -> dict[str, Any]:
        raise AssertionError(f"this is no operation of AWS: {operation}")

    return Client(application(dispatch, Open("us-east-1"), routers=lambda: [data_routes(shelf)]))


def ask(client: Client, name: str, **body: Any) -> tuple[int, Any]:
    status, answer = client.ask("POST", f"{DATA}/{name}", json.dumps({**ORDERS, "password": SECRET, **body}))
    return status, json.loads(answer)


def test_keys_and_values_that_are_no_text_come_and_go(client: Client, shelf: Shelf) -> None:
    status, told = ask(client, "keys", cursor="0001:7")
    (key,) = told["keys"]
    assert (status, key) == (200, {"key": code(b"k\xff"), "node": NODE, "type": "string", "size": 8, "ttl": None})
    assert (told["cursor"], told["totals"]) == ("0001:7", {NODE: 1})
    assert ask(client, "value", key=key["key"])[1]["items"] == [[code(b"\x00v")]]
    edit = {"key": key["key"], "type": "string", "was": code(b"\x00v"), "value": code(b"\xfe")}
    assert ask(client, "edit", **edit) == (200, {})
    assert shelf.held == {b"k\xff": b"\xfe"}
    assert ask(client, "edit", **edit)[0] == 409
    assert ask(client, "end", key=key["key"], type="string", length=1, ttl=0) == (200, {})
    assert ask(client, "value", key=key["key"]) == (422, {"error": "this key is gone"})


def test_a_key_may_be_made_and_may_be_empty(client: Client, shelf: Shelf) -> None:
    made = {"key": "", "type": "string", "value": code(b"v")}
    assert ask(client, "create", **made) == (200, {})
    assert shelf.held[b""] == b"v"
    assert ask(client, "value", key="")[1]["items"] == [[code(b"v")]]
    assert ask(client, "create", **made) == (409, {"error": "there is one"})
    assert ask(client, "create", key="", type="string")[0] == 400


def test_each_part_of_an_answer_says_what_it_is(client: Client) -> None:
    parts = [{"line": "OK"}, {"integer": str(2**60)}, {"bytes": code(b"\xff")}, {"nil": True}, {"error": "ERR no"}]
    assert ask(client, "command", place=NODE, line="ANY") == (200, {"list": [*parts, {"list": []}]})
    assert ask(client, "docs", place=NODE)[1]["commands"][0]["name"] == "GET"
    assert ask(client, "slow-log", place=NODE)[1]["entries"][0]["words"] == ["KEYS", "*"]
    assert ask(client, "entrances") == (200, {"users": {"": True}, "databases": 16})


def test_why_there_is_no_answer_is_told_apart(client: Client) -> None:
    assert ask(client, "keys", password="wrong")[0] == 401
    assert ask(client, "command", place=NODE, line="HANG")[0] == 504
    assert ask(client, "command", place=NODE, line=" ") == (422, {"error": "type a command"})
    assert ask(client, "entrances", id="gone") == (404, {"error": "gone is gone"})


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("keys", {"account": "1"}),
        ("keys", {"kind": "table"}),
        ("keys", {"database": 16}),
        ("keys", {"pattern": "x" * 2000}),
        ("keys", {"more": 1}),
        ("value", {"key": "no base64!"}),
        ("value", {"key": "ä"}),
        ("value", {"key": 7}),
        ("value", {}),
        ("edit", {"key": "a2s", "type": "string"}),
        ("end", {"key": "a2s", "type": "string", "length": 1, "ttl": -1}),
        ("command", {"place": "", "line": "GET a"}),
        ("command", {"place": NODE, "line": "x" * 100_000}),
    ],
)
def test_bad_input_is_said_and_changes_nothing(client: Client, shelf: Shelf, name: str, body: dict[str, Any]) -> None:
    status, told = ask(client, name, **body)
    assert (status, SECRET in told["error"]) == (400, False)
    assert shelf.held == {b"k\xff": b"\x00v"}


@pytest.mark.parametrize("header", [{"content-type": "text/plain"}, {"origin": "http://evil.example"}])
def test_pages_of_others_cannot_ask(client: Client, header: dict[str, str]) -> None:
    body = json.dumps({**ORDERS, "password": SECRET})
    assert client.ask("POST", f"{DATA}/keys", body, **header)[0] in (400, 403)


def test_an_address_tells_nothing(client: Client) -> None:
    assert client.ask("GET", f"{DATA}/keys")[0] == 405


def test_so_many_ask_at_a_time_and_no_more() -> None:
    """Each waits for the next one, as if nodes hung."""
    begun: list[Key] = []
    visitor = Visitor(Key("000000000000", "us-east-1", Kind.CACHE_CLUSTER, "hangs"))

    def find(key: Key) -> Cache:
        begun.append(key)
        enter()
        raise AssertionError("somebody answered")

    def nothing() -> Credentials:
        raise AssertionError("no node is entered")

    def enter() -> None:
        with browser.data(visitor):
            raise AssertionError("somebody is let in")

    browser = Browser(find, nothing)
    with pytest.raises(Silent, match="ask again"):
        enter()
    assert len(begun) == AT_ONCE
    begun.clear()
    with pytest.raises(Silent):
        enter()
    assert len(begun) == AT_ONCE, "whoever was done is counted still"
