"""What is answered while the application is still loaded, and by whom."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from cachewright.controlplane.server.front import Application, Front
from tests.api.test_protocol import Answer, build

HEALTH = ("GET", "/healthz", "localhost")


async def sent_to(front: Application, method: str, path: str, host: str, kind: str = "http") -> list[Any]:
    """What is sent to one request, as the server makes it of what comes in."""
    scope: dict[str, Any] = {"type": kind, "method": method, "path": path, "query_string": b"", "root_path": ""}
    scope |= {"scheme": "http", "headers": [(b"host", host.encode())], "server": ("127.0.0.1", 4568)}
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await front(scope, receive, send)
    return sent


async def asked(front: Application, method: str, path: str, host: str) -> Answer:
    """The answer to one request."""
    start, *rest = await sent_to(front, method, path, host)
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(one["body"] for one in rest), 0)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:4568", "cache.test"])
def test_health_is_told_before_the_application_is_there_as_it_is_afterwards(host: str) -> None:
    made: Future[Application] = Future()
    front = Front(made, {"cache.test"})
    before = asyncio.run(asked(front, "GET", "/healthz", host))
    made.set_result(build(allowed_hosts=["cache.test"]))
    after = asyncio.run(asked(front, "GET", "/healthz", host))
    assert (before.status, before.body, before.headers.keys()) == (200, after.body, after.headers.keys())
    assert after.status == 200


@pytest.mark.parametrize(
    ("method", "path", "host", "status"),
    [("GET", "/", "localhost", 400), ("POST", "/healthz", "localhost", 405), ("GET", "/healthz", "evil.test", 403)],
)
def test_everything_else_waits_for_the_application(method: str, path: str, host: str, status: int) -> None:
    async def answer() -> Answer:
        made: Future[Application] = Future()
        waiting = asyncio.create_task(asked(Front(made, ()), method, path, host))
        await asyncio.sleep(0)  # the request has come as far as it gets
        assert (await asked(Front(made, ()), *HEALTH)).status == 200
        assert not waiting.done()
        made.set_result(build())
        return await waiting

    assert asyncio.run(answer()).status == status


def test_a_request_that_is_given_up_does_not_end_what_others_wait_for() -> None:
    async def answer() -> Answer:
        made: Future[Application] = Future()
        front = Front(made, ())
        given_up, waiting = (asyncio.create_task(asked(front, "GET", "/", "localhost")) for _ in range(2))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait([given_up])
        made.set_result(build())
        return await waiting

    assert asyncio.run(answer()).status == 400


def broken() -> "Future[Application]":
    made: Future[Application] = Future()
    made.set_exception(OSError("no disk & no\nroom"))
    return made


def given_up() -> "Future[Application]":
    made: Future[Application] = Future()
    made.cancel()
    return made


@pytest.mark.parametrize(
    ("made", "reason"),
    [(broken, "cannot load the application: OSError: no disk &amp; no room"), (given_up, "told to stop")],
)
@pytest.mark.parametrize("path", ["/", "/healthz"])
def test_without_an_application_the_service_is_unavailable(
    made: Callable[[], "Future[Application]"], reason: str, path: str
) -> None:
    answer = asyncio.run(asked(Front(made(), ()), "GET", path, "localhost"))
    assert (answer.status, answer.headers["content-type"]) == (503, "text/xml")
    assert b"<Type>Receiver</Type><Code>ServiceUnavailable</Code>" in answer.body
    assert reason in answer.body.decode()
    assert f"<RequestId>{answer.headers['x-amzn-requestid']}</RequestId>" in answer.body.decode()


def test_without_an_application_there_are_no_web_sockets() -> None:
    sent = asyncio.run(sent_to(Front(broken(), ()), "GET", "/", "localhost", "websocket"))
    assert [message["type"] for message in sent] == ["websocket.close"]


def test_who_waits_is_told_that_it_is_given_up() -> None:
    async def answer() -> Answer:
        made: Future[Application] = Future()
        waiting = asyncio.create_task(asked(Front(made, ()), "GET", "/", "localhost"))
        await asyncio.sleep(0)
        made.cancel()
        return await waiting

    assert asyncio.run(answer()).status == 503
