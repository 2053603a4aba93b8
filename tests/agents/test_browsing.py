"""Where somebody goes who looks at the data of a cache, and where nobody goes: on the addresses of a whole Cachewright,
with engines that say what a test wants.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

from cachewright.agents.browsing.browser import Browser
from cachewright.agents.browsing.connections import pretend
from cachewright.agents.engines.exchange import Exchange
from cachewright.agents.engines.redis.acl_rules import AGENT, Credentials
from cachewright.controlplane.model.browsing import (
    Command,
    Conflict,
    Data,
    Denied,
    Edit,
    Fate,
    KeySearch,
    Refusal,
    Silent,
    Visitor,
    Window,
)
from cachewright.controlplane.model.cache import Address, Cache, Key, Kind
from cachewright.controlplane.model.replies import Line
from tests.house import House, house

GROUP = {
    "ReplicationGroupDescription": "orders",
    "Engine": "valkey",
    "CacheNodeType": "cache.t3.micro",
    "NumNodeGroups": 2,
    "ReplicasPerNodeGroup": 1,
    "AutomaticFailoverEnabled": True,
}
KEY = b"k"
T = TypeVar("T")
FIRST, SECOND = "orders-0001-001.0001", "orders-0002-001.0001"


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


@dataclass
class Engines:
    """Engines by their addresses. Each says what is told here, by the beginning of what it is asked; else OK."""

    answers: dict[tuple[str, str], bytes] = field(default_factory=dict)  # by host, or address, and beginning
    away: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)
    authorities: list[Path | None] = field(default_factory=list)

    @contextmanager
    def connect(self, address: Address, authority: Path | None, until: float, most: int) -> Iterator[Exchange]:
        if address.host in self.away:
            raise TimeoutError
        self.authorities.append(authority)
        left = bytearray()

        def send(words: bytes) -> None:
            for command in commands_in(words):
                self.asked.append((address.host, command))
                left.extend(self._answer(address, command))

        def receive(count: int) -> bytes:
            part = bytes(left[:count])
            del left[:count]
            return part

        yield Exchange(send, receive, most)

    def _answer(self, address: Address, command: str) -> bytes:
        for (there, begin), answer in self.answers.items():
            if there in (address.host, str(address)) and command.startswith(begin):
                return answer
        return b"+OK\r\n"


def commands_in(words: bytes) -> Sequence[str]:
    """The commands of a pipeline, in words with blanks between."""
    lines, found = iter(words.split(b"\r\n")), []
    for head in lines:
        if head.startswith(b"*"):
            parts = [(next(lines), next(lines))[1] for _ in range(int(head[1:]))]
            found.append(b" ".join(parts).decode(errors="replace"))
    return found


def of(cache: Cache, node: str) -> str:
    return cache.status.nodes[node].address.host


def browsing(home: House, engines: Engines, **group: object) -> tuple[Browser, Cache, Visitor]:
    home.call("CreateReplicationGroup", ReplicationGroupId="orders", **{**GROUP, **group})
    home.settle()
    cache = home.cache(Kind.REPLICATION_GROUP, "orders")
    find: Callable[[Key], Cache] = lambda _: home.cache(Kind.REPLICATION_GROUP, "orders")  # noqa: E731
    credentials = Credentials("agents-own", Path("ca.pem"))
    return Browser(find, lambda: credentials, engines.connect), cache, Visitor(cache.key)


def ask(browser: Browser, visitor: Visitor, question: Callable[[Data], T]) -> T:
    with browser.data(visitor) as data:
        return question(data)


def test_keys_are_looked_for_on_each_primary_and_nowhere_else(home: House) -> None:
    engines = Engines()
    browser, cache, visitor = browsing(home, engines)
    hosts = [of(cache, FIRST), of(cache, SECOND)]
    for host, key in zip(hosts, (b"a", b"b"), strict=True):
        engines.answers[host, "SCAN 0 "] = b"*2\r\n$1\r\n0\r\n*1\r\n$1\r\n%s\r\n" % key
        engines.answers[host, "TYPE"] = b"+string\r\n"
        engines.answers[host, "PTTL"] = b":-1\r\n"
        engines.answers[host, "MEMORY USAGE"] = b"-NOPERM no\r\n"
        engines.answers[host, "DBSIZE"] = b":7\r\n"
    page = ask(browser, visitor, lambda data: data.keys(KeySearch()))
    assert [(seen.key, seen.node, seen.size, seen.ttl) for seen in page.keys] == [
        (b"a", FIRST, None, None),
        (b"b", SECOND, None, None),
    ]
    assert (page.cursor, page.totals) == ("", {FIRST: 7, SECOND: 7})
    assert {host for host, _ in engines.asked} == set(hosts)


def test_who_is_sent_elsewhere_goes_there_if_it_is_the_same_cache(home: House) -> None:
    engines = Engines()
    browser, cache, visitor = browsing(home, engines)
    first, second = of(cache, FIRST), of(cache, SECOND)
    engines.answers[first, "GET k"] = b"-MOVED 42 %s:6379\r\n" % second.encode()
    engines.answers[second, "GET k"] = b"$1\r\nv\r\n"
    assert ask(browser, visitor, lambda data: data.run(Command(FIRST, "GET k"))) == b"v"
    engines.answers[first, "GET k"] = b"-ASK 42 %s:6379\r\n" % second.encode()
    assert ask(browser, visitor, lambda data: data.run(Command(FIRST, "GET k"))) == b"v"
    assert engines.asked[-2:] == [(second, "ASKING"), (second, "GET k")]
    engines.answers[first, "GET k"] = b"-MOVED 42 192.0.2.1:6379\r\n"
    with pytest.raises(Refusal, match="no node of this cache"):
        ask(browser, visitor, lambda data: data.run(Command(FIRST, "GET k")))
    assert "192.0.2.1" not in {host for host, _ in engines.asked}


def test_a_serverless_cache_names_its_endpoint(home: House) -> None:
    engines = Engines()
    home.call("CreateServerlessCache", ServerlessCacheName="shop", Engine="valkey")
    home.settle()
    cache = home.cache(Kind.SERVERLESS_CACHE, "shop")
    primary, reader = (cache.status.endpoints[name] for name in ("primary", "reader"))
    browser = Browser(lambda _: cache, lambda: Credentials("agents-own", Path("ca.pem")), connect=engines.connect)
    engines.answers[str(reader), "SET k v"] = f"-MOVED 42 {primary}\r\n".encode()
    engines.answers[str(primary), "SET k v"] = b"+done\r\n"
    assert ask(browser, Visitor(cache.key), lambda data: data.run(Command("reader", "SET k v"))) == Line("done")


def test_nodes_that_send_in_circles_are_left(home: House) -> None:
    engines = Engines()
    browser, cache, visitor = browsing(home, engines)
    for host, other in ((FIRST, SECOND), (SECOND, FIRST)):
        engines.answers[of(cache, host), "TYPE"] = b"-MOVED 42 %s:6379\r\n" % of(cache, other).encode()
    with pytest.raises(Refusal, match="moves just now"):
        ask(browser, visitor, lambda data: data.value(Window(KEY)))


def test_an_edit_goes_to_whoever_leads_now(home: House) -> None:
    engines = Engines()
    browser, _, visitor = browsing(home, engines)
    replica = "orders-0002-002.0001"
    home.call("TestFailover", ReplicationGroupId="orders", NodeGroupId="0002")
    home.settle()
    leads = of(home.cache(Kind.REPLICATION_GROUP, "orders"), replica)
    engines.answers[leads, "TYPE"] = b"+string\r\n"
    engines.answers[leads, "GETRANGE"] = b"$1\r\nv\r\n"
    engines.answers[leads, "PTTL"] = b":5000\r\n"
    engines.answers[leads, "EXEC"] = b"*2\r\n+OK\r\n:1\r\n"
    ask(browser, visitor, lambda data: data.edit(Edit(Window(KEY, SECOND), "string", b"", b"v", b"w")))
    assert engines.asked[-4:] == [(leads, words) for words in ("MULTI", "SET k w", "PEXPIRE k 5000", "EXEC")]


@pytest.mark.parametrize(
    ("begin", "answer", "asked"),
    [
        ("GETRANGE", b"$5\r\nother\r\n", False),  # somebody else was there before
        ("TYPE", b"+hash\r\n", False),
        ("TYPE", b"+none\r\n", False),
        ("EXEC", b"*-1\r\n", True),  # and between
    ],
)
def test_what_somebody_else_has_changed_is_not_overwritten(home: House, begin: str, answer: bytes, asked: bool) -> None:
    engines = Engines()
    browser, cache, visitor = browsing(home, engines)
    host = of(cache, FIRST)
    usual = {"TYPE": b"+string\r\n", "GETRANGE": b"$1\r\nv\r\n", "PTTL": b":-1\r\n", "EXEC": b"*1\r\n+OK\r\n"}
    engines.answers |= {(host, words): told for words, told in (usual | {begin: answer}).items()}
    with pytest.raises(Conflict, match="nothing was done"):
        ask(browser, visitor, lambda data: data.edit(Edit(Window(KEY, FIRST), "string", b"", b"v", b"w")))
    assert ((host, "EXEC") in engines.asked) is asked


@pytest.mark.parametrize(
    ("ttl", "words"), [(0, "UNLINK k"), (None, "PERSIST k"), (5000, "PEXPIRE k 5000")], ids=["now", "never", "later"]
)
def test_a_key_ends_now_later_or_never_if_it_is_as_long_as_it_was(home: House, ttl: int | None, words: str) -> None:
    engines = Engines()
    browser, cache, visitor = browsing(home, engines)
    host = of(cache, FIRST)
    engines.answers |= {(host, "TYPE"): b"+list\r\n", (host, "LLEN"): b":3\r\n", (host, "EXEC"): b"*1\r\n:1\r\n"}
    with pytest.raises(Conflict):
        ask(browser, visitor, lambda data: data.end(Fate(Window(KEY, FIRST), "list", 4, ttl)))
    assert (host, words) not in engines.asked
    ask(browser, visitor, lambda data: data.end(Fate(Window(KEY, FIRST), "list", 3, ttl)))
    assert engines.asked[-3:] == [(host, said) for said in ("MULTI", words, "EXEC")]


@pytest.mark.parametrize(
    ("kind", "element", "value", "words"),
    [
        ("string", b"", b"v", "SET k v"),
        ("hash", b"f", b"v", "HSET k f v"),
        ("list", b"", b"v", "RPUSH k v"),
        ("set", b"m", b"", "SADD k m"),
        ("zset", b"m", b"1.5", "ZADD k 1.5 m"),
        ("stream", b"f", b"v", "XADD k * f v"),
    ],
)
def test_a_key_begins_with_its_first_element(home: House, kind: str, element: bytes, value: bytes, words: str) -> None:
    engines = Engines()
    browser, cache, visitor = browsing(home, engines)
    engines.answers[of(cache, FIRST), "TYPE"] = b"+none\r\n"
    engines.answers[of(cache, FIRST), "EXEC"] = b"*1\r\n+OK\r\n"
    ask(browser, visitor, lambda data: data.create(Edit(Window(KEY), kind, element, None, value)))
    assert [command for _, command in engines.asked if not command.startswith(("READONLY", "TYPE"))] == [
        "WATCH k",
        "MULTI",
        words,
        "EXEC",
    ]


@pytest.mark.parametrize("kind", ["string", "hash", "nonsense"])
def test_a_key_that_is_there_is_not_made_again(home: House, kind: str) -> None:
    engines = Engines()
    browser, cache, visitor = browsing(home, engines)
    engines.answers[of(cache, FIRST), "TYPE"] = b"+string\r\n"
    with pytest.raises(Refusal if kind == "nonsense" else Conflict):
        ask(browser, visitor, lambda data: data.create(Edit(Window(KEY), kind, b"", None, b"v")))
    assert "MULTI" not in {command for _, command in engines.asked}


def test_what_would_be_touched_is_measured_where_it_is(home: House) -> None:
    engines = Engines()
    browser, cache, visitor = browsing(home, engines)
    first, second = of(cache, FIRST), of(cache, SECOND)
    slow = b"*1\r\n*3\r\n$7\r\nhgetall\r\n:2\r\n*1\r\n+readonly\r\n"
    engines.answers |= {(first, "COMMAND INFO"): slow, (first, "COMMAND GETKEYS"): b"*1\r\n$1\r\nh\r\n"}
    engines.answers[first, "TYPE h"] = b"-MOVED 42 %s:6379\r\n" % second.encode()
    engines.answers[first, "HLEN h"] = b"-MOVED 42 %s:6379\r\n" % second.encode()
    engines.answers |= {(second, "TYPE h"): b"+hash\r\n", (second, "HLEN h"): b":10001\r\n"}
    with pytest.raises(Refusal, match="Use HSCAN with COUNT"):
        ask(browser, visitor, lambda data: data.run(Command(FIRST, "hgetall h")))
    assert not [command for _, command in engines.asked if command.startswith("hgetall")]
    engines.answers[second, "HLEN h"] = b":10000\r\n"
    assert ask(browser, visitor, lambda data: data.run(Command(FIRST, "hgetall h"))) == Line("OK")


def test_who_enters_brings_what_was_typed_and_questions_about_commands_are_our_own(home: House) -> None:
    engines = Engines()
    secret = {"TransitEncryptionEnabled": True, "AuthToken": "a-token-of-the-test"}
    browser, cache, _ = browsing(home, engines, **secret)
    visitor = Visitor(cache.key, "", "typed")
    host = of(cache, FIRST)
    engines.answers[host, "AUTH typed"] = b"-WRONGPASS no\r\n"
    with pytest.raises(Denied):
        ask(browser, visitor, lambda data: data.slow(FIRST))
    engines.answers[host, "AUTH typed"] = b"+OK\r\n"
    assert ask(browser, visitor, lambda data: data.run(Command(FIRST, "SET k v"))) == Line("OK")
    said = [command for there, command in engines.asked if there == host]
    assert f"AUTH {AGENT} agents-own" in said
    assert said.index("AUTH typed") < said.index("SET k v")
    after_own = said[said.index(f"AUTH {AGENT} agents-own") :]
    assert "COMMAND INFO SET" in after_own
    assert engines.authorities[-1] == Path("ca.pem")


def test_a_node_that_hangs_and_one_that_is_not_there_are_told(home: House) -> None:
    engines = Engines()
    browser, cache, visitor = browsing(home, engines)
    engines.away.add(of(cache, FIRST))
    page = ask(browser, visitor, lambda data: data.keys(KeySearch()))
    assert (page.cursor, page.note) == ("0002:0", f"{FIRST} does not answer in time; its keys are left out")
    with pytest.raises(Silent, match=f"{FIRST} does not answer in time"):
        ask(browser, visitor, lambda data: data.slow(FIRST))
    for place in ("orders-0009-001.0001", "elsewhere", "127.0.0.1:22"):
        with pytest.raises(Refusal, match="no node and no endpoint"):
            ask(browser, visitor, lambda data: data.run(Command(place, "PING")))  # noqa: B023 - asked in this turn


def test_nobody_connects_to_addresses_of_a_pretend_machine() -> None:
    with pytest.raises(Refusal, match="pretended"):
        pretend(Address("10.0.0.1", 6379), None, 0.0, 1)
