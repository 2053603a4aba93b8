"""The Resource Groups Tagging API: what a client of it sees and changes, in both of its protocols."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from cachewright.controlplane.app import Application, application
from cachewright.controlplane.model.access_keys import AccessKey, Role
from cachewright.controlplane.wire.gate import Guarded, Open
from tests.api.test_protocol import Answer, ask, served
from tests.api.world import World

TARGET = "ResourceGroupsTaggingAPI_20170126."
CBOR_PATH = "/service/ResourceGroupsTaggingAPI_20170126/operation/GetTagKeys"
WRITER = AccessKey("AKIDWRITER", "writer", "123456789012")
READER = AccessKey("AKIDREADER", "reader", "123456789012", Role.READER)


def app_of(world: World) -> Application:
    return application(lambda operation, params, _: world.ask(operation, **params), Open("us-east-1"))


def client(port: int, key: str, secret: str = "x") -> Any:
    return boto3.client(
        "resourcegroupstaggingapi",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def tagged(**tags: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


@pytest.fixture
def world() -> World:
    """A cluster, a group of two, a subnet group without tags and a parameter group; in another region one more."""
    world = World()
    world.cluster("one", Tags=tagged(team="shop", stage="test"))
    world.group("rg", NumCacheClusters=2, Tags=tagged(team="web"))
    world.settle("one")
    world.settle("rg")
    for name, tags in (("pg", tagged(team="shop", Team="")), ("bare", [])):
        world.ask(
            "CreateCacheParameterGroup",
            CacheParameterGroupName=name,
            CacheParameterGroupFamily="redis7",
            Description="d",
            Tags=tags,
        )
    World(type(world.caller)(world.caller.account, "eu-west-1")).cluster("far", Tags=tagged(team="far"))
    return world


def arn(world: World, name: str) -> str:
    return f"arn:aws:elasticache:us-east-1:{world.caller.account}:{name}"


def found(world: World, **params: Any) -> list[str]:
    """The resources that a request finds, page by page, without what their ARNs have in common."""
    names: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = world.ask("GetResources", **params, **token)
        names += [each["ResourceARN"].removeprefix(arn(world, "")) for each in answer["ResourceTagMappingList"]]
        if not answer["PaginationToken"]:
            return names
        token = {"PaginationToken": answer["PaginationToken"]}


def test_an_sdk_finds_tags_and_changes_them(world: World) -> None:
    with served(app_of(world)) as port:
        aws = client(port, world.caller.account)
        pages = aws.get_paginator("get_resources").paginate(PaginationConfig={"PageSize": 2})
        mappings = [each for page in pages for each in page["ResourceTagMappingList"]]
        one, rg, nobody = (arn(world, name) for name in ("cluster:one", "replicationgroup:rg", "user:nobody"))
        assert [each["ResourceARN"] for each in mappings] == [arn(world, name) for name in ALL]
        assert mappings[0] == {"ResourceARN": one, "Tags": tagged(team="shop", stage="test")}
        told = aws.tag_resources(ResourceARNList=[one, rg, nobody], Tags={"cost": "ü1", "team": "all"})
        failure = {
            "StatusCode": 400,
            "ErrorCode": "InvalidParameterException",
            "ErrorMessage": "User nobody not found.",
        }
        assert told["FailedResourcesMap"] == {nobody: failure}
        assert aws.get_tag_keys()["TagKeys"] == ["Team", "cost", "stage", "team"]
        assert aws.get_tag_values(Key="team")["TagValues"] == ["all", "shop"]
        told = aws.untag_resources(ResourceARNList=[one, rg], TagKeys=["team", "nothing"])
        assert told["FailedResourcesMap"] == {}
        with pytest.raises(aws.exceptions.InvalidParameterException, match="Tag keys cannot start with aws:"):
            aws.tag_resources(ResourceARNList=[one], Tags={"aws:x": "y"})
    assert world.ask("ListTagsForResource", ResourceName=one)["TagList"] == tagged(stage="test", cost="ü1")
    member = arn(world, "cluster:rg-002")
    assert world.ask("ListTagsForResource", ResourceName=member)["TagList"] == tagged(cost="ü1")


ALL = ["cluster:one", "cluster:rg-001", "cluster:rg-002", "parametergroup:pg", "replicationgroup:rg"]


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ALL),
        ({"ResourcesPerPage": 1}, ALL),
        ({"TagsPerPage": 100}, ALL),
        ({"TagFilters": [{"Key": "team", "Values": ["shop"]}]}, [ALL[0], ALL[3]]),
        ({"TagFilters": [{"Key": "team", "Values": ["x", "web"]}]}, [ALL[1], ALL[2], ALL[4]]),
        ({"TagFilters": [{"Key": "team"}, {"Key": "stage", "Values": []}]}, [ALL[0]]),
        ({"TagFilters": [{"Key": "Team", "Values": [""]}]}, [ALL[3]]),
        ({"TagFilters": [{"Key": "TEAM"}]}, []),
        ({"ResourceTypeFilters": ["elasticache"]}, ALL),
        ({"ResourceTypeFilters": ["ec2", "elasticache:replicationgroup"]}, [ALL[4]]),
        ({"ResourceTypeFilters": ["ec2:instance"]}, []),
        ({"ResourceTypeFilters": ["elasticache:cluster"], "TagFilters": [{"Key": "stage"}]}, [ALL[0]]),
        ({"IncludeComplianceDetails": True, "ExcludeCompliantResources": True}, []),
    ],
)
def test_filters(world: World, params: dict[str, Any], names: list[str]) -> None:
    assert found(world, **params) == names


def test_named_resources_are_shown_if_they_have_tags(world: World) -> None:
    arns = [arn(world, name) for name in (ALL[4], ALL[0], "parametergroup:bare", "cluster:nobody")]
    assert found(world, ResourceARNList=arns) == [ALL[0], ALL[4]]
    answer = world.ask("GetResources", ResourceARNList=arns[1:2], IncludeComplianceDetails=True)
    assert answer["ResourceTagMappingList"][0]["ComplianceDetails"] == {"ComplianceStatus": True}


def test_pages_by_tags_hold_whole_resources(world: World) -> None:
    many = {f"k{number:02}": "v" for number in range(48)}
    arns = [arn(world, name) for name in ALL]
    assert world.ask("TagResources", ResourceARNList=arns, Tags=many) == {"FailedResourcesMap": {}}
    first = world.ask("GetResources", TagsPerPage=100)
    assert [len(each["Tags"]) for each in first["ResourceTagMappingList"]] == [50, 49]
    assert found(world, TagsPerPage=100) == ALL
    token = first["PaginationToken"]
    world.wait(minutes=16)
    assert world.refusal("GetResources", PaginationToken=token)[0] == "PaginationTokenExpiredException"


def test_keys_and_values_come_in_pages(world: World) -> None:
    for batch in range(3):
        (name, *_) = (ALL[batch],)
        tags = {f"k{batch}{number:02}": str(number) for number in range(45)}
        world.ask("TagResources", ResourceARNList=[arn(world, name)], Tags=tags)
    first = world.ask("GetTagKeys")
    second = world.ask("GetTagKeys", PaginationToken=first["PaginationToken"])
    assert (len(first["TagKeys"]), second["PaginationToken"]) == (100, "")
    keys = first["TagKeys"] + second["TagKeys"]
    assert keys == sorted({*keys, "Team", "team", "stage", "k000", "k244"})
    refused = world.refusal("GetTagValues", Key="team", PaginationToken=first["PaginationToken"])
    assert refused == ("InvalidParameterValueException", "Invalid PaginationToken.")
    assert world.ask("GetTagValues", Key="Team")["TagValues"] == [""]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"ResourceARNList": ["a"], "TagFilters": [{"Key": "x"}]}, "ResourceARNList and TagFilters cannot be"),
        ({"ResourceARNList": ["a"], "ResourcesPerPage": 1}, "ResourceARNList and ResourcesPerPage cannot be"),
        ({"TagFilters": [{"Values": ["x"]}]}, "must have a Key"),
        ({"ResourcesPerPage": 0}, "between 1 and 100"),
        ({"ResourcesPerPage": 101}, "between 1 and 100"),
        ({"TagsPerPage": 99}, "between 100 and 500"),
        ({"ExcludeCompliantResources": True}, "needs IncludeComplianceDetails"),
        ({"PaginationToken": "x"}, "Invalid PaginationToken."),
        ({"PaginationToken": "ü"}, "Invalid PaginationToken."),
    ],
)
def test_what_cannot_be_asked(world: World, params: dict[str, Any], words: str) -> None:
    shape, message = world.refusal("GetResources", **params)
    assert shape == "InvalidParameterValueException"
    assert words in message


def test_a_resource_that_is_busy_or_full_is_told_and_the_others_are_changed(world: World) -> None:
    one, default = arn(world, ALL[0]), arn(world, "parametergroup:default.redis7")
    full = {f"k{number:02}": "v" for number in range(48)}
    world.ask("TagResources", ResourceARNList=[one], Tags=full)
    failed = world.ask("TagResources", ResourceARNList=[one, default, arn(world, ALL[3]), "x"], Tags={"new": "v"})
    assert set(failed["FailedResourcesMap"]) == {one, default, "x"}
    assert found(world, TagFilters=[{"Key": "new"}]) == [ALL[3]]


def told(app: Application, operation: str, body: bytes) -> tuple[int, dict[str, Any], Answer]:
    """What a client of the JSON protocol is answered."""
    headers = {"host": "localhost", "content-type": "application/x-amz-json-1.1", "authorization": SIGNED}
    answer = ask(app, "POST", "/", headers | {"x-amz-target": TARGET + operation}, body)
    return answer.status, json.loads(answer.body), answer


SIGNED = "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/tagging/aws4_request, SignedHeaders=host, Signature=x"


def test_json_is_spoken_as_well(world: World) -> None:
    status, answer, whole = told(app_of(world), "GetTagValues", b'{"Key": "stage", "PaginationToken": null}')
    assert (status, answer) == (200, {"PaginationToken": "", "TagValues": ["test"]})
    assert whole.headers["content-type"] == "application/x-amz-json-1.1"
    assert whole.headers["x-amzn-requestid"]
    assert told(app_of(world), "GetTagKeys", b"")[1]["TagKeys"] == ["Team", "stage", "team"]


@pytest.mark.parametrize(
    ("operation", "body", "status", "code", "words"),
    [
        ("GetNothing", b"{}", 400, "UnknownOperationException", "GetNothing"),
        (
            "StartReportCreation",
            b'{"S3Bucket": "abc"}',
            400,
            "ConstraintViolationException",
            "not the management account",
        ),
        ("GetComplianceSummary", b"{}", 400, "ConstraintViolationException", "not the management account"),
        ("DescribeReportCreation", b"{}", 400, "ConstraintViolationException", "not the management account"),
        ("ListRequiredTags", b'{"NextToken": "x"}', 400, "InvalidParameterException", ""),
        ("GetTagKeys", b"{", 400, "SerializationException", "cannot be read"),
        ("GetTagKeys", b"[" * 100_000, 400, "SerializationException", "cannot be read"),
        ("GetTagKeys", b"[]", 400, "SerializationException", "no structure"),
        ("GetTagKeys", b'{"PaginationToken": 1}', 400, "SerializationException", "PaginationToken is of a wrong type"),
        ("GetTagKeys", b'{"Nobody": 1}', 400, "InvalidParameterException", "Nobody is not valid for this operation"),
        ("GetTagValues", b"{}", 400, "InvalidParameterException", "Key is required"),
        ("GetTagValues", b'{"Key": ""}', 400, "InvalidParameterException", "between 1 and 128"),
        ("GetTagValues", b'{"Key": "\\ud800"}', 400, "SerializationException", "half a character"),
        ("GetResources", b'{"ResourcesPerPage": true}', 400, "SerializationException", "wrong type"),
        ("GetResources", b'{"ResourcesPerPage": 101}', 400, "InvalidParameterException", "between 1 and 100"),
        ("TagResources", b'{"ResourceARNList": [], "Tags": {"a": "b"}}', 400, "InvalidParameterException", "1 and 20"),
        ("TagResources", b'{"ResourceARNList": ["x"], "Tags": {"a": 1}}', 400, "SerializationException", "Tags.a"),
    ],
)
def test_refusals_have_the_form_of_the_protocol(
    world: World, operation: str, body: bytes, status: int, code: str, words: str
) -> None:
    answered, refusal, _ = told(app_of(world), operation, body)
    assert (answered, refusal["__type"]) == (status, code)
    assert words in refusal["message"]


def test_what_is_no_cbor_is_refused_in_cbor(world: World) -> None:
    answer = ask(app_of(world), "POST", CBOR_PATH, {"host": "localhost", "authorization": SIGNED}, b"\xff")
    assert (answer.status, answer.headers["smithy-protocol"]) == (400, "rpc-v2-cbor")
    assert b"SerializationException" in answer.body


def test_who_does_not_sign_only_reads(world: World) -> None:
    headers = {"host": "localhost", "x-amz-target": f"{TARGET}UntagResources"}
    answer = ask(app_of(world), "POST", "/", headers, b'{"ResourceARNList": ["x"], "TagKeys": ["y"]}')
    assert json.loads(answer.body)["__type"] == "MissingAuthenticationTokenException"


@pytest.fixture
def guarded(world: World) -> Iterator[int]:
    gate = Guarded({key.id: key for key in (WRITER, READER)}, lambda: datetime.now(UTC))
    with served(application(lambda operation, params, _: world.ask(operation, **params), gate)) as port:
        yield port


def test_signatures_are_for_this_service_and_readers_change_nothing(guarded: int, world: World) -> None:
    change = {"ResourceARNList": [arn(world, ALL[0])], "TagKeys": ["team"]}
    reader = client(guarded, READER.id, READER.secret)
    assert reader.get_tag_keys()["TagKeys"]
    with pytest.raises(ClientError, match=r"AccessDenied.*not authorized to perform: tag:UntagResources"):
        reader.untag_resources(**change)
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        client(guarded, WRITER.id, "guessed").untag_resources(**change)
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        client(guarded, "AKIDNOBODY").get_tag_keys()
    assert client(guarded, WRITER.id, WRITER.secret).untag_resources(**change)["FailedResourcesMap"] == {}
    assert "team" not in dict(next(iter(world.ask("GetResources")["ResourceTagMappingList"])))


@pytest.mark.parametrize(("service", "status"), [("tagging", 200), ("elasticache", 400)])
def test_a_signature_for_another_service_is_refused(world: World, service: str, status: int) -> None:
    gate = Guarded({WRITER.id: WRITER}, lambda: datetime.now(UTC))
    app = application(lambda operation, params, _: world.ask(operation, **params), gate)
    request = AWSRequest("POST", "http://localhost/", {"X-Amz-Target": f"{TARGET}GetTagKeys"}, b"{}")
    SigV4Auth(Credentials(WRITER.id, WRITER.secret), service, "us-east-1").add_auth(request)
    headers = {name.lower(): value for name, value in request.headers.items()} | {"host": "localhost"}
    answer = ask(app, "POST", "/", headers, b"{}")
    assert answer.status == status
    assert (b"scoped to correct service: 'tagging'" in answer.body) == (status != 200)
