"""Requests of the Resource Groups Tagging API, checked by the service model."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.wire.query import Request
from cachewright.controlplane.wire.tagging import cbor, service

INVALID = "InvalidParameterException"

_TYPES: Mapping[str, type] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "integer": int,
    "boolean": bool,
}
_SURROGATE = re.compile("[\ud800-\udfff]")  # which JSON can name, and no text can have
_Check = Callable[[dict[str, Any], Any, str], None]  # a shape, a value of its type, and where it stands


def parse(operation: str, path: str, body: bytes) -> Request:
    """The operation and its parameters, as the model types them; what is null is absent. Faults: an operation that AWS
    does not have, a body that cannot be read, a parameter that breaks a rule of the model or that nobody knows.
    """
    if operation not in service.operations():
        raise Fault("UnknownOperationException", f"Could not find operation {operation}")
    params = _read(path, body)
    known = service.operations()[operation]["input"]["shape"]
    params = {name: value for name, value in params.items() if value is not None}
    _check(known, params, "")
    return Request(operation, params)


def _read(path: str, body: bytes) -> dict[str, Any]:
    try:
        content = (cbor.decoded(body) if service.speaks_cbor(path) else json.loads(body)) if body else {}
    except (ValueError, RecursionError) as error:
        raise Fault("SerializationException", f"The request body cannot be read: {error}.") from None
    if not isinstance(content, dict):
        raise Fault("SerializationException", "The request body is no structure.")
    return content


def _check(name: str, value: object, path: str) -> None:
    shape = service.model()["shapes"][name]
    wanted = _TYPES[shape["type"]]
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise Fault("SerializationException", f"{path or 'The request body'} is of a wrong type.")
    if isinstance(value, str) and _SURROGATE.search(value):
        raise Fault("SerializationException", f"{path} holds half a character.")
    if isinstance(value, str | list | dict):
        _check_length(shape, len(value), path)
    if check := _WITHIN.get(shape["type"]):
        check(shape, value, path)


def _check_length(shape: Mapping[str, Any], length: int, path: str) -> None:
    least, most = shape.get("min", 0), shape.get("max", length)
    if not least <= length <= most:
        raise Fault(INVALID, f"{path} has a length of {length}, which must be between {least} and {most}.")


def _check_structure(shape: dict[str, Any], value: dict[str, Any], path: str) -> None:
    prefix = f"{path}." if path else ""
    for name in shape.get("required", ()):
        if value.get(name) is None:
            raise Fault(INVALID, f"The parameter {prefix}{name} is required.")
    for name, part in value.items():
        if name not in shape["members"]:
            raise Fault(INVALID, f"The parameter {prefix}{name} is not valid for this operation.")
        _check(shape["members"][name]["shape"], part, f"{prefix}{name}")


def _check_list(shape: dict[str, Any], value: list[Any], path: str) -> None:
    for number, part in enumerate(value, 1):
        _check(shape["member"]["shape"], part, f"{path}.{number}")


def _check_map(shape: dict[str, Any], value: dict[str, Any], path: str) -> None:
    for key, part in value.items():
        _check(shape["key"]["shape"], key, f"a key of {path}")
        _check(shape["value"]["shape"], part, f"{path}.{key}")


_WITHIN: Mapping[str, _Check] = {"structure": _check_structure, "list": _check_list, "map": _check_map}
