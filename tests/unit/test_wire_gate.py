"""Who is let in with a signature; botocore signs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cachewright.controlplane.model.access_keys import AccessKey, Role
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.wire.caller import May
from cachewright.controlplane.wire.gate import Guarded, Sent, permit

WRITER = AccessKey("AKIDWRITER", "w/r+iter", "123456789012")
READER = AccessKey("AKIDREADER", "reader", "123456789012", Role.READER)
PASSING = AccessKey("ASIAPASSING", "passing", "210987654321", session_token="to/ken+==")
KEYS = {key.id: key for key in (WRITER, READER, PASSING)}
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
BODY = "Action=DeleteCacheCluster&Version=2015-02-02&CacheClusterId=one"
URL = "http://127.0.0.1:4568/"
ASKED = f"{URL}?Action=DescribeEvents&Version=2015-02-02&SourceIdentifier=a%20b~%2F%C3%BC&Marker="

Sign = Callable[[AccessKey], Sent]


def sent(request: AWSRequest) -> Sent:
    """What comes out of the network of a request that botocore has made."""
    ready = request.prepare()
    url = urlsplit(ready.url)
    headers = {name.lower(): value for name, value in ready.headers.items()} | {"host": url.netloc}
    text = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in headers.items()}
    body = ready.body or b""
    return Sent(ready.method, url.path, url.query, text, body.encode() if isinstance(body, str) else body)


def credentials(key: AccessKey) -> Credentials:
    return Credentials(key.id, key.secret, key.session_token or None)


def posted(key: AccessKey, service: str = "elasticache") -> Sent:
    request = AWSRequest("POST", URL, headers=FORM, data=BODY)
    SigV4Auth(credentials(key), service, "eu-west-1").add_auth(request)
    return sent(request)


def asked(key: AccessKey) -> Sent:
    request = AWSRequest("GET", ASKED)
    SigV4Auth(credentials(key), "elasticache", "eu-west-1").add_auth(request)
    return sent(request)


def presigned(key: AccessKey) -> Sent:
    request = AWSRequest("GET", ASKED)
    SigV4QueryAuth(credentials(key), "elasticache", "eu-west-1", expires=60).add_auth(request)
    return sent(request)


def page(key: AccessKey) -> Sent:
    request = AWSRequest("POST", f"{URL}_cachewright/drills/a%20b", headers=FORM, data="{}")
    SigV4Auth(credentials(key), "elasticache", "eu-west-1").add_auth(request)
    return sent(request)


WAYS: Mapping[str, Sign] = {"posted": posted, "asked": asked, "presigned": presigned, "page": page}


def gate(late: float = 0.0) -> Guarded:
    """A gate whose clock is so many seconds ahead of the one that signs."""
    return Guarded(KEYS, lambda: datetime.now(UTC) + timedelta(seconds=late))


def refused(request: Sent, late: float = 0.0) -> Fault:
    with pytest.raises(Fault) as told:
        gate(late).caller(request, {})
    return told.value


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("key", "may"), [(WRITER, May.WRITE), (READER, May.READ), (PASSING, May.WRITE)])
def test_what_botocore_signs_is_let_in(way: str, key: AccessKey, may: May) -> None:
    found = gate().caller(WAYS[way](key), {})
    assert (found.account, found.region, found.key, found.may) == (key.account, "eu-west-1", key.id, may)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_not_as_it_was_signed_is_refused(way: str) -> None:
    request = WAYS[way](WRITER)
    forged = WAYS[way](replace(WRITER, secret="guessed"))
    changed = {
        "secret": forged,
        "body": replace(request, body=request.body + b"&more=1"),
        "query": replace(request, query_string=f"{request.query_string}&more=1"),
        "path": replace(request, path=f"{request.path}x"),
        "method": replace(request, method="DELETE"),
        "host": replace(request, headers={**request.headers, "host": "127.0.0.1:1"}),
    }
    for what, one in changed.items():
        fault = refused(one)
        assert fault.shape == "SignatureDoesNotMatch", what
        assert "The Canonical String for this request should have been\n'" in fault.message
        assert WRITER.secret not in fault.message


def test_the_strings_that_are_told_are_those_that_were_signed() -> None:
    request = AWSRequest("POST", URL, headers=FORM, data=BODY)
    signer = SigV4Auth(credentials(replace(WRITER, secret="guessed")), "elasticache", "eu-west-1")
    signer.add_auth(request)
    told = refused(sent(request)).message
    del request.headers["Authorization"]
    canonical = signer.canonical_request(request)
    assert f"'{canonical}'" in told
    assert f"'{signer.string_to_sign(request, canonical)}'" in told


UNKNOWN = {
    "nobody's": AccessKey("AKIDNOBODY", "x"),
    "without its token": replace(PASSING, session_token=""),
    "with another token": replace(PASSING, session_token="other"),
    "with a token that it has not": replace(WRITER, session_token="other"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", UNKNOWN)
def test_a_key_that_is_not_known_is_refused(way: str, name: str) -> None:
    fault = refused(WAYS[way](UNKNOWN[name]))
    assert (fault.shape, fault.message) == (
        "InvalidClientTokenId",
        "The security token included in the request is invalid.",
    )


@pytest.mark.parametrize(
    ("way", "late", "expired"),
    [
        ("posted", 890, False),
        ("posted", 910, True),
        ("posted", -890, False),
        ("posted", -910, True),
        ("presigned", 50, False),
        ("presigned", 70, True),
        ("presigned", -910, True),
    ],
)
def test_a_signature_is_good_for_a_while(way: str, late: float, *, expired: bool) -> None:
    request = WAYS[way](WRITER)
    if not expired:
        assert gate(late).caller(request, {}).account == WRITER.account
        return
    fault = refused(request, late)
    assert fault.shape == "RequestExpired"
    assert fault.message.startswith("Signature expired: " if late > 0 else "Signature not yet current: ")


def without(name: str, request: Sent) -> Sent:
    return replace(request, headers={key: value for key, value in request.headers.items() if key != name})


def test_what_is_not_signed_at_all_is_refused() -> None:
    fault = refused(without("authorization", posted(WRITER)))
    assert (fault.shape, fault.message) == ("MissingAuthenticationToken", "Request is missing Authentication Token")


def written(request: Sent, before: str, after: str) -> Sent:
    text = request.headers["authorization"]
    assert before in text
    return replace(request, headers={**request.headers, "authorization": text.replace(before, after)})


def test_a_signature_has_to_fit_the_request() -> None:
    request = posted(WRITER)
    day = request.headers["x-amz-date"][:8]
    assert "'elasticache'" in refused(posted(WRITER, "s3")).message
    assert "valid region" in refused(written(request, "eu-west-1", "x")).message
    assert "Date in Credential scope" in refused(written(request, f"/{day}/", "/20010101/")).message
    assert "'Host'" in refused(written(request, "host;", "")).message
    assert refused(without("x-amz-date", request)).shape == "IncompleteSignature"
    bad = {**request.headers, "x-amz-date": f"{day}T996099Z"}
    assert refused(replace(request, headers=bad)).shape == "SignatureDoesNotMatch"


@pytest.mark.parametrize("name", ["Algorithm", "SignedHeaders", "Signature", "Date", "Expires"])
def test_a_presigned_request_needs_all_of_its_parts(name: str) -> None:
    request = presigned(WRITER)
    rest = [part for part in request.query_string.split("&") if not part.startswith(f"X-Amz-{name}=")]
    fault = refused(replace(request, query_string="&".join(rest)))
    assert fault.shape == "IncompleteSignature"
    assert f"X-Amz-{name}" in fault.message


@pytest.mark.parametrize(
    ("part", "other"), [("Expires=60", "Expires=604801"), ("Expires=60", "Expires=x"), ("SHA256", "SHA1")]
)
def test_a_presigned_request_is_good_for_a_week_at_most(part: str, other: str) -> None:
    request = presigned(WRITER)
    fault = refused(replace(request, query_string=request.query_string.replace(part, other)))
    assert fault.shape == "IncompleteSignature"


def test_a_reader_reads() -> None:
    reader, writer = gate().caller(posted(READER), {}), gate().caller(posted(WRITER), {})
    for operation in ("DescribeEvents", "ListTagsForResource"):
        permit(reader, operation)
    permit(writer, "DeleteCacheCluster")
    with pytest.raises(Fault) as told:
        permit(reader, "DeleteCacheCluster")
    assert told.value.shape == "AccessDenied"
    assert told.value.message == (
        "User: arn:aws:iam::123456789012:user/AKIDREADER is not authorized to perform: elasticache:DeleteCacheCluster"
        " because no identity-based policy allows the elasticache:DeleteCacheCluster action"
    )
    gate().admit_to_pages(asked(READER))
    gate().admit_to_pages(page(WRITER))
    with pytest.raises(Fault, match="not authorized to perform: elasticache:POST /_cachewright/drills"):
        gate().admit_to_pages(page(READER))


def scraped(authorization: str) -> Sent:
    return Sent("GET", "/metrics", "", {"host": "127.0.0.1", "authorization": authorization}, b"")


def test_a_scraper_shows_the_token_of_any_key() -> None:
    for key in KEYS.values():
        gate().admit_to_metrics(scraped(f"Bearer {key.metrics_token}"))
    gate().admit_to_metrics(asked(READER))


@pytest.mark.parametrize(
    "shown", ["Bearer", "Bearer ", f"Bearer {WRITER.secret}", "bearer \u00fc", "Basic dTpw", f"Bearer {WRITER.id}"]
)
def test_whoever_shows_something_else_is_told_nothing(shown: str) -> None:
    with pytest.raises(Fault):
        gate().admit_to_metrics(scraped(shown))


def test_a_token_for_metrics_opens_nothing_else() -> None:
    with pytest.raises(Fault):
        gate().admit_to_pages(scraped(f"Bearer {WRITER.metrics_token}"))


def test_a_token_does_not_tell_the_secret() -> None:
    assert READER.secret not in READER.metrics_token
    assert len({key.metrics_token for key in KEYS.values()}) == len(KEYS)
