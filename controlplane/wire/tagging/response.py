"""Answers and refusals of the Resource Groups Tagging API."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.wire.tagging import cbor, service
from cachewright.controlplane.wire.tagging.request import INVALID

# What the query protocol says -> the code and the HTTP status of the protocols of this service. What is not here, such
# as a fault of ElastiCache, is a parameter that is wrong.
CODES: Mapping[str, tuple[str, int]] = {
    "AccessDenied": ("AccessDeniedException", 400),
    "ConstraintViolationException": ("ConstraintViolationException", 400),
    "IncompleteSignature": ("IncompleteSignatureException", 400),
    "InternalFailure": ("InternalServiceException", 500),
    "InvalidClientTokenId": ("UnrecognizedClientException", 400),
    "MethodNotAllowed": ("MethodNotAllowed", 405),
    "MissingAuthenticationToken": ("MissingAuthenticationTokenException", 400),
    "NotImplemented": ("NotImplemented", 501),
    "PaginationTokenExpiredException": ("PaginationTokenExpiredException", 400),
    "RequestEntityTooLarge": ("RequestEntityTooLargeException", 413),
    "RequestExpired": ("InvalidSignatureException", 400),
    "SerializationException": ("SerializationException", 400),
    "ServiceUnavailable": ("ServiceUnavailableException", 503),
    "SignatureDoesNotMatch": ("InvalidSignatureException", 400),
    "UnknownOperationException": ("UnknownOperationException", 400),
}


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as it goes out."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def answer(path: str, result: Mapping[str, Any]) -> Written:
    """A result, in the protocol of the request."""
    return _written(path, 200, result)


def refusal(path: str, fault: Fault) -> Written:
    """A refusal, in the protocol of the request."""
    code, status = CODES.get(fault.shape, (INVALID, 400))
    return _written(path, status, {"__type": code, "message": fault.message})


def _written(path: str, status: int, content: Mapping[str, Any]) -> Written:
    if service.speaks_cbor(path):
        headers = {"content-type": service.CBOR, "smithy-protocol": "rpc-v2-cbor"}
        return Written(status, headers, cbor.encoded(dict(content)))
    return Written(status, {"content-type": service.JSON}, json.dumps(content).encode())
