"""The code and the HTTP status of every fault."""

from functools import cache

from cachewright.controlplane.wire import service

# AWS documents these for every service of the query protocol (API reference, "Common Error Types") ...
_DOCUMENTED = {
    "AccessDenied": 403,
    "IncompleteSignature": 400,
    "InternalFailure": 500,
    "InvalidAction": 400,
    "InvalidQueryParameter": 400,
    "MalformedQueryString": 404,
    "MissingAction": 400,
    "MissingParameter": 400,
    "RequestExpired": 400,
    "ServiceUnavailable": 503,
}
# ... sends these without documenting them ...
_OBSERVED = {
    "InvalidClientTokenId": 403,
    "MalformedInput": 400,
    "MissingAuthenticationToken": 403,
    "SignatureDoesNotMatch": 403,
    "UnknownOperationException": 404,
}
# ... and these are Cachewright's own, told in AWS's form.
_OWN = {
    "MethodNotAllowed": 405,
    "NotImplemented": 501,
    "RequestEntityTooLarge": 413,
    "UnsupportedMediaType": 415,
}
COMMON = _DOCUMENTED | _OBSERVED | _OWN
"""Codes that no operation declares, and their HTTP statuses."""


def code_and_status(shape: str) -> tuple[str, int]:
    """What the wire says for a fault. Raises KeyError for a shape that neither the model nor `COMMON` knows."""
    return (shape, COMMON[shape]) if shape in COMMON else _modelled()[shape]


@cache
def _modelled() -> dict[str, tuple[str, int]]:
    errors = {name: shape["error"] for name, shape in service.shapes().items() if "error" in shape}
    return {name: (error["code"], error["httpStatusCode"]) for name, error in errors.items()}
