"""Maintenance windows over HTTP: what is answered, and what is refused."""

import json
from typing import Any

import pytest

from cachewright.controlplane.app import application
from cachewright.controlplane.console.maintenance import maintenance_routes
from cachewright.controlplane.console.paths import MAINTENANCE
from cachewright.controlplane.model.drills import NoSuchTarget, Unfit
from cachewright.controlplane.wire.gate import Open
from tests.api.test_console_drills import Client


def run(target: str, account: str) -> dict[str, Any]:
    """Windows on paper."""
    if target == "nobody":
        raise NoSuchTarget("cannot find nobody")
    if target == "busy":
        raise Unfit("cannot open the maintenance window of busy")
    return {"cache": target, "applied": [account]}


@pytest.fixture
def client() -> Client:
    """A client of these routes alone."""

    def dispatch(operation: str, params: dict[str, Any], caller: object) -> dict[str, Any]:
        raise AssertionError(f"a window is no operation of AWS: {operation}")

    return Client(application(dispatch, Open("us-east-1"), routers=lambda: [maintenance_routes(run)]))


def asked(client: Client, **headers: str) -> tuple[int, Any]:
    """The answer to a proper request, but for its headers."""
    status, answer = client.ask("POST", MAINTENANCE, '{"target": "m", "account": "1"}', **headers)
    return status, answer


def test_a_window_is_opened(client: Client) -> None:
    status, answer = asked(client)
    assert (status, json.loads(answer)) == (202, {"cache": "m", "applied": ["1"]})


@pytest.mark.parametrize(("target", "status"), [("nobody", 404), ("busy", 409), ("", 400)])
def test_targets_that_will_not_do(client: Client, target: str, status: int) -> None:
    answered, answer = client.ask("POST", MAINTENANCE, json.dumps({"target": target}))
    assert (answered, target in json.loads(answer)["error"]) == (status, True)


def test_only_json_is_read(client: Client) -> None:
    assert asked(client, content_type="text/plain")[0] == 400
    assert client.ask("POST", MAINTENANCE, "{")[0] == 400
    assert client.ask("POST", MAINTENANCE, '{"target": "m", "when": "now"}')[0] == 400


@pytest.mark.parametrize("foreign", [{"origin": "http://evil.example"}, {"host": "evil.example"}])
def test_pages_of_others_are_kept_out(client: Client, foreign: dict[str, str]) -> None:
    assert asked(client, **foreign)[0] == 403
