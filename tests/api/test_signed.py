"""The application where only those are let in who sign with a key that is known."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from fastapi import APIRouter

from cachewright.controlplane.app import application
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer, asked
from cachewright.controlplane.model.access_keys import AccessKey, Role
from cachewright.controlplane.wire.caller import Caller
from cachewright.controlplane.wire.gate import Guarded
from tests.api.test_protocol import served

WRITER = AccessKey("AKIDWRITER", "w/r+iter", "123456789012")
READER = AccessKey("AKIDREADER", "reader", "123456789012", Role.READER)
PASSING = AccessKey("ASIAPASSING", "passing", "210987654321", session_token="to/ken+==")
KEYS = {key.id: key for key in (WRITER, READER, PASSING)}
PAGE = "/_cachewright/page"
ONCE = {"total_max_attempts": 1}


def dispatch(operation: str, params: dict[str, Any], who: Caller) -> dict[str, Any]:
    """Tells who asks."""
    return {"TagList": [{"Key": who.account, "Value": f"{operation} {params.get('ResourceName')}"}]}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    router = APIRouter()
    router.add_api_route(PAGE, lambda: "page", methods=["GET", "POST"])
    router.add_api_route("/ca.pem", lambda: "certificate")
    app = application(dispatch, Guarded(KEYS, lambda: datetime.now(UTC)), routers=lambda: [router])
    with served(app) as port:
        yield f"http://127.0.0.1:{port}"


def client(url: str, key: AccessKey | None) -> Any:
    known = {"aws_access_key_id": key.id, "aws_secret_access_key": key.secret} if key else {}
    signing = {} if key else {"signature_version": UNSIGNED}
    return boto3.client(
        "elasticache",
        endpoint_url=url,
        region_name="eu-west-1",
        aws_session_token=(key and key.session_token) or None,
        config=Config(retries=ONCE, **signing),
        **known,
    )


def told(url: str, method: str, path: str) -> tuple[int, bytes]:
    where = urlsplit(url)
    with closing(HTTPConnection(str(where.hostname), where.port, timeout=10)) as connection:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize("key", KEYS.values(), ids=str)
def test_the_key_tells_the_account(url: str, key: AccessKey) -> None:
    aws = client(url, key)
    (tag,) = aws.list_tags_for_resource(ResourceName="a b/ü+~*")["TagList"]
    assert tag == {"Key": key.account, "Value": "ListTagsForResource a b/ü+~*"}
    presigned = aws.generate_presigned_url("list_tags_for_resource", {"ResourceName": "a b/ü+~*"}, HttpMethod="GET")
    status, body = told(url, "GET", presigned.removeprefix(url))
    assert (status, f"<Key>{key.account}</Key>" in body.decode()) == (200, True)


REFUSED = [
    (None, 403, "MissingAuthenticationToken"),
    (AccessKey("123456789012", "x"), 403, "InvalidClientTokenId"),
    (AccessKey(WRITER.id, "guessed"), 403, "SignatureDoesNotMatch"),
]


@pytest.mark.parametrize(("key", "status", "code"), REFUSED, ids=[code for _, _, code in REFUSED])
def test_others_are_refused_also_what_only_reads(url: str, key: AccessKey | None, status: int, code: str) -> None:
    with pytest.raises(ClientError) as refused:
        client(url, key).list_tags_for_resource(ResourceName="x")
    response = refused.value.response
    assert (response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]) == (status, code)
    assert response["Error"]["Type"] == "Sender"


def test_a_reader_changes_nothing(url: str) -> None:
    with pytest.raises(
        ClientError, match=r"AccessDenied.*not authorized to perform: elasticache:RemoveTagsFromResource"
    ):
        client(url, READER).remove_tags_from_resource(ResourceName="x", TagKeys=["y"])
    assert client(url, WRITER).remove_tags_from_resource(ResourceName="x", TagKeys=["y"])["TagList"]


def test_pages_need_a_key_as_well(url: str) -> None:
    status, body = told(url, "GET", PAGE)
    assert (status, json.loads(body)) == (403, {"error": "Request is missing Authentication Token"})
    for key in KEYS.values():
        assert asked(ControlPlane(url, key), PAGE) == b'"page"'
    assert asked(ControlPlane(url, WRITER), PAGE, "POST", {"some": "body"}) == b'"page"'
    with pytest.raises(NoAnswer, match="not authorized"):
        asked(ControlPlane(url, READER), PAGE, "POST", {"some": "body"})
    with pytest.raises(NoAnswer, match="The security token included in the request is invalid"):
        asked(ControlPlane(url, AccessKey("AKIDNOBODY", "x")), PAGE)


def test_what_everybody_may_know_needs_none(url: str) -> None:
    assert told(url, "GET", "/healthz")[0] == 200
    assert told(url, "GET", "/ca.pem") == (200, b'"certificate"')
