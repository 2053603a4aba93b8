"""What is remembered of stacks, over HTTP: what is answered, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from cachewright.controlplane.app import application
from cachewright.controlplane.console.paths import STACKS
from cachewright.controlplane.console.stacks import stack_routes
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.wire.gate import Open
from tests.api.test_console_drills import Client

HERE = {"account": "000000000000", "region": "us-east-1"}


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A client of these routes alone, over an empty database."""

    def dispatch(operation: str, params: dict[str, Any], caller: object) -> dict[str, Any]:
        raise AssertionError(f"this is no operation of AWS: {operation}")

    store = Store(f"sqlite:///{tmp_path / 'stacks.db'}")
    store.prepare()
    return Client(application(dispatch, Open("us-east-1"), routers=lambda: [stack_routes(store)]))


def write(client: Client, **body: Any) -> tuple[int, Any]:
    status, answer = client.ask("POST", STACKS, json.dumps({**HERE, "name": "shop", "document": "d", **body}))
    return status, json.loads(answer)


def read(client: Client, account: str = HERE["account"]) -> Any:
    status, answer = client.ask("GET", f"{STACKS}/{account}/us-east-1")
    assert status == 200
    return json.loads(answer)


def test_a_document_is_kept_replaced_and_forgotten(client: Client) -> None:
    assert write(client, revision=0) == (200, {"revision": 1})
    assert write(client, revision=1, document="e") == (200, {"revision": 2})
    assert read(client) == {"shop": {"revision": 2, "document": "e"}}
    assert read(client, "000000000001") == {}
    assert write(client, revision=2, document="") == (200, {"revision": 0})
    assert read(client) == {}


def test_who_knows_an_older_one_is_refused(client: Client) -> None:
    write(client, revision=0)
    for revision in (0, 2):
        status, answer = write(client, revision=revision, document="other")
        assert (status, "somebody else applies the stack shop" in answer["error"]) == (409, True)
    assert read(client)["shop"]["document"] == "d"


@pytest.mark.parametrize(
    "body", [{}, {"revision": -1}, {"revision": 0, "name": "a/b"}, {"revision": 0, "account": "1"}]
)
def test_what_is_no_stack(client: Client, body: dict[str, Any]) -> None:
    assert write(client, **body)[0] == 400
    assert read(client) == {}
