"""The application from outside: what a client sees of the protocol, whatever the operations do."""

import asyncio
import http.client
import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import boto3
import pytest
import uvicorn
from botocore.config import Config
from botocore.exceptions import ClientError
from fastapi import APIRouter, WebSocket

from cachewright.controlplane.app import BODY_LIMIT, Application, Dispatch, application
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.wire.caller import Caller
from cachewright.controlplane.wire.gate import Open

FORM = {"host": "localhost", "content-type": "application/x-www-form-urlencoded"}
NAMESPACE = {"aws": "http://elasticache.amazonaws.com/doc/2015-02-02/"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    read: int  # chunks of the request that the application asked for

    @property
    def code(self) -> str | None:
        return ET.fromstring(self.body).findtext("aws:Error/aws:Code", namespaces=NAMESPACE)


def describe(operation: str, params: dict[str, Any], who: Caller) -> dict[str, Any]:
    """Knows one resource, and breaks when asked for the wrong one."""
    match params.get("ResourceName"):
        case "known":
            return {"TagList": [{"Key": who.account, "Value": who.region}]}
        case "broken":
            raise RuntimeError("secret detail")
    raise Fault("CacheClusterNotFoundFault", f"{operation}: {params.get('ResourceName')} not found.")


def build(dispatch: Dispatch = describe, **options: Any) -> Application:
    return application(dispatch, Open("us-east-1"), **options)


def ask(app: Application, method: str, path: str, headers: dict[str, str], *chunks: bytes) -> Answer:
    """One request, straight through ASGI."""
    target, _, query = path.partition("?")
    scope = {"type": "http", "method": method, "path": target, "query_string": query.encode(), "scheme": "http"}
    scope |= {"headers": [(name.encode(), value.encode()) for name, value in headers.items()], "root_path": ""}
    sent: list[Any] = []
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(0) if left else b"", "more_body": bool(left)}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    start, *rest = sent
    told = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], told, b"".join(one["body"] for one in rest), len(chunks) - len(left))


def post(app: Application, body: str, **headers: str) -> Answer:
    return ask(
        app, "POST", "/", FORM | {name.replace("_", "-"): value for name, value in headers.items()}, body.encode()
    )


@contextmanager
def served(app: Application) -> Iterator[int]:
    """A real server on a port of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def client(port: int, key: str) -> Any:
    return boto3.client(
        "elasticache",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="eu-west-1",
        aws_access_key_id=key,
        aws_secret_access_key="x",
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_an_sdk_gets_results_and_exceptions() -> None:
    with served(build()) as port:
        elasticache = client(port, "123456789012")
        response = elasticache.list_tags_for_resource(ResourceName="known")
        assert response["TagList"] == [{"Key": "123456789012", "Value": "eu-west-1"}]
        metadata = response["ResponseMetadata"]
        assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"]
        with pytest.raises(elasticache.exceptions.CacheClusterNotFoundFault) as caught:
            elasticache.list_tags_for_resource(ResourceName="other")
        assert caught.value.response["Error"] == {
            "Type": "Sender",
            "Code": "CacheClusterNotFound",
            "Message": "ListTagsForResource: other not found.",
        }


def test_an_sdk_without_credentials_of_an_account_is_anybody() -> None:
    with served(build()) as port:
        tags = client(port, "test").list_tags_for_resource(ResourceName="known")["TagList"]
    assert tags == [{"Key": "000000000000", "Value": "eu-west-1"}]


def test_operations_run_at_the_same_time() -> None:
    meeting = threading.Barrier(3, timeout=10)

    def wait(operation: str, params: dict[str, Any], who: Caller) -> dict[str, Any]:
        meeting.wait()
        return {}

    with served(build(wait)) as port:
        calls = [threading.Thread(target=client(port, "test").describe_events) for _ in range(2)]
        for call in calls:
            call.start()
        meeting.wait()
        for call in calls:
            call.join()
    assert not meeting.broken


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/?Action=ListTagsForResource&Version=2015-02-02&ResourceName=known", ""),
        ("POST", "/", "Action=ListTagsForResource&Version=2015-02-02&ResourceName=known"),
    ],
)
def test_answers_in_xml(method: str, path: str, body: str) -> None:
    answer = ask(build(), method, path, FORM, body.encode())
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/xml"
    identity = ET.fromstring(answer.body).findtext("aws:ResponseMetadata/aws:RequestId", namespaces=NAMESPACE)
    assert identity == answer.headers["x-amzn-requestid"]
    assert len(identity) == 36


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 400, "MissingAction"),
        ("POST", "/?Action=Explode", 400, "InvalidAction"),
        ("GET", "/docs", 404, "UnknownOperationException"),
        ("GET", "/openapi.json", 404, "UnknownOperationException"),
        ("GET", "/healthz/", 404, "UnknownOperationException"),
        ("POST", "/bucket/key", 404, "UnknownOperationException"),
        ("DELETE", "/", 405, "MethodNotAllowed"),
        ("POST", "/healthz", 405, "MethodNotAllowed"),
    ],
)
def test_refuses_in_xml(method: str, path: str, status: int, code: str) -> None:
    answer = ask(build(), method, path, FORM)
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["content-type"] == "text/xml"
    assert len(answer.headers["x-amzn-requestid"]) == 36


def test_refuses_another_content_type_and_a_broken_signature() -> None:
    assert post(build(), "{}", content_type="application/x-amz-json-1.1").code == "UnsupportedMediaType"
    assert (
        post(build(), "Action=DescribeEvents&Version=2015-02-02", authorization="Bearer x").code
        == "IncompleteSignature"
    )


def test_tells_its_health() -> None:
    answer = ask(build(), "GET", "/healthz", {"host": "127.0.0.1:4568"})
    assert (answer.status, json.loads(answer.body)) == (200, {"status": "ok"})


def test_a_bug_is_an_internal_failure_that_only_the_log_explains(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "cachewright.controlplane.app"):
        answer = post(build(), "Action=ListTagsForResource&Version=2015-02-02&ResourceName=broken")
    assert (answer.status, answer.code) == (500, "InternalFailure")
    assert b"secret" not in answer.body
    assert answer.headers["x-amzn-requestid"] in caplog.text
    assert "RuntimeError: secret detail" in caplog.text


def test_a_result_or_a_fault_that_the_model_does_not_know_is_a_bug() -> None:
    def unknown(operation: str, params: dict[str, Any], who: Caller) -> dict[str, Any]:
        raise Fault("NoSuchShape", "x")

    assert post(build(lambda *_: {"Shoe": 1}), "Action=DescribeEvents&Version=2015-02-02").code == "InternalFailure"
    assert post(build(unknown), "Action=DescribeEvents&Version=2015-02-02").code == "InternalFailure"


def test_a_body_of_the_limit_is_read() -> None:
    name = "n" * (BODY_LIMIT - len("Action=ListTagsForResource&Version=2015-02-02&ResourceName="))
    assert (
        post(build(), f"Action=ListTagsForResource&Version=2015-02-02&ResourceName={name}").code
        == "CacheClusterNotFound"
    )
    assert post(build(), f"Action=ListTagsForResource&Version=2015-02-02&ResourceName={name}n").status == 413


def test_a_longer_body_is_not_read() -> None:
    app = build(body_limit=100)
    answer = ask(app, "POST", "/", FORM | {"content-length": "101"}, b"x" * 101)
    assert (answer.status, answer.code, answer.read) == (413, "RequestEntityTooLarge", 0)
    answer = ask(app, "POST", "/", FORM, *[b"x" * 60] * 1000)
    assert (answer.status, answer.code, answer.read) == (413, "RequestEntityTooLarge", 2)


def test_a_server_refuses_a_longer_body_before_it_has_come() -> None:
    with served(build(body_limit=100)) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.putrequest("POST", "/")
        connection.putheader("Content-Length", "1000000000000")
        connection.endheaders(b"x" * 60)
        assert connection.getresponse().status == 413
        connection.close()


FOREIGN = [
    {"host": "evil.example"},
    {"host": "localhost:4568", "origin": "http://evil.example"},
    {"host": "localhost:4568", "sec-fetch-site": "cross-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("path", ["/", "/healthz", "/page", "/nowhere"])
def test_pages_of_others_get_nothing(headers: dict[str, str], path: str) -> None:
    router = APIRouter()
    router.add_api_route("/page", lambda: "page")
    app = build(routers=lambda: [router])
    answer = ask(app, "GET", path, headers)
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert ask(app, "GET", "/page", {"host": "localhost"}).body == b'"page"'


def test_a_host_can_be_allowed() -> None:
    app = build(allowed_hosts=["Cachewright.internal", "192.0.2.7"])
    for host in ("cachewright.internal:4568", "192.0.2.7:4568"):
        assert ask(app, "GET", "/healthz", {"host": host}).status == 200


@pytest.mark.parametrize(
    ("host", "status"), [("127.0.0.1", 200), ("localhost", 200), ("0.0.0.0", 403), ("10.0.0.9", 403)]
)
def test_only_the_address_that_was_reached_is_ours(host: str, status: int) -> None:
    with served(build()) as port, closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/healthz", headers={"Host": f"{host}:{port}"})
        assert connection.getresponse().status == status


SIGNED = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/elasticache/aws4_request, SignedHeaders=host, Signature=0"
PRESIGNED = "&X-Amz-Credential=a%2F20260101%2Fus-east-1%2Felasticache%2Faws4_request"
DELETE = "Action=DeleteCacheCluster&Version=2015-02-02&CacheClusterId=c"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("asked", "headers", "code"),
    [
        (DELETE, {}, "MissingAuthenticationToken"),
        (DELETE + PRESIGNED, {"user-agent": "Mozilla/5.0 (X11)"}, "MissingAuthenticationToken"),
        (DELETE + PRESIGNED, {"user-agent": "Boto3/1.40"}, "CacheClusterNotFound"),
        (DELETE, {"authorization": SIGNED}, "CacheClusterNotFound"),
        ("Action=DescribeEvents&Version=2015-02-02", {}, "CacheClusterNotFound"),
    ],
    ids=["unsigned", "a page's", "presigned", "signed", "reads"],
)
def test_what_changes_anything_has_to_be_signed(method: str, asked: str, headers: dict[str, str], code: str) -> None:
    path, body = (f"/?{asked}", b"") if method == "GET" else ("/", asked.encode())
    assert ask(build(), method, path, FORM | headers, body).code == code


def test_pages_of_others_get_no_websocket_either() -> None:
    async def greet(socket: WebSocket) -> None:
        await socket.accept()

    router = APIRouter()
    router.add_api_websocket_route("/live", greet)
    app = build(routers=lambda: [router])
    assert knock(app, "http://localhost") == ["websocket.accept"]
    assert knock(app, "http://evil.example") == ["websocket.close"]


def knock(app: Application, origin: str) -> list[str]:
    """What a websocket handshake is answered with."""
    headers = [(b"host", b"localhost"), (b"origin", origin.encode())]
    scope = {"type": "websocket", "path": "/live", "query_string": b"", "scheme": "ws", "headers": headers}
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(app(scope | {"root_path": ""}, receive, send))
    return sent


def test_a_code_of_no_class_is_a_client_error() -> None:
    def refuse(operation: str, params: dict[str, Any], who: Caller) -> dict[str, Any]:
        raise Fault("NotImplemented", "x")

    with served(build(refuse)) as port, pytest.raises(ClientError) as caught:
        client(port, "test").describe_events()
    assert caught.value.response["Error"]["Code"] == "NotImplemented"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
