"""The model of the Resource Groups Tagging API that botocore ships, and what tells its requests from others."""

import gzip
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

PREFIX = "ResourceGroupsTaggingAPI_20170126"
JSON = "application/x-amz-json-1.1"
CBOR = "application/cbor"
PATHS = f"/service/{PREFIX}/operation/{{name}}"

_TARGET = f"{PREFIX}."  # of the header that names the operation in JSON
_PATH = re.compile(rf"/service/{PREFIX}/operation/([A-Za-z]{{1,64}})")  # and the path that does in CBOR
_MODEL = "data/resourcegroupstaggingapi/2017-01-26/service-2.json.gz"


def operation_of(path: str, headers: Mapping[str, str]) -> str | None:
    """The operation that a request names; None when it is none of this service. Header names are in lower case."""
    if match := _PATH.fullmatch(path):
        return match[1]
    target = headers.get("x-amz-target", "")
    return target.removeprefix(_TARGET) if path == "/" and target.startswith(_TARGET) else None


def speaks_cbor(path: str) -> bool:
    """Whether a request of this service is one in CBOR."""
    return _PATH.fullmatch(path) is not None


@cache
def model() -> dict[str, Any]:
    """The model as botocore writes it down."""
    found: dict[str, Any] = json.loads(gzip.decompress((files("botocore") / _MODEL).read_bytes()))
    return found


def operations() -> Mapping[str, Any]:
    """Every operation of the service, by name."""
    known: Mapping[str, Any] = model()["operations"]
    return known
