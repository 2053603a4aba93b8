"""The pace over HTTP: what is answered, and what is refused."""

import json
from typing import Any

import pytest

from cachewright.controlplane.app import application
from cachewright.controlplane.console.pace import pace_routes
from cachewright.controlplane.console.paths import PACE
from cachewright.controlplane.model.pace import AS_IT_IS, Pace
from cachewright.controlplane.wire.gate import Open
from tests.api.test_console_drills import Client


class Keeper:
    """Whoever keeps a pace."""

    pace: Pace = AS_IT_IS

    def keep(self, pace: Pace) -> None:
        self.pace = pace


@pytest.fixture
def client() -> Client:
    """A client of these routes alone."""

    def dispatch(operation: str, params: dict[str, Any], caller: object) -> dict[str, Any]:
        raise AssertionError(f"a pace is no operation of AWS: {operation}")

    return Client(application(dispatch, Open("us-east-1"), routers=lambda: [pace_routes(Keeper())]))


def shown(client: Client) -> Any:
    status, answer = client.ask("GET", PACE)
    assert status == 200
    return json.loads(answer)["pace"]


def test_another_one_is_kept(client: Client) -> None:
    assert shown(client) == "off"
    status, answer = client.ask("PUT", PACE, '{"pace": "failover=20"}')
    assert (status, json.loads(answer)) == (200, {"pace": "failover=20"})
    assert shown(client) == "failover=20"


@pytest.mark.parametrize("body", ['{"pace": "fast"}', '{"pace": 1}', "{", '{"pace": "off", "for": "rg"}'])
def test_what_is_refused_changes_nothing(client: Client, body: str) -> None:
    assert client.ask("PUT", PACE, body)[0] == 400
    assert shown(client) == "off"


@pytest.mark.parametrize("foreign", [{"origin": "http://evil.example"}, {"host": "evil.example"}])
def test_pages_of_others_are_kept_out(client: Client, foreign: dict[str, str]) -> None:
    assert client.ask("PUT", PACE, '{"pace": "aws"}', **foreign)[0] == 403
    assert shown(client) == "off"


def test_only_json_is_read(client: Client) -> None:
    assert client.ask("PUT", PACE, '{"pace": "aws"}', content_type="text/plain")[0] == 400
