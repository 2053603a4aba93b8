"""Who calls: the account and the region of a request, told by its signature (which is not verified here)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from cachewright.controlplane.model.access_keys import ANYBODY, account_of
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.sigv4 import ALGORITHM, Scope

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]{1,16}){1,3}-[0-9]{1,2}")


class May(Enum):
    """What somebody may do: read is everything that changes nothing."""

    WRITE = "write"
    READ = "read"
    READ_UNSIGNED = "read, as everybody may whose request is not signed"


@dataclass(frozen=True, slots=True)
class Caller:
    """An account (12 digits) in a region. `key` is the access key that has proved it."""

    account: str
    region: str
    key: str = ""
    may: May = May.WRITE


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request says of its signature; for how many seconds it is good, if it is a presigned one."""

    key: str
    scope: Scope
    headers: str  # that are signed
    value: str
    moment: str
    token: str
    expires: str | None = None


def caller(authorization: str | None, fields: Mapping[str, str], default_region: str) -> Caller:
    """The caller of a request, from its `Authorization` header or the `X-Amz-Credential` of a presigned one.

    The access key is the account when it has 12 digits. An unsigned request is anybody's, in the default region.
    Raises `IncompleteSignature` for a signature that is none of version 4, `SignatureDoesNotMatch` for a region
    that cannot be one (the code that AWS has for it).
    """
    told = fields.get("X-Amz-Credential") if authorization is None else _parts(authorization)["Credential"]
    if told is None:
        return Caller(ANYBODY, default_region)
    key, scope = _key_and_scope(told)
    return Caller(account_of(key), scope.region)


def signature(headers: Mapping[str, str], query: Mapping[str, str]) -> Signature | None:
    """What a request says of its signature, in its headers or as a presigned one in its query string; None when it is
    not signed. Raises as `caller` does.
    """
    if "authorization" in headers:
        parts = _parts(headers["authorization"])
        key, scope = _key_and_scope(parts["Credential"])
        moment, token = headers.get("x-amz-date", ""), headers.get("x-amz-security-token", "")
        return Signature(key, scope, parts["SignedHeaders"], parts["Signature"], moment, token)
    if "X-Amz-Credential" not in query:
        return None
    for name in ("Algorithm", "SignedHeaders", "Signature", "Date", "Expires"):
        if not query.get(f"X-Amz-{name}"):
            raise Fault("IncompleteSignature", f"AWS query-string parameters must include 'X-Amz-{name}'.")
    if query["X-Amz-Algorithm"] != ALGORITHM:
        raise Fault("IncompleteSignature", f"X-Amz-Algorithm must be {ALGORITHM}.")
    key, scope = _key_and_scope(query["X-Amz-Credential"])
    names, value, moment = (query[f"X-Amz-{name}"] for name in ("SignedHeaders", "Signature", "Date"))
    return Signature(key, scope, names, value, moment, query.get("X-Amz-Security-Token", ""), query["X-Amz-Expires"])


def _parts(authorization: str) -> Mapping[str, str]:
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme != ALGORITHM:
        raise Fault("IncompleteSignature", f"The Authorization header must begin with {ALGORITHM}.")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not parts.get(name):
            raise Fault("IncompleteSignature", f"Authorization header requires '{name}' parameter.")
    return parts


def _key_and_scope(told: str) -> tuple[str, Scope]:
    """Access key and scope of `KEY/20250101/us-east-1/elasticache/aws4_request`."""
    match told.rsplit("/", 4):
        case [key, day, region, service, "aws4_request"] if key:
            scope = Scope(day, region, service)
        case _:
            raise Fault("IncompleteSignature", "Credential must have the form KEY/DATE/REGION/SERVICE/aws4_request.")
    if not _REGION.fullmatch(scope.region):
        raise Fault("SignatureDoesNotMatch", f"Credential should be scoped to a valid region, not '{scope.region}'.")
    return key, scope
