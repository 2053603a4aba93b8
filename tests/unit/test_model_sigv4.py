"""Signature Version 4, judged by AWS's own examples."""

import pytest

from cachewright.controlplane.model.sigv4 import Scope, Signed, canonical_query, signature, string_to_sign

# Of the test suite that AWS published, and of the examples in the IAM user guide.
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
MOMENT = "20150830T123600Z"
HOST = ("host", "example.amazonaws.com")
DATE = ("x-amz-date", MOMENT)
FORM = "application/x-www-form-urlencoded"
ORDERED = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
VECTORS = {
    "get-vanilla": (
        Signed("GET", "/", (), (HOST, DATE)),
        "service",
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    "post-vanilla": (
        Signed("POST", "/", (), (HOST, DATE)),
        "service",
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
    "get-vanilla-query-order-key-case": (
        Signed("GET", "/", (("Param2", "value2"), ("Param1", "value1")), (HOST, DATE)),
        "service",
        ORDERED,
    ),
    "post-x-www-form-urlencoded": (
        Signed("POST", "/", (), (("content-type", FORM), HOST, DATE), b"Param1=value1"),
        "service",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
    "IAM's ListUsers": (
        Signed(
            "GET",
            "/",
            (("Action", "ListUsers"), ("Version", "2010-05-08")),
            (("content-type", f"{FORM}; charset=utf-8"), ("host", "iam.amazonaws.com"), DATE),
        ),
        "iam",
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_signs_as_aws_does(name: str) -> None:
    request, service, expected = VECTORS[name]
    scope = Scope(MOMENT[:8], "us-east-1", service)
    assert signature(SECRET, scope, string_to_sign(MOMENT, scope, request.canonical)) == expected


def test_whatever_is_not_unreserved_is_encoded() -> None:
    assert canonical_query([("b", "a b/ü"), ("a-._~", "+"), ("b", "")]) == "a-._~=%2B&b=&b=a%20b%2F%C3%BC"


def test_headers_are_trimmed() -> None:
    spaced = Signed("GET", "/", (), (("host", "h"), ("my-header", "  a   b  ")))
    assert "my-header:a b\n" in spaced.canonical
