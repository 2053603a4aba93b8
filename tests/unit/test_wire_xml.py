"""Responses and errors, byte for byte."""

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value, not_built
from cachewright.controlplane.wire import xml

XMLNS = 'xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"'
META = "<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>"
MOMENT = datetime(2019, 11, 26, 1, 22, 52, 396999, UTC)

BODIES: list[tuple[str, dict[str, Any], str]] = [
    ("DescribeCacheClusters", {}, "<DescribeCacheClustersResult/>"),
    ("DescribeCacheClusters", {"Marker": None, "CacheClusters": []}, "<CacheClusters/>"),
    ("DescribeCacheClusters", {"CacheClusters": [{"PendingModifiedValues": {}}]}, "<PendingModifiedValues/>"),
    (
        "DescribeCacheClusters",
        {"CacheClusters": [{"CacheNodes": [{"CacheNodeId": "0001"}], "SecurityGroups": [{"SecurityGroupId": "sg"}]}]},
        "<CacheClusters><CacheCluster><CacheNodes><CacheNode><CacheNodeId>0001</CacheNodeId></CacheNode></CacheNodes>"
        "<SecurityGroups><member><SecurityGroupId>sg</SecurityGroupId></member></SecurityGroups>"
        "</CacheCluster></CacheClusters>",
    ),
    (
        "CreateCacheCluster",
        {"CacheCluster": {"NumCacheNodes": 0, "AuthTokenEnabled": False, "CacheClusterCreateTime": MOMENT}},
        "<NumCacheNodes>0</NumCacheNodes><AuthTokenEnabled>false</AuthTokenEnabled>"
        "<CacheClusterCreateTime>2019-11-26T01:22:52.396Z</CacheClusterCreateTime>",
    ),
    (
        "TestFailover",
        {"ReplicationGroup": {"PendingModifiedValues": {"Resharding": {"SlotMigration": {"ProgressPercentage": 97}}}}},
        "<ProgressPercentage>97.0</ProgressPercentage>",
    ),
    ("CreateUser", {"UserId": "u", "UserGroupIds": ["g"]}, "<UserGroupIds><member>g</member></UserGroupIds>"),
    ("DescribeUsers", {"Users": [{"UserId": "u"}]}, "<Users><member><UserId>u</UserId></member></Users>"),
    ("ListTagsForResource", {"TagList": [{"Key": "k"}]}, "<TagList><Tag><Key>k</Key></Tag></TagList>"),
    (
        "ModifyCacheParameterGroup",
        {"CacheParameterGroupName": ""},
        "<ModifyCacheParameterGroupResult><CacheParameterGroupName/></ModifyCacheParameterGroupResult>",
    ),
    (
        "ModifyReplicationGroup",
        {"ReplicationGroup": {"PendingModifiedValues": {"LogDeliveryConfigurations": [{"LogType": "slow-log"}]}}},
        "<LogDeliveryConfigurations><member><LogType>slow-log</LogType></member></LogDeliveryConfigurations>",
    ),
]


@pytest.mark.parametrize(("operation", "result", "part"), BODIES)
def test_writes(operation: str, result: dict[str, Any], part: str) -> None:
    body = xml.response(operation, result, "id").decode()
    assert body.startswith(f"<{operation}Response {XMLNS}><{operation}Result")
    assert part in body
    assert body.endswith(f"{META}</{operation}Response>")
    assert "Marker" not in body


@pytest.mark.parametrize("noun", ["CacheParameterGroup", "CacheSecurityGroup", "CacheSubnetGroup"])
def test_operations_without_output_have_no_result_element(noun: str) -> None:
    expected = f"<Delete{noun}Response {XMLNS}>{META}</Delete{noun}Response>"
    assert xml.response(f"Delete{noun}", {}, "id").decode() == expected


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"UserName": 1}, TypeError, "expected string"),
    ({"Shoe": "x"}, ValueError, "cannot write User: it has no member Shoe"),
    ({"UserGroupIds": [None]}, TypeError, "expected string"),
]


@pytest.mark.parametrize(("result", "error", "message"), WRONG)
def test_refuses_to_write_what_is_not_in_the_model(
    result: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        xml.response("CreateUser", result, "id")


def test_refuses_to_write_scalars_of_another_type() -> None:
    for member, value in (("NumCacheNodes", "3"), ("AuthTokenEnabled", "yes"), ("CacheClusterCreateTime", "now")):
        with pytest.raises((ValueError, KeyError, AttributeError)):
            xml.response("CreateCacheCluster", {"CacheCluster": {member: value}}, "id")


def test_refuses_to_write_a_moment_without_a_zone() -> None:
    with pytest.raises(ValueError, match="it has no time zone"):
        xml.timestamp(MOMENT.replace(tzinfo=None))


def test_every_character_comes_back_or_is_replaced() -> None:
    everything = "".join(map(chr, range(0x3000))) + "\ud800\udfff\ufffe\uffff\U0001f389"
    body = xml.response("CreateUser", {"UserId": everything}, "id")
    read = ET.fromstring(body)[0][0].text or ""
    lost = {char for char, back in zip(everything, read, strict=True) if char != back}
    assert lost == set(map(chr, range(0x20))) - set("\t\n\r") | set("\ud800\udfff\ufffe\uffff")
    assert {back for char, back in zip(everything, read, strict=True) if char in lost} == {"\ufffd"}


def test_an_error_has_the_form_of_aws() -> None:
    status, body = xml.error(Fault("CacheClusterNotFoundFault", "CacheCluster not found: <a>"), "id")
    assert status == 404
    assert body.decode() == (
        f"<ErrorResponse {XMLNS}><Error><Type>Sender</Type><Code>CacheClusterNotFound</Code>"
        "<Message>CacheCluster not found: &lt;a&gt;</Message></Error><RequestId>id</RequestId></ErrorResponse>"
    )


COMMON = [
    (invalid_value("x"), 400, "Sender", "InvalidParameterValue"),
    (invalid_combination("x"), 400, "Sender", "InvalidParameterCombination"),
    (not_built("x"), 501, "Receiver", "NotImplemented"),
    (Fault("MissingAction", "x"), 400, "Sender", "MissingAction"),
    (Fault("MalformedQueryString", "x"), 404, "Sender", "MalformedQueryString"),
    (Fault("RequestEntityTooLarge", "x"), 413, "Sender", "RequestEntityTooLarge"),
    (Fault("AccessDenied", "x"), 403, "Sender", "AccessDenied"),
    (Fault("InternalFailure", "x"), 500, "Receiver", "InternalFailure"),
    (Fault("ServiceUnavailable", "x"), 503, "Receiver", "ServiceUnavailable"),
    (Fault("CacheSecurityGroupQuotaExceededFault", "x"), 400, "Sender", "QuotaExceeded.CacheSecurityGroup"),
    (Fault("ReservedCacheNodeAlreadyExistsFault", "x"), 404, "Sender", "ReservedCacheNodeAlreadyExists"),
    (Fault("InvalidCredentialsException", "x"), 408, "Sender", "InvalidCredentialsException"),
]


@pytest.mark.parametrize(("fault", "status", "kind", "code"), COMMON)
def test_codes_statuses_and_types(fault: Fault, status: int, kind: str, code: str) -> None:
    found, body = xml.error(fault, "id")
    assert found == status
    assert f"<Type>{kind}</Type><Code>{code}</Code>" in body.decode()


def test_a_fault_that_nobody_knows_is_a_bug() -> None:
    with pytest.raises(KeyError, match="Nonsense"):
        xml.error(Fault("Nonsense", "x"), "id")
