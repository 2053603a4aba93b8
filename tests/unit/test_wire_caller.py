"""Who calls, and who may not."""

import pytest

from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.wire.caller import Caller, caller
from cachewright.controlplane.wire.origin import refusal

REST = "SignedHeaders=host;x-amz-date, Signature=0f"


def signed(scope: str, rest: str = REST) -> str:
    return f"AWS4-HMAC-SHA256 Credential={scope}, {rest}"


def scope(key: str = "test", region: str = "eu-west-1") -> str:
    return f"{key}/20250101/{region}/elasticache/aws4_request"


CALLERS = [
    (None, {}, Caller("000000000000", "us-east-1")),
    (signed(scope()), {}, Caller("000000000000", "eu-west-1")),
    (signed(scope("123456789012", "us-gov-west-1")), {}, Caller("123456789012", "us-gov-west-1")),
    (signed(scope("1234567890123", "eusc-de-east-1")), {}, Caller("000000000000", "eusc-de-east-1")),
    (signed(scope("a/b")), {}, Caller("000000000000", "eu-west-1")),
    (signed(scope()).replace(", ", ","), {}, Caller("000000000000", "eu-west-1")),
    (None, {"X-Amz-Credential": scope("123456789012")}, Caller("123456789012", "eu-west-1")),
]


@pytest.mark.parametrize(("authorization", "fields", "expected"), CALLERS)
def test_tells_the_caller(authorization: str | None, fields: dict[str, str], expected: Caller) -> None:
    assert caller(authorization, fields, "us-east-1") == expected


INCOMPLETE = [
    "",
    "Basic dGVzdA==",
    "AWS4-HMAC-SHA256",
    signed(scope(), "Signature=0f"),
    signed(scope(), "SignedHeaders=a"),
]
INCOMPLETE += [
    signed(bad) for bad in ("", "test", "a/b/c/d", scope(""), "k/20250101/eu-west-1/elasticache/aws5_request")
]


@pytest.mark.parametrize("authorization", INCOMPLETE)
def test_refuses_a_signature_of_another_form(authorization: str) -> None:
    with pytest.raises(Fault) as caught:
        caller(authorization, {}, "us-east-1")
    assert caught.value.shape == "IncompleteSignature"


@pytest.mark.parametrize("region", ["", "..", "eu-west", "EU-west-1", "eu-west-1\n", "eu-west-1%2f", "eu-west-1;", "٣"])
def test_refuses_a_region_that_cannot_be_one(region: str) -> None:
    with pytest.raises(Fault) as caught:
        caller(None, {"X-Amz-Credential": scope(region=region)}, "us-east-1")
    assert caught.value.shape == "SignatureDoesNotMatch"


WELCOME = [
    {b"host": b"127.0.0.1:4568"},
    {b"host": b"localhost"},
    {b"host": b"LOCALHOST:4568"},
    {b"host": b"cache.localhost:4568"},
    {b"host": b"[::ffff:127.0.0.1]:4568"},
    {b"host": b"192.0.2.7:4568"},
    {b"host": b"[::1]:4568"},
    {b"host": b"cachewright:4568"},
    {b"host": b"localhost:4568", b"origin": b"http://localhost:4568", b"sec-fetch-site": b"same-origin"},
    {b"host": b"localhost:4568", b"sec-fetch-site": b"none"},
]


@pytest.mark.parametrize("headers", WELCOME)
def test_welcomes(headers: dict[bytes, bytes]) -> None:
    assert refusal(headers, "http", {"cachewright", "192.0.2.7"}, "127.0.0.1") is None


@pytest.mark.parametrize(("host", "reached"), [("[::1]:1", "::1"), ("[0::1]", "::1"), ("172.17.0.1", "172.17.0.1")])
def test_the_address_that_was_reached_is_ours(host: str, reached: str) -> None:
    assert refusal({b"host": host.encode()}, "http", (), reached) is None


UNWELCOME = [
    ({}, "Host"),
    ({b"host": b""}, "Host"),
    ({b"host": b"evil.example"}, "Host"),
    ({b"host": b"localhost.evil.example"}, "Host"),
    ({b"host": b"127.0.0.1.evil.example"}, "Host"),
    ({b"host": b"evillocalhost"}, "Host"),
    ({b"host": b"localhost:4568:1"}, "Host"),
    ({b"host": b"localhost@evil.example"}, "Host"),
    ({b"host": b"\xff"}, "Host"),
    ({b"host": b"0.0.0.0:4568"}, "Host"),
    ({b"host": b"172.17.0.1"}, "Host"),
    ({b"host": b"localhost:4568", b"origin": b"http://localhost:3000"}, "other origins"),
    ({b"host": b"localhost:4568", b"origin": b"https://localhost:4568"}, "other origins"),
    ({b"host": b"localhost:4568", b"origin": b"null"}, "other origins"),
    ({b"host": b"localhost:4568", b"sec-fetch-site": b"cross-site"}, "other sites"),
    ({b"host": b"localhost:4568", b"sec-fetch-site": b"same-site"}, "other sites"),
]


@pytest.mark.parametrize(("headers", "cause"), UNWELCOME)
def test_turns_away(headers: dict[bytes, bytes], cause: str) -> None:
    assert cause in (refusal(headers, "http", {"cachewright"}, "127.0.0.1") or "")
