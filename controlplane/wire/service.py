"""The ElastiCache service model that botocore ships, read as data."""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

API_VERSION = "2015-02-02"
NAMESPACE = f"http://elasticache.amazonaws.com/doc/{API_VERSION}/"

# The file itself, not botocore's loader: that one imports an HTTP client and lists 400 services first.
_MODEL = f"data/elasticache/{API_VERSION}/service-2.json.gz"


@dataclass(frozen=True, slots=True)
class Operation:
    """The names of an operation's shapes; without an output its response has no result element either."""

    input: str
    output: str | None


@cache
def shapes() -> dict[str, dict[str, Any]]:
    """Every shape of the model, by name, as botocore writes it down."""
    found: dict[str, dict[str, Any]] = _model()["shapes"]
    return found


@cache
def operations() -> dict[str, Operation]:
    """Every operation of the API, by name."""
    raw = _model()["operations"]
    return {name: Operation(one["input"]["shape"], one.get("output", {}).get("shape")) for name, one in raw.items()}


@cache
def _model() -> dict[str, Any]:
    packed = (files("botocore") / _MODEL).read_bytes()
    model: dict[str, Any] = json.loads(gzip.decompress(packed), object_hook=_undocumented)
    return model


def _undocumented(part: dict[str, Any]) -> dict[str, Any]:
    """Half of it is what people read."""
    if isinstance(part.get("documentation"), str):
        del part["documentation"]
    return part
