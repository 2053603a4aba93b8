"""Automatic snapshots over HTTP: what is answered, and what is refused."""

import json
from typing import Any

import pytest

from cachewright.controlplane.app import application
from cachewright.controlplane.console.paths import SNAPSHOTS
from cachewright.controlplane.console.snapshots import snapshot_routes
from cachewright.controlplane.model.automatic import Daily
from cachewright.controlplane.model.drills import NoSuchTarget, Unfit
from cachewright.controlplane.model.snapshots import SnapshotKey, SnapshotStatus
from cachewright.controlplane.wire.gate import Open
from tests.api.test_console_drills import Client


class Paper:
    """Snapshots on paper: they are there at once."""

    def run(self, target: str, account: str) -> Daily:
        if target == "nobody":
            raise NoSuchTarget("cannot find nobody")
        if target == "busy":
            raise Unfit("cannot take the day's snapshot of busy")
        return Daily(account, "r", target, SnapshotStatus.CREATING)

    def report(self, key: SnapshotKey) -> Daily:
        if key.name == "nobody":
            raise NoSuchTarget("cannot find nobody")
        return Daily(key.account, key.region, key.name, SnapshotStatus.FAILED, "why")


@pytest.fixture
def client() -> Client:
    """A client of these routes alone."""

    def dispatch(operation: str, params: dict[str, Any], caller: object) -> dict[str, Any]:
        raise AssertionError(f"this is no operation of AWS: {operation}")

    return Client(application(dispatch, Open("us-east-1"), routers=lambda: [snapshot_routes(Paper())]))


def test_one_is_taken_and_told_of(client: Client) -> None:
    status, answer = client.ask("POST", SNAPSHOTS, '{"target": "s", "account": "1"}')
    asked = {"account": "1", "region": "r", "name": "s", "status": "creating", "failure": ""}
    assert (status, json.loads(answer)) == (202, asked)
    status, answer = client.ask("GET", f"{SNAPSHOTS}/1/r/s")
    assert (status, json.loads(answer)) == (200, asked | {"status": "failed", "failure": "why"})


@pytest.mark.parametrize(("target", "status"), [("nobody", 404), ("busy", 409), ("", 400)])
def test_targets_that_will_not_do(client: Client, target: str, status: int) -> None:
    answered, answer = client.ask("POST", SNAPSHOTS, json.dumps({"target": target}))
    assert (answered, target in json.loads(answer)["error"]) == (status, True)


def test_one_that_is_not_there(client: Client) -> None:
    status, answer = client.ask("GET", f"{SNAPSHOTS}/1/r/nobody")
    assert (status, json.loads(answer)) == (404, {"error": "cannot find nobody"})


def test_only_json_of_our_own_pages_is_read(client: Client) -> None:
    assert client.ask("POST", SNAPSHOTS, '{"target": "s"}', content_type="text/plain")[0] == 400
    assert client.ask("POST", SNAPSHOTS, '{"target": "s"}', origin="http://evil.example")[0] == 403
