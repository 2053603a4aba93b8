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


Shapes = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """The names of an operation's shapes; without an output its response has no result element either."""

    input: str
    output: str | None


def shapes() -> Shapes:
    """Every shape of the model, by name, as botocore writes it down."""
    return _model()[0]


def operations() -> dict[str, Operation]:
    """Every operation of the API, by name."""
    return _model()[1]


@cache
def _model() -> tuple[Shapes, dict[str, Operation]]:
    """What is kept of it: half of it is what people read, and half of the rest which faults an operation may raise."""
    packed = (files("botocore") / _MODEL).read_bytes()
    model = json.loads(gzip.decompress(packed), object_hook=_Parts().kept)
    raw = model["operations"]
    operations = {
        name: Operation(one["input"]["shape"], one.get("output", {}).get("shape")) for name, one in raw.items()
    }
    return model["shapes"], operations


class _Parts:
    """What many members say alike, that they are a String, is kept once."""

    def __init__(self) -> None:
        self._references: dict[str, dict[str, Any]] = {}

    def kept(self, part: dict[str, Any]) -> dict[str, Any]:
        """A part without what people read."""
        if isinstance(part.get("documentation"), str):
            del part["documentation"]
        return self._references.setdefault(part["shape"], part) if [*part] == ["shape"] else part
