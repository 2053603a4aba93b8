"""Responses of the query protocol, written by the service model: Python values in, XML out."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.wire import faults, service

Encoder = Callable[[Any], str]  # a value -> the text inside its element

# Markup, a carriage return (parsers would make it a line feed), and characters that XML 1.0 cannot carry at all.
_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_UNPRINTABLE = "\ufffd"


def response(operation: str, result: Mapping[str, Any], request_id: str) -> bytes:
    """The body of a successful response.

    None means absent, an empty list or structure becomes an empty element. Raises ValueError for a member that the
    model does not know and TypeError for a value of another type: these are bugs of ours, never the caller's.
    """
    known = service.operations()[operation]
    body = _element(f"{operation}Result", _encoder(known.output)(result)) if known.output else ""
    metadata = f"<ResponseMetadata><RequestId>{escape(request_id)}</RequestId></ResponseMetadata>"
    text = f'<{operation}Response xmlns="{service.NAMESPACE}">{body}{metadata}</{operation}Response>'
    return text.encode()


def error(fault: Fault, request_id: str) -> tuple[int, bytes]:
    """The HTTP status and the body of a refusal. Raises KeyError for a fault that nobody knows."""
    code, status = faults.code_and_status(fault.shape)
    kind = "Sender" if status < 500 else "Receiver"
    detail = f"<Type>{kind}</Type><Code>{code}</Code><Message>{escape(fault.message)}</Message>"
    identity = f"<RequestId>{escape(request_id)}</RequestId>"
    text = f'<ErrorResponse xmlns="{service.NAMESPACE}"><Error>{detail}</Error>{identity}</ErrorResponse>'
    return status, text.encode()


def escape(text: str) -> str:
    """Text as it stands in an element; what XML cannot carry becomes U+FFFD."""
    return _SPECIAL.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0], _UNPRINTABLE)


def timestamp(moment: datetime) -> str:
    """A moment in UTC with milliseconds, `2019-11-26T01:22:52.396Z`. Raises ValueError without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"cannot write {moment}: it has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_BOOLEANS = {True: "true", False: "false"}

# Type of the service model -> how to write it. Each refuses values of another type.
_SCALARS: dict[str, Encoder] = {
    "string": escape,
    "boolean": _BOOLEANS.__getitem__,
    "integer": "{:d}".format,
    "long": "{:d}".format,
    "double": lambda number: repr(float(number)),
    "timestamp": timestamp,
}


@cache
def _encoder(shape_name: str) -> Encoder:
    """The encoder of a shape, compiled at the first response that needs it."""
    shape = service.shapes()[shape_name]
    match shape["type"]:
        case "structure":
            return _structure(shape_name, shape["members"])
        case "list":
            return _list(shape["member"])
        case scalar:
            return _SCALARS[scalar]


def _structure(shape_name: str, members: dict[str, dict[str, Any]]) -> Encoder:
    aliases = _aliases(members)
    encoders = {
        element: (_encoder(members[name]["shape"]), f"<{element}>", f"</{element}>")
        for name, element in [*zip(members, members, strict=True), *aliases.items()]
    }

    def encode(value: Mapping[str, Any]) -> str:
        parts = []
        for name, inner in value.items():
            if name not in encoders:
                raise ValueError(f"cannot write {shape_name}: it has no member {name}")
            if inner is not None:
                encoder, opening, closing = encoders[name]
                text = encoder(inner)
                parts.append(f"{opening}{text}{closing}" if text else f"<{name}/>")
        return "".join(parts)

    if not aliases:
        return encode
    return lambda value: encode({**value, **{alias: value.get(name) for name, alias in aliases.items()}})


def _aliases(members: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Members whose shape carries an element name of its own (one in the whole model, the pending log delivery).
    botocore reads that name, every other SDK the documented one: both are written.
    """
    own = {name: service.shapes()[member["shape"]].get("locationName") for name, member in members.items()}
    return {name: alias for name, alias in own.items() if alias}


def _list(member: dict[str, Any]) -> Encoder:
    encoder, name = _encoder(member["shape"]), member.get("locationName", "member")
    return lambda values: "".join([_element(name, encoder(value)) for value in values])


def _element(name: str, text: str) -> str:
    return f"<{name}>{text}</{name}>" if text else f"<{name}/>"
