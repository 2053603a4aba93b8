"""The data of real engines, as the console asks for it: nothing of it holds a node up, and nobody's change is lost."""

import json
import time
import urllib.request
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from uuid import uuid4

import pytest

from cachewright.controlplane.console.paths import DATA
from tests.e2e.cloud import MICRO, Cloud, member_places, node_places, redis_at
from tests.e2e.encrypted import verifying
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

LARGE = 200 << 20  # bytes of a value
SECRET = f"correct-horse-{uuid4().hex}"
SECONDS = 3.0  # that a question may take
ODD = b"k\xff\x00"


def code(text: bytes) -> str:
    return urlsafe_b64encode(text).decode()


def plain(text: str) -> bytes:
    return urlsafe_b64decode(text)


@dataclass(frozen=True)
class Visit:
    """Somebody at the data tab of a cache."""

    cloud: Cloud
    kind: str
    id: str
    user: str = ""
    password: str = ""

    def ask(self, name: str, **body: Any) -> tuple[int, Any]:
        who = {"account": self.cloud.account, "region": self.cloud.region, "kind": self.kind, "id": self.id}
        content = json.dumps({**who, "user": self.user, "password": self.password, **body}).encode()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{self.cloud.plane.url}{DATA}/{name}", content, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status), json.load(answer)
        except HTTPError as refused:
            return refused.code, json.load(refused)

    def told(self, name: str, **body: Any) -> Any:
        status, answer = self.ask(name, **body)
        assert status == 200, answer
        return answer

    def refused(self, name: str, status: int, **body: Any) -> str:
        found, answer = self.ask(name, **body)
        assert found == status, answer
        return str(answer["error"])

    def run(self, place: str, line: str) -> Any:
        return self.told("command", place=place, line=line)

    def every_key(self, **wanted: str) -> dict[bytes, Any]:
        """All keys, page by page."""
        found: dict[bytes, Any] = {}
        cursor, pages = "", 0
        while pages == 0 or cursor:
            page = self.told("keys", cursor=cursor, **wanted)
            found |= {plain(key["key"]): key for key in page["keys"]}
            cursor, pages = page["cursor"], pages + 1
        return found

    def items(self, key: bytes, **wanted: str) -> list[list[bytes]]:
        return [[plain(part) for part in row] for row in self.told("value", key=code(key), **wanted)["items"]]


def test_a_cluster_is_looked_through_and_changed_as_one(cloud: Cloud) -> None:
    shape = {"NumNodeGroups": 2, "ReplicasPerNodeGroup": 0, "AutomaticFailoverEnabled": True}
    usual = {"ReplicationGroupDescription": "of a test", "Engine": "valkey", "CacheNodeType": MICRO}
    cloud.api.create_replication_group(ReplicationGroupId="orders", **usual, **shape)
    cloud.api.get_waiter("replication_group_available").wait(
        ReplicationGroupId="orders", WaiterConfig={"Delay": 0.05, "MaxAttempts": 1200}
    )
    visit = Visit(cloud, "replication-group", "orders")
    for tag in "ab":  # whose slots are of both shards
        words = " ".join(f"{{{tag}}}:{number} {number}" for number in range(150))
        assert visit.run("configuration", f"MSET {words}") == {"line": "OK"}
    visit.run("orders-0001-001.0001", r'HSET "k\xff\x00" field 1 "\xfe" 2')
    found = visit.every_key()
    assert set(found) == {ODD, *(b"{%c}:%d" % (tag, number) for tag in b"ab" for number in range(150))}
    assert {key["node"] for key in found.values()} == {"orders-0001-001.0001", "orders-0002-001.0001"}
    assert set(visit.every_key(pattern="*:14*", type="string")) == {key for key in found if b":14" in key}
    assert set(visit.every_key(type="hash")) == {ODD}
    assert sorted(visit.items(ODD)) == [[b"field", b"1"], [b"\xfe", b"2"]]

    edit = {"key": code(ODD), "type": "hash", "element": code(b"field"), "was": code(b"1")}
    visit.told("edit", **edit, value=code(b"mine"))
    assert "meanwhile" in visit.refused("edit", 409, **edit, value=code(b"yours"))
    assert [b"field", b"mine"] in visit.items(ODD)
    end = {"key": code(ODD), "type": "hash"}
    assert "meanwhile" in visit.refused("end", 409, **end, length=3, ttl=0)
    visit.told("end", **end, length=2, ttl=60_000)
    assert 0 < visit.told("value", key=code(ODD))["ttl"] <= 60_000
    visit.told("end", **end, length=2, ttl=None)
    assert visit.told("value", key=code(ODD))["ttl"] is None
    visit.told("end", **end, length=2, ttl=0)
    assert "gone" in visit.refused("value", 422, key=code(ODD))
    for key, kind in ((b"", "stream"), (b"made", "zset")):
        made = {"key": code(key), "type": kind, "element": code(b"7"), "value": code(b"8")}
        visit.told("create", **made)
        assert "already" in visit.refused("create", 409, **made)
        assert visit.items(key)[0][-2:] == [b"7", b"8"]

    cloud.containers()["orders-0002-001.0001"].kill("SIGSTOP")  # it is replaced, in its time
    begun = time.monotonic()
    page = visit.told("keys", cursor="0002:0")
    assert (page["keys"], page["cursor"]) == ([], "")
    assert page["note"].startswith("orders-0002-001.0001 "), "it hangs, or was ended meanwhile"
    assert page["note"].endswith("its keys are left out")
    assert time.monotonic() - begun < 2 * SECONDS


def test_a_user_sees_and_does_what_the_user_may(cloud: Cloud) -> None:
    """Who may not even ask an engine about its commands is kept from what would hold it up all the same."""
    access = "on ~app:* -@all +@read +@write +@keyspace"
    usual = {"Engine": "redis", "Passwords": [SECRET], "AccessString": access}
    cloud.api.create_user(UserId="app", UserName="app", **usual)
    cloud.api.create_user_group(UserGroupId="people", Engine="redis", UserIds=["default", "app"])
    group = cloud.group("shop", 1, UserGroupIds=["people"], TransitEncryptionEnabled=True)
    (where,) = member_places(group).values()
    default, app = (Visit(cloud, "replication-group", "shop", *who) for who in (("default", ""), ("app", SECRET)))
    wrong = Visit(cloud, "replication-group", "shop", "app", "wrong-horse-battery")
    assert app.told("entrances") == {"users": {"default": False, "app": True}, "databases": 16}
    assert "WRONGPASS" in wrong.refused("keys", 401)
    assert default.run("primary", "MSET app:1 one other 2") == {"line": "OK"}
    assert {key: seen["type"] for key, seen in app.every_key().items()} == {b"app:1": "string", b"other": ""}
    assert "NOPERM" in app.refused("value", 422, key=code(b"other"))
    assert "NOPERM" in app.run("primary", "GET other")["error"]
    assert app.run("primary", "GET app:1") == {"bytes": code(b"one")}
    with redis_at(where, **verifying(cloud.plane)) as client:
        client.rpush("app:queue", *range(20_000))
    assert "LRANGE" in app.refused("command", 422, place="reader", line="LRANGE app:queue 0 -1")
    names = {command["name"] for command in app.told("docs", place="primary")["commands"]}
    assert {"GET", "CLIENT LIST"} <= names
    assert SECRET not in cloud.plane.log.read_text()


def test_nothing_holds_a_node_up(cloud: Cloud) -> None:
    where = node_places(cloud.cluster("large"))["0001"]
    visit = Visit(cloud, "cache-cluster", "large")
    with redis_at(where) as client:
        client.setrange("large", LARGE - 1, "x")
        client.rpush("queue", *range(20_000))
        client.xadd("log", {"level": "info"}, id="1-1")
        client.zadd("board", {"ada": 1.5})
        client.sadd("tags", "red")
        client.eval("for i = 1, 30000000 do end", 0)
        value = visit.told("value", key=code(b"large"))
        assert (value["length"], len(plain(value["items"][0][0])), value["next"]) == (LARGE, 1 << 16, str(1 << 16))
        assert visit.told("value", key=code(b"queue"), at="100")["items"][0] == [code(b"100"), code(b"100")]
        for line, instead in (
            ("GET large", "GETRANGE"),
            ("LRANGE queue 0 -1", "LRANGE"),
            ("DEL queue", "UNLINK"),
            ("KEYS *", "SCAN"),
            ("BLPOP nothing 0", "LPOP"),
        ):
            assert instead in visit.refused("command", 422, place="large.0001", line=line)
        assert len(visit.run("large.0001", "LRANGE queue 0 99")["list"]) == 100
        for kind, key, element, was in (
            ("list", b"queue", b"1", code(b"1")),
            ("stream", b"log", b"1-1", ""),
            ("zset", b"board", b"ada", code(b"1.5")),
            ("set", b"tags", b"red", ""),
        ):
            edit = {"key": code(key), "type": kind, "element": code(element), "value": None}
            assert "meanwhile" in visit.refused("edit", 409, **edit, was=code(b"other"))
            visit.told("edit", **edit, was=was)
        assert client.lrange("queue", 0, 1) == ["0", "2"]
        assert client.exists("log", "board", "tags") == 1, "of these only a stream may be empty"
        slow = visit.told("slow-log", place="large.0001")["entries"]
        assert any(entry["words"][0] == "EVAL" and entry["microseconds"] > 10_000 for entry in slow)


def test_memcached_is_looked_through(cloud: Cloud) -> None:
    cloud.cluster("pages", Engine="memcached", NumCacheNodes=2)
    visit = Visit(cloud, "cache-cluster", "pages")
    for node in ("0001", "0002"):
        visit.run(f"pages.{node}", f"set page:{node} 7 600 5 hello")
        assert visit.run(f"pages.{node}", "get other") == {"list": []}
    assert "lru_crawler" in visit.told("keys")["note"]
    for node in ("0001", "0002"):
        visit.run(f"pages.{node}", "lru_crawler enable")
    until("both are listed", lambda: set(visit.every_key(pattern="page:*")) == {b"page:0001", b"page:0002"})
    value = visit.told("value", key=code(b"page:0002"))
    assert (value["node"], value["ttl"] > 500_000) == ("pages.0002", True)
    made = {"key": code(b"page:new"), "type": "item", "node": "pages.0002", "value": code(b"fresh")}
    visit.told("create", **made)
    assert "already" in visit.refused("create", 409, **made)
    assert visit.items(b"page:new") == [[b"fresh"]]
    edit = {"key": code(b"page:0002"), "type": "item", "was": code(b"hello")}
    visit.told("edit", **edit, value=code(b"hullo"))
    assert "meanwhile" in visit.refused("edit", 409, **edit, value=code(b"hallo"))
    changed = visit.told("value", key=code(b"page:0002"))
    assert (changed["items"], changed["encoding"], changed["ttl"] > 500_000) == ([[code(b"hullo")]], "flags 7", True)
    visit.told("end", key=code(b"page:0002"), type="item", length=5, ttl=0)
    assert "no node has this key" in visit.refused("value", 422, key=code(b"page:0002"))
