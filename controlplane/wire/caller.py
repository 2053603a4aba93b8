"""Who calls: the account and the region of a request, told by its signature (which is not verified)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cachewright.controlplane.model.faults import Fault

ANYBODY = "000000000000"

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]{1,16}){1,3}-[0-9]{1,2}")
_ACCOUNT = re.compile(r"[0-9]{12}")
_SCHEME = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Caller:
    """An account (12 digits) in a region."""

    account: str
    region: str


def caller(authorization: str | None, fields: Mapping[str, str], default_region: str) -> Caller:
    """The caller of a request, from its `Authorization` header or the `X-Amz-Credential` of a presigned one.

    The access key is the account when it has 12 digits. An unsigned request is anybody's, in the default region.
    Raises `IncompleteSignature` for a signature that is none of version 4, `SignatureDoesNotMatch` for a region
    that cannot be one (the code that AWS has for it).
    """
    scope = fields.get("X-Amz-Credential") if authorization is None else _credential(authorization)
    if scope is None:
        return Caller(ANYBODY, default_region)
    key, region = _key_and_region(scope)
    if not _REGION.fullmatch(region):
        raise Fault("SignatureDoesNotMatch", f"Credential should be scoped to a valid region, not '{region}'.")
    return Caller(key if _ACCOUNT.fullmatch(key) else ANYBODY, region)


def _credential(authorization: str) -> str:
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme != _SCHEME:
        raise Fault("IncompleteSignature", f"The Authorization header must begin with {_SCHEME}.")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not parts.get(name):
            raise Fault("IncompleteSignature", f"Authorization header requires '{name}' parameter.")
    return parts["Credential"]


def _key_and_region(scope: str) -> tuple[str, str]:
    """Access key and region of `KEY/20250101/us-east-1/elasticache/aws4_request`."""
    match scope.rsplit("/", 4):
        case [key, _, region, _, "aws4_request"] if key:
            return key, region
        case _:
            raise Fault("IncompleteSignature", "Credential must have the form KEY/DATE/REGION/SERVICE/aws4_request.")
