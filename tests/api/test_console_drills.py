"""Drills over HTTP: what is answered, and what is refused."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cachewright.controlplane.app import Application, application
from cachewright.controlplane.console.router import console
from cachewright.controlplane.model.drills import DrillKind, NoSuchTarget, Order, Progress, Report, Slowed, Unfit
from cachewright.controlplane.model.questions import NoEngines
from cachewright.controlplane.wire.gate import Open
from tests.api.test_protocol import ask
from tests.api.world import shared_store

DRILLS = "/_cachewright/drills"


@dataclass(slots=True)
class Paper:
    """Drills on paper: they are over at once."""

    reports: dict[str, Report] = field(default_factory=dict)
    delays: dict[str, int] = field(default_factory=dict)

    def begin(self, order: Order) -> Report:
        if order.target == "nobody":
            raise NoSuchTarget("cannot find nobody")
        if order.target == "busy":
            raise Unfit("cannot hold a drill on busy")
        return self.reports.setdefault("1", Report("1", order, Progress.DONE))

    def report(self, identifier: str) -> Report | None:
        return self.reports.get(identifier)

    def bring_up(self, target: str) -> bool:
        if target == "moon":
            raise NoSuchTarget("cannot find moon")
        return target in ("us-east-1a", "eu-west-1")

    def slow_down(self, region: str, delay: int) -> Slowed:
        if region == "moon":
            raise NoSuchTarget("cannot find moon")
        before, self.delays[region] = self.delays.get(region, 0), delay
        return Slowed(region, delay, before, ("eu-west-1/away",))


@dataclass(frozen=True, slots=True)
class Client:
    """Speaks to the console alone."""

    app: Application

    def ask(self, method: str, path: str, content: str = "", **headers: str) -> tuple[int, str]:
        """The status and the body of the answer."""
        usual = {"host": "127.0.0.1", "content-type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = ask(self.app, method, path, usual | named, content.encode())
        return answer.status, answer.body.decode()

    def drill(self, **body: Any) -> tuple[int, Any]:
        """The status of the answer to a request for a drill, and what it says."""
        status, answer = self.ask("POST", DRILLS, json.dumps(body))
        return status, json.loads(answer)

    def told(self, method: str, path: str) -> tuple[int, Any]:
        """The same without a body."""
        status, answer = self.ask(method, path)
        return status, json.loads(answer)


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A client of the console alone."""
    authority = tmp_path / "ca.pem"
    authority.write_text("certificate")

    def dispatch(operation: str, params: dict[str, Any], caller: object) -> dict[str, Any]:
        raise AssertionError(f"a drill is no operation of AWS: {operation}")

    pages = lambda: [console(shared_store(), Paper(), lambda: authority, NoEngines())]  # noqa: E731
    return Client(application(dispatch, Open("us-east-1"), routers=pages))


def test_a_drill_is_begun_and_looked_at(client: Client) -> None:
    status, begun = client.drill(kind="cut-off", target="rg", seconds=2)
    assert (status, begun["progress"]) == (202, "done")
    assert begun["order"] == {"kind": "cut-off", "target": "rg", "seconds": 2.0, "delay": 200, "account": ""}
    assert client.told("GET", f"{DRILLS}/{begun['id']}") == (200, begun)


def test_a_zone_may_stay_down(client: Client) -> None:
    _, begun = client.drill(kind="zone-down", target="us-east-1a", seconds=None)
    assert begun["order"]["seconds"] is None


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, "kind: Field required; target: Field required"),
        ({"kind": "explode", "target": "rg"}, "kind: Input should be 'kill'"),
        ({"kind": "kill", "target": ""}, "target: "),
        ({"kind": "kill", "target": "rg", "seconds": 0}, "seconds: Input should be greater than 0"),
        ({"kind": "kill", "target": "rg", "seconds": 3601}, "seconds: Input should be less than or equal to 3600"),
        (
            {"kind": "kill", "target": "rg", "seconds": None},
            "body: Value error, only a zone or a region may be down without an end",
        ),
        ({"kind": "slow-down", "target": "rg", "delay": 0}, "delay: Input should be greater than or equal to 1"),
        ({"kind": "kill", "target": "rg", "force": True}, "force: Extra inputs are not permitted"),
    ],
)
def test_bad_requests(client: Client, body: dict[str, Any], wrong: str) -> None:
    status, answer = client.drill(**body)
    assert status == 400
    assert wrong in answer["error"]


def test_only_json_is_read(client: Client) -> None:
    body = '{"kind": "kill", "target": "rg"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        status, answer = client.ask("POST", DRILLS, body, content_type=kind)
        assert (status, json.loads(answer)) == (400, {"error": "the body has to be application/json"})
    assert client.ask("POST", DRILLS, "{")[0] == 400
    assert client.ask("POST", DRILLS, body, content_type="application/json; charset=utf-8")[0] == 202


@pytest.mark.parametrize(("target", "status"), [("nobody", 404), ("busy", 409)])
def test_targets_that_will_not_do(client: Client, target: str, status: int) -> None:
    answered, answer = client.drill(kind="kill", target=target)
    assert answered == status
    assert target in answer["error"]


def test_what_nobody_knows(client: Client) -> None:
    assert client.told("GET", f"{DRILLS}/7") == (404, {"error": "nothing is known of a drill 7"})
    assert client.told("DELETE", "/_cachewright/zones/moon/outage") == (404, {"error": "cannot find moon"})


def test_zones_are_brought_up(client: Client) -> None:
    answers = [client.told("DELETE", f"/_cachewright/zones/us-east-1{letter}/outage")[1] for letter in "ab"]
    assert answers == [{"zone": "us-east-1a", "was_down": True}, {"zone": "us-east-1b", "was_down": False}]
    region = client.told("DELETE", "/_cachewright/regions/eu-west-1/outage")
    assert region == (200, {"region": "eu-west-1", "was_down": True, "was_slow": False})


def slowed(client: Client, region: str, body: str) -> tuple[int, Any]:
    status, answer = client.ask("PUT", f"/_cachewright/regions/{region}/delay", body)
    return status, json.loads(answer)


def test_a_region_is_slow_until_it_is_told_otherwise_or_brought_up(client: Client) -> None:
    told = {"region": "eu-west-1", "caches": ["eu-west-1/away"]}
    assert slowed(client, "eu-west-1", '{"delay": 80}') == (200, {**told, "delay": 80, "before": 0})
    assert slowed(client, "eu-west-1", '{"delay": 0}') == (200, {**told, "delay": 0, "before": 80})
    slowed(client, "eu-west-1", '{"delay": 1000}')
    up = client.told("DELETE", "/_cachewright/regions/eu-west-1/outage")
    assert up == (200, {"region": "eu-west-1", "was_down": True, "was_slow": True})


@pytest.mark.parametrize(
    ("region", "body", "status", "wrong"),
    [
        ("eu-west-1", '{"delay": -1}', 400, "delay: Input should be greater than or equal to 0"),
        ("eu-west-1", '{"delay": 1001}', 400, "delay: Input should be less than or equal to 1000"),
        ("eu-west-1", '{"delay": "banana"}', 400, "delay: Input should be a valid integer"),
        ("eu-west-1", "{}", 400, "delay: Field required"),
        ("moon", '{"delay": 80}', 404, "cannot find moon"),
    ],
)
def test_delays_that_will_not_do(client: Client, region: str, body: str, status: int, wrong: str) -> None:
    answered, answer = slowed(client, region, body)
    assert answered == status
    assert wrong in answer["error"]


@pytest.mark.parametrize("foreign", [{"origin": "http://evil.example"}, {"host": "evil.example"}])
def test_pages_of_others_are_kept_out(client: Client, foreign: dict[str, str]) -> None:
    assert client.ask("POST", DRILLS, '{"kind": "kill", "target": "rg"}', **foreign)[0] == 403


def test_the_authority_is_told(client: Client) -> None:
    assert client.ask("GET", "/ca.pem") == (200, "certificate")


def test_every_kind_can_be_asked_for(client: Client) -> None:
    for kind in DrillKind:
        assert client.drill(kind=kind.value, target="rg")[0] == 202
