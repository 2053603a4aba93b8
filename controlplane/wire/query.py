"""AWS query requests, decoded by the service model: fields of a form in, Python values out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cachewright.controlplane.model.faults import Fault, invalid_value
from cachewright.controlplane.wire import service
from cachewright.controlplane.wire.form import malformed
from cachewright.controlplane.wire.scalars import SCALARS

# What is known of one value: the rest of each field's name -> the field's value. A scalar is {"": value}.
Node = dict[str, str]
Decoder = Callable[[Node, str], object]  # the node and its path, for messages
Limit = tuple[Callable[[Any], object], str]  # what must be true, and AWS's words for it

# Parameters of the protocol and of its signatures, not of an operation.
PROTOCOL = {"Action", "Version", "ContentType", "Timestamp", "Expires", "AWSAccessKeyId", "SecurityToken"}
PROTOCOL |= {"Signature", "SignatureMethod", "SignatureVersion"}
# Every version of the API that AWS published; later ones only add to earlier ones.
VERSIONS = {"2012-11-15", "2013-06-15", "2014-03-24", "2014-07-15", "2014-09-30", "2014-12-01", service.API_VERSION}
_INDEX = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Request:
    """An operation and its parameters: `str`, `int`, `float`, `bool`, aware `datetime`, `list` and `dict`.

    A parameter that is absent is no key; a list that is explicitly empty is `[]`.
    """

    operation: str
    params: dict[str, Any]


def parse(fields: Mapping[str, str]) -> Request:
    """The request that the fields of a form make.

    Earlier versions of the API are answered as 2015-02-02. Raises `MissingAction`, `InvalidAction`, `MissingParameter`,
    `InvalidQueryParameter` for a parameter that the operation does not know (loud, where AWS may ignore it),
    `InvalidParameterValue` for a wrong type or a broken constraint of the model, `MalformedInput` for a value where
    a list or a structure belongs or the other way round, and `MalformedQueryString` for a bad list index.
    """
    action = fields.get("Action")
    if not action:
        raise Fault("MissingAction", "The request is missing an action or a required parameter.")
    version, operation = fields.get("Version"), service.operations().get(action)
    if operation is None or (version and version not in VERSIONS):
        raise Fault("InvalidAction", f"Could not find operation {action} for version {version or service.API_VERSION}")
    if not version:
        raise Fault("MissingParameter", "The request must contain the parameter Version.")
    own = {name: value for name, value in fields.items() if not _of_protocol(name)}
    return Request(action, _structure(operation.input)(own, ""))


def _of_protocol(name: str) -> bool:
    return name in PROTOCOL or name.lower().startswith("x-amz-")


@cache
def _decoder(shape_name: str) -> Decoder:
    """The decoder of a shape, compiled at the first request that needs it."""
    shape = service.shapes()[shape_name]
    match shape["type"]:
        case "structure":
            return _structure(shape_name)
        case "list":
            return _within(_limits(shape), _list(_decoder(shape["member"]["shape"])))
        case scalar:
            return _within(_limits(shape), _scalar(*SCALARS[scalar]))


@cache
def _structure(shape_name: str) -> Callable[[Node, str], dict[str, Any]]:
    shape = service.shapes()[shape_name]
    members = {name: _decoder(member["shape"]) for name, member in shape["members"].items()}
    required = shape.get("required", ())

    def decode(node: Node, path: str) -> dict[str, Any]:
        if "" in node:
            raise _misplaced(path, "a structure")
        prefix = f"{path}." if path else ""
        parts = _by_first_name(node)
        for name in parts:
            if name not in members:
                raise Fault("InvalidQueryParameter", f"The parameter {prefix}{name} is not valid for this operation.")
        for name in required:
            if name not in parts:
                raise Fault("MissingParameter", f"The request must contain the parameter {prefix}{name}.")
        return {name: members[name](part, f"{prefix}{name}") for name, part in parts.items()}

    return decode


def _list(item: Decoder) -> Decoder:
    """A list of `Name.<any one item name>.N`: AWS's own samples disagree with its model on item names."""

    def decode(node: Node, path: str) -> list[object]:
        if node == {"": ""}:
            return []
        names = _by_first_name(node)
        if len(names) != 1 or "" in names:
            raise _misplaced(path, "a list")
        [(name, numbered)] = names.items()
        parts = _by_first_name(numbered)
        ordered = sorted((_index(index, f"{path}.{name}"), index) for index in parts)
        return [item(parts[index], f"{path}.{name}.{index}") for _, index in ordered]

    return decode


def _scalar(convert: Callable[[str], object], expected: str) -> Decoder:
    def decode(node: Node, path: str) -> object:
        if node.keys() != {""}:
            raise _misplaced(path, "a single value")
        try:
            return convert(node[""])
        except ValueError:
            raise invalid_value(f"Invalid value {node['']} for {path}. Must be {expected}.") from None

    return decode


def _within(limits: list[Limit], decoder: Decoder) -> Decoder:
    if not limits:
        return decoder

    def decode(node: Node, path: str) -> object:
        value = decoder(node, path)
        for holds, words in limits:
            if not holds(value):
                broken = f"Value '{value}' at '{path}' failed to satisfy constraint: {words}"
                raise invalid_value(f"1 validation error detected: {broken}")
        return value

    return decode


def _limits(shape: dict[str, Any]) -> list[Limit]:
    """The constraints of a shape, in the words of AWS's own validation errors."""
    found: list[Limit] = []
    if allowed := shape.get("enum"):
        found.append((allowed.__contains__, f"Member must satisfy enum value set: [{', '.join(allowed)}]"))
    if least := shape.get("min"):
        found.append((lambda value: len(value) >= least, f"Member must have length greater than or equal to {least}"))
    if most := shape.get("max"):
        found.append((lambda value: len(value) <= most, f"Member must have length less than or equal to {most}"))
    if pattern := shape.get("pattern"):
        # DOTALL keeps patterns like `.*\S.*` linear in text of many lines.
        matches = re.compile(pattern, re.DOTALL).fullmatch
        found.append((matches, f"Member must satisfy regular expression pattern: {pattern}"))
    return found


def _by_first_name(node: Node) -> dict[str, Node]:
    parts: dict[str, Node] = {}
    for name, value in node.items():
        first, _, rest = name.partition(".")
        parts.setdefault(first, {})[rest] = value
    return parts


def _index(text: str, path: str) -> int:
    if not _INDEX.fullmatch(text):
        raise malformed(f"'{text}' is no list index in {path}")
    return int(text)


def _misplaced(path: str, expected: str) -> Fault:
    return Fault("MalformedInput", f"The parameter {path} must be {expected}.")
