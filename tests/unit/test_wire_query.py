"""Requests: forms in, operations and typed parameters out, and every way to get them wrong."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.wire import faults, form, query, scalars, service

FORM = "application/x-www-form-urlencoded"


def parse(body: str | bytes) -> query.Request:
    data = body if isinstance(body, bytes) else body.encode()
    data = data if b"&Version=" in b"&" + data else data + b"&Version=2015-02-02"
    return query.parse(form.fields(b"", FORM, data))


def refused(body: str | bytes) -> Fault:
    with pytest.raises(Fault) as caught:
        parse(body)
    return caught.value


def test_body_and_query_string_make_one_request() -> None:
    expected = query.Request("DescribeCacheClusters", {"MaxRecords": 20, "Marker": "a b"})
    body = b"Action=DescribeCacheClusters&Version=2015-02-02&MaxRecords=20&Marker=a+b"
    assert query.parse(form.fields(b"", FORM, body)) == expected
    assert query.parse(form.fields(body, "", b"")) == expected
    target = b"Action=DescribeCacheClusters&Version=2015-02-02"
    assert query.parse(form.fields(target, FORM, b"MaxRecords=20&Marker=a%20b&&")) == expected


@pytest.mark.parametrize(
    ("asked", "shape", "message"),
    [
        ("Action=DescribeEvents", "MissingParameter", "The request must contain the parameter Version."),
        ("Action=DescribeEvents&Version=", "MissingParameter", "The request must contain the parameter Version."),
        (
            "Action=DescribeEvents&Version=1999-01-01",
            "InvalidAction",
            "Could not find operation DescribeEvents for version 1999-01-01",
        ),
        ("Action=Explode", "InvalidAction", "Could not find operation Explode for version 2015-02-02"),
        ("Version=2015-02-02", "MissingAction", "The request is missing an action or a required parameter."),
    ],
)
def test_the_version_of_the_api_is_looked_at(asked: str, shape: str, message: str) -> None:
    with pytest.raises(Fault) as caught:
        query.parse(form.fields(b"", FORM, asked.encode()))
    assert (caught.value.shape, caught.value.message) == (shape, message)


ACCEPTED: list[tuple[str, str, dict[str, Any]]] = [
    ("DescribeCacheClusters", "Version=2013-06-15&ContentType=XML&Timestamp=x&Expires=x&SecurityToken=x", {}),
    ("DescribeCacheClusters", "Signature=x&SignatureMethod=x&SignatureVersion=4&AWSAccessKeyId=x", {}),
    ("DescribeCacheClusters", "X-Amz-Algorithm=x&X-Amz-Signature=y&x-amz-date=z", {}),
    ("DescribeCacheClusters", "ShowCacheNodeInfo=TRUE", {"ShowCacheNodeInfo": True}),
    ("DescribeCacheClusters", "ShowCacheNodeInfo=yes", {"ShowCacheNodeInfo": True}),
    ("DescribeCacheClusters", "ShowCacheNodeInfo=No", {"ShowCacheNodeInfo": False}),
    ("DescribeCacheClusters", "CacheClusterId=", {"CacheClusterId": ""}),
    ("DescribeCacheClusters", "CacheClusterId=%C3%BC%26%3D", {"CacheClusterId": "ü&="}),
    ("DescribeCacheClusters", "CacheClusterId=ü", {"CacheClusterId": "ü"}),
    ("DescribeCacheClusters", "CacheClusterId", {"CacheClusterId": ""}),
    ("DescribeEvents", "StartTime=2009-07-08T18:00Z", {"StartTime": datetime(2009, 7, 8, 18, tzinfo=UTC)}),
    ("DescribeEvents", "StartTime=2009-07-08", {"StartTime": datetime(2009, 7, 8, tzinfo=UTC)}),
    ("DescribeEvents", "StartTime=2009-07-08T18:00:00", {"StartTime": datetime(2009, 7, 8, 18, tzinfo=UTC)}),
    ("DescribeEvents", "StartTime=2009-07-08T18:00:00%2B02:00", {"StartTime": datetime(2009, 7, 8, 16, tzinfo=UTC)}),
    ("DescribeUpdateActions", "CacheClusterIds=", {"CacheClusterIds": []}),
    ("DescribeUpdateActions", "CacheClusterIds.member.1=a", {"CacheClusterIds": ["a"]}),
    ("DescribeUpdateActions", "CacheClusterIds.Whatever.1=a", {"CacheClusterIds": ["a"]}),
    (
        "DescribeUpdateActions",
        "CacheClusterIds.member.10=c&CacheClusterIds.member.999999999=d&CacheClusterIds.member.2=b",
        {"CacheClusterIds": ["b", "c", "d"]},
    ),
    (
        "AddTagsToResource",
        "ResourceName=r&Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=l",
        {"ResourceName": "r", "Tags": [{"Key": "k", "Value": "v"}, {"Key": "l"}]},
    ),
    (
        "DecreaseReplicaCount",
        "ReplicationGroupId=r&ApplyImmediately=True&ReplicasToRemove.ReplicaToRemove.1=a",
        {"ReplicationGroupId": "r", "ApplyImmediately": True, "ReplicasToRemove": ["a"]},
    ),
]


@pytest.mark.parametrize(("action", "rest", "params"), ACCEPTED)
def test_accepts(action: str, rest: str, params: dict[str, Any]) -> None:
    assert parse(f"Action={action}&{rest}") == query.Request(action, params)


CLUSTERS, EVENTS, UPDATES = "Action=DescribeCacheClusters&", "Action=DescribeEvents&", "Action=DescribeUpdateActions&"
SHARDS = "Action=DecreaseReplicaCount&ReplicationGroupId=r&ApplyImmediately=true&ReplicaConfiguration.ConfigureShard.1"
REFUSED = [
    ("", "MissingAction", "The request is missing an action or a required parameter."),
    ("Version=2015-02-02", "MissingAction", ""),
    ("Action=", "MissingAction", ""),
    ("Action=Explode", "InvalidAction", "Could not find operation Explode for version 2015-02-02"),
    ("Action=CreateCacheCluster", "MissingParameter", "The request must contain the parameter CacheClusterId."),
    (f"{SHARDS}.NodeGroupId=0001", "MissingParameter", "ReplicaConfiguration.ConfigureShard.1.NewReplicaCount."),
    (f"{CLUSTERS}AutoFailover=true", "InvalidQueryParameter", "AutoFailover"),
    (f"{CLUSTERS}cacheclusterid=a", "InvalidQueryParameter", "cacheclusterid"),
    (f"{SHARDS}.Shoe=1", "InvalidQueryParameter", "ReplicaConfiguration.ConfigureShard.1.Shoe"),
    (f"{CLUSTERS}MaxRecords=", "InvalidParameterValueException", "Invalid value  for MaxRecords. Must be an integer."),
    (f"{CLUSTERS}MaxRecords=2_0", "InvalidParameterValueException", "Invalid value 2_0 for MaxRecords."),
    (f"{CLUSTERS}MaxRecords=%D9%A2", "InvalidParameterValueException", "for MaxRecords."),
    (f"{CLUSTERS}MaxRecords=2147483648", "InvalidParameterValueException", "for MaxRecords."),
    (f"{CLUSTERS}ShowCacheNodeInfo=1", "InvalidParameterValueException", "Must be true or false."),
    (f"{EVENTS}StartTime=now", "InvalidParameterValueException", "Must be a timestamp of ISO 8601."),
    (f"{EVENTS}StartTime=2019-02-30", "InvalidParameterValueException", "for StartTime."),
    (f"{EVENTS}StartTime=0001-01-01T00:00%2B02:00", "InvalidParameterValueException", "for StartTime."),
    (
        f"{EVENTS}SourceType=moon",
        "InvalidParameterValueException",
        "Member must satisfy enum value set: [cache-cluster,",
    ),
    (
        "Action=TestFailover&ReplicationGroupId=r&NodeGroupId=00001",
        "InvalidParameterValueException",
        "1 validation error detected: Value '00001' at 'NodeGroupId' failed to satisfy constraint: "
        "Member must have length less than or equal to 4",
    ),
    ("Action=TestFailover&ReplicationGroupId=r&NodeGroupId=", "InvalidParameterValueException", "equal to 1"),
    ("Action=DeleteUser&UserId=1", "InvalidParameterValueException", r"expression pattern: [a-zA-Z][a-zA-Z0-9\-]*"),
    ("Action=ModifyUser&UserId=u&AccessString=+", "InvalidParameterValueException", "'AccessString'"),
    ("Action=ModifyUserGroup&UserGroupId=g&UserIdsToAdd=", "InvalidParameterValueException", "at 'UserIdsToAdd'"),
    (
        UPDATES + "&".join(f"CacheClusterIds.member.{i}=c" for i in range(1, 22)),
        "InvalidParameterValueException",
        "Member must have length less than or equal to 20",
    ),
    (f"{CLUSTERS}MaxRecords.1=20", "MalformedInput", "The parameter MaxRecords must be a single value."),
    (f"{CLUSTERS}MaxRecords=20&MaxRecords.1=20", "MalformedInput", ""),
    (f"{UPDATES}CacheClusterIds=a", "MalformedInput", "The parameter CacheClusterIds must be a list."),
    (f"{UPDATES}CacheClusterIds=&CacheClusterIds.member.1=a", "MalformedInput", ""),
    (f"{UPDATES}CacheClusterIds.a.1=a&CacheClusterIds.b.2=a", "MalformedInput", ""),
    (f"{UPDATES}ServiceUpdateTimeRange=a", "MalformedInput", "ServiceUpdateTimeRange must be a structure."),
    (f"{SHARDS}=1", "MalformedInput", "must be a structure."),
    (f"{UPDATES}CacheClusterIds.member=a", "MalformedQueryString", "no list index in CacheClusterIds.member"),
    (f"{UPDATES}CacheClusterIds.member.x=a", "MalformedQueryString", "'x' is no list index"),
    (f"{UPDATES}CacheClusterIds.member.0=a", "MalformedQueryString", ""),
    (f"{UPDATES}CacheClusterIds.member.01=a", "MalformedQueryString", ""),
    (f"{UPDATES}CacheClusterIds.member.-1=a", "MalformedQueryString", ""),
    (f"{UPDATES}CacheClusterIds.member.99999999999999999999=a", "MalformedQueryString", ""),
    (f"{CLUSTERS}Marker=a&Marker=a", "MalformedQueryString", "the parameter Marker is given more than once"),
    (f"{CLUSTERS}Action=DescribeEvents", "MalformedQueryString", "the parameter Action is given more than once"),
    (f"{CLUSTERS}Marker=100%", "MalformedQueryString", "a percent sign"),
    (f"{CLUSTERS}Marker=%zz", "MalformedQueryString", "a percent sign"),
    (f"{CLUSTERS}Marker=%ff", "MalformedQueryString", "not UTF-8"),
    (f"{CLUSTERS}Marker=%ed%a0%80", "MalformedQueryString", "not UTF-8"),
    (f"{CLUSTERS}Marker.=a", "MalformedQueryString", "the parameter name 'Marker.' has an empty part"),
    (f"{CLUSTERS}=a", "MalformedQueryString", "empty part"),
    ("&".join(f"p{i}=" for i in range(form.MOST_FIELDS + 1)), "MalformedQueryString", "more than 10000 parameters"),
]


@pytest.mark.parametrize(("body", "shape", "message"), REFUSED)
def test_refuses(body: str, shape: str, message: str) -> None:
    fault = refused(body)
    assert fault.shape == shape
    assert message in fault.message


def test_refuses_raw_bytes_that_are_no_text() -> None:
    assert refused(b"Action=DescribeEvents&Marker=\xff").shape == "MalformedQueryString"


@pytest.mark.parametrize("content_type", ["", "application/json", "application/x-amz-json-1.1", "text/plain"])
def test_refuses_a_body_that_is_no_form(content_type: str) -> None:
    with pytest.raises(Fault) as caught:
        form.fields(b"Action=DescribeEvents", content_type, b"{}")
    assert caught.value.shape == "UnsupportedMediaType"


def test_secrets_of_users_are_not_told_in_refusals() -> None:
    for wrong in ("Passwords=s3cret", "Passwords.a.1=s3cret&Passwords.b.2=s3cret", "AuthenticationMode=s3cret"):
        assert "s3cret" not in refused(f"Action=ModifyUser&UserId=u&{wrong}").message


def test_long_hostile_values_are_refused_or_read_in_linear_time() -> None:
    for value in ("a" * 500_000 + "%0A", "+" * 500_000, "%0A" * 100_000):
        with pytest.raises(Fault):
            parse(f"Action=DeleteUser&UserId=1{value}")
    access = "on " * 100_000
    assert parse(f"Action=ModifyUser&UserId=u&AccessString={access}%0A").params["AccessString"] == access + "\n"


@pytest.mark.parametrize(("text", "number"), [("1", 1.0), ("-.5", -0.5), ("+1.", 1.0), ("2e3", 2000.0)])
def test_reads_numbers(text: str, number: float) -> None:
    assert scalars.double(text) == number


@pytest.mark.parametrize("text", [" ", ".", "nan", "inf", "1e999", "1_0", " 1", "0x1", "1,5"])
def test_refuses_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text)):
        scalars.double(text)


def test_integers_have_a_width() -> None:
    assert scalars.long(str(-(2**63))) == -(2**63)
    assert scalars.integer(str(2**31 - 1)) == 2**31 - 1
    for read, text in ((scalars.long, str(2**63)), (scalars.integer, str(-(2**31) - 1))):
        with pytest.raises(ValueError, match=text):
            read(text)


names = st.sampled_from(["Action", "CacheClusterIds", "CacheClusterIds.member", "Tags", "Tags.Tag", "Filters.member"])
parts = st.sampled_from(["", ".1", ".2.Key", ".x", ".Values.member.1", ".", "..", "%", "%f", "&", "=", "+", "[]", "\0"])
values = st.sampled_from(["", "a", "1", "true", "%00", "%ff", "%E4%B8%96"]) | st.text(max_size=4)
pairs = st.lists(st.tuples(names, parts, values).map(lambda pair: f"{pair[0]}{pair[1]}={pair[2]}"), max_size=5)
bodies = st.tuples(st.sampled_from(sorted(service.operations())), pairs).map(
    lambda pair: "&".join([f"Action={pair[0]}", *pair[1]]).encode("utf-8", "replace")
)


@given(st.binary(max_size=60) | bodies)
@settings(max_examples=25)
def test_whatever_comes_is_read_or_refused_with_a_fault(body: bytes) -> None:
    try:
        request = parse(body)
    except Fault as fault:
        assert 400 <= faults.code_and_status(fault.shape)[1] < 500
    else:
        assert request.operation in service.operations()
