"""Drills with real containers, over the command line and over HTTP."""

import json
import urllib.request
from typing import Any

import pytest

from cachewright.agents.planning.labels import NODE
from cachewright.controlplane.model.drills import PREFIX
from tests.e2e.cloud import Cloud, member_places, place, redis_at, roles
from tests.e2e.plane import run
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker


def drill(cloud: Cloud, *words: str) -> dict[str, Any]:
    """What a drill of the command line cost the one cache that it hit."""
    ended = run(*words, "--json", "--url", cloud.plane.url)
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert (report["progress"], report["reason"]) == ("done", "")
    (outcome,) = report["outcomes"]
    return dict(outcome)


def request(cloud: Cloud, method: str, path: str, body: object = None) -> Any:
    """An answer over HTTP."""
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(cloud.plane.url + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return json.loads(answer.read())


def assert_clean(cloud: Cloud, group: str) -> None:
    """The group is available, and no key of the drill is left."""
    shown = cloud.available_group(group)
    client = redis_at(place(shown["PrimaryEndpoint"]))
    until("no key of a drill is left", lambda: not list(client.scan_iter(match=f"{PREFIX}*")))


@pytest.mark.parametrize("kind", ["kill", "pause"])
def test_a_primary(cloud: Cloud, kind: str) -> None:
    before = cloud.group("rg")
    outcome = drill(cloud, "drill", kind, "rg", "--account", cloud.account)
    assert outcome["nodes"] == ["rg-001.0001"]
    assert 0 < outcome["detection_ms"] <= outcome["promotion_ms"] <= outcome["recovery_ms"]
    assert 0 < outcome["outage_ms"] <= outcome["recovery_ms"] + 1000
    assert outcome["writes"] > 20
    assert 0 <= outcome["lost"] <= outcome["writes"]
    assert_clean(cloud, "rg")
    after = cloud.shown_group("rg")
    assert roles(after)["rg-001"] == "replica"
    assert member_places(after) == member_places(before)
    cloud.await_nodes("rg-001.0001", "rg-002.0001", "rg-003.0001")


def test_a_guarded_primary(cloud: Cloud) -> None:
    cloud.group("rg", nodes=2, TransitEncryptionEnabled=True, AuthToken="a-token-of-sixteen")
    outcome = drill(cloud, "drill", "kill", "rg", "--account", cloud.account)
    assert outcome["promotion_ms"]
    assert outcome["writes"] > 20


def test_a_replica_that_is_cut_off_and_comes_back(cloud: Cloud) -> None:
    cloud.group("rg", nodes=2)
    container = cloud.containers()["rg-002.0001"]
    outcome = drill(cloud, "drill", "cut-off", "rg-002/0001", "--for", "0.3", "--account", cloud.account)
    assert (outcome["promotion_ms"], outcome["lost"]) == (None, 0)
    assert_clean(cloud, "rg")
    assert cloud.containers()["rg-002.0001"].id == container.id


def test_a_replica_that_is_cut_off_for_good_is_replaced(cloud: Cloud) -> None:
    cloud.group("rg", nodes=2)
    container = cloud.containers()["rg-002.0001"]
    outcome = drill(cloud, "drill", "cut-off", "rg-002/0001", "--for", "60", "--account", cloud.account)
    assert (outcome["promotion_ms"], outcome["lost"]) == (None, 0)
    assert 0 < outcome["detection_ms"] < outcome["recovery_ms"]
    assert_clean(cloud, "rg")
    assert cloud.containers()["rg-002.0001"].id != container.id


def test_a_zone_goes_and_comes_back(cloud: Cloud) -> None:
    zones = ["eu-west-1c", "eu-west-1a"]  # where no other test has nodes
    there = Cloud(cloud.plane, cloud.machine, cloud.account, "eu-west-1")
    there.group("rg", nodes=2, PreferredCacheClusterAZs=zones, MultiAZEnabled=True)
    outcome = drill(cloud, "zone", "down", zones[0])
    assert outcome["nodes"] == ["rg-001.0001"]
    assert outcome["promotion_ms"]
    until("nothing of it runs", lambda: _running(there) == {"rg-002.0001"})
    assert roles(there.shown_group("rg"))["rg-002"] == "primary"
    up = run("zone", "up", zones[0], "--url", cloud.plane.url)
    assert up.stdout == f"{zones[0]} is up\n"
    there.await_nodes("rg-001.0001", "rg-002.0001")
    assert_clean(there, "rg")


def test_over_http(cloud: Cloud) -> None:
    cloud.group("rg", nodes=2)
    body = {"kind": "kill", "target": "rg/0001", "account": cloud.account}
    begun = request(cloud, "POST", "/_cachewright/drills", body)

    def ended() -> Any:
        report = request(cloud, "GET", f"/_cachewright/drills/{begun['id']}")
        return report if report["progress"] != "running" else None

    report = until("the drill is over", ended)
    assert report["progress"] == "done"
    steps = [step["what"] for step in report["steps"]][1:4]
    assert sorted(steps) == ["killed rg-001.0001", "rg: another node leads", "rg: the agent knows"]
    assert steps.index("rg: the agent knows") < steps.index("rg: another node leads")  # Docker may tell of it last


def test_a_slow_network_or_the_reason_why_not(cloud: Cloud) -> None:
    cloud.group("rg", nodes=2)
    words = ("drill", "slow-down", "rg", "--for", "1", "--delay", "50", "--account", cloud.account)
    ended = run(*words, "--json", "--url", cloud.plane.url)
    report = json.loads(ended.stdout)
    if report["progress"] == "failed":
        assert ended.stderr == (
            "cachewright: cannot slow rg-001.0001 down: the kernel of the engine's machine cannot delay packets: "
            "it has no sch_netem\n"
        )
    else:
        assert report["outcomes"][0]["outage_ms"] >= 50
    assert_clean(cloud, "rg")


def _running(cloud: Cloud) -> set[str]:
    return {one.labels[NODE] for one in cloud.containers().values() if one.status == "running"}
