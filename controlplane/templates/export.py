"""What there is as a template. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cachewright.controlplane.templates.kinds import KINDS, Kind
from cachewright.controlplane.templates.properties import SECRETS, is_sealed
from cachewright.controlplane.templates.stack import Stack
from cachewright.controlplane.templates.values import HIDDEN, Properties, Value

VERSION = "2010-09-09"
_UNSAID = frozenset({"PreferredAvailabilityZone"})  # where a node happens to be
_DEFAULTS = ("default", "default.")  # values, or their beginnings, that need not be said
_DEFAULT_NAMES = frozenset({"CacheParameterGroupName", "CacheSubnetGroupName"})


@dataclass(frozen=True, slots=True)
class Found:
    """One resource that is there."""

    kind: Kind
    id: str
    properties: Properties


def of_all(found: Iterable[Found]) -> Properties:
    """A template of everything there is, with its names."""
    every = {_logical(part): part for part in found}
    names = {(part.kind.name, part.id): logical for logical, part in every.items()}
    resources = {logical: (part.kind, _said(part), "Delete") for logical, part in every.items()}
    return _template(resources, names)


def of_stack(stack: Stack) -> Properties:
    """A template of what was last applied to a stack."""
    names = {(KINDS[made.type].name, made.id): made.logical for made in stack.made}
    return _template({made.logical: (KINDS[made.type], made.properties, made.deletion) for made in stack.made}, names)


def _template(
    resources: Mapping[str, tuple[Kind, Properties, str]], names: Mapping[tuple[str, str], str]
) -> Properties:
    parameters: Properties = {}
    written: Properties = {}
    for logical, (kind, properties, deletion) in resources.items():
        part: Properties = {"Type": kind.type}
        if deletion != "Delete":
            part["DeletionPolicy"] = deletion
        own = {name: value for name, value in properties.items() if name == kind.name}
        others = {name: value for name, value in properties.items() if name not in own}
        referring = {name: _referring(name, value, names) for name, value in others.items()}
        part["Properties"] = own | _without_secrets(logical, referring, parameters)
        written[logical] = part
    head: Properties = {"AWSTemplateFormatVersion": VERSION}
    return head | ({"Parameters": parameters} if parameters else {}) | {"Resources": written}


_NAMED_BY: Mapping[str, str] = {  # properties that name other resources, and what those call their names
    "CacheParameterGroupName": "CacheParameterGroupName",
    "CacheSubnetGroupName": "CacheSubnetGroupName",
    "UserGroupId": "UserGroupId",
    "UserGroupIds": "UserGroupId",
    "UserIds": "UserId",
}


def _referring(name: str, value: Value, names: Mapping[tuple[str, str], str]) -> Value:
    """A value with references in place of names of what is in the same template."""
    if name not in _NAMED_BY:
        return value
    if isinstance(value, list):
        return [_referring(name, part, names) for part in value]
    logical = names.get((_NAMED_BY[name], str(value)))
    return {"Ref": logical} if logical else value


def _without_secrets(where: str, properties: Properties, parameters: Properties) -> Properties:
    return {name: _without_secret(where, name, value, parameters) for name, value in properties.items()}


def _without_secret(where: str, name: str, value: Value, parameters: Properties) -> Value:
    """A parameter in place of a secret: nobody here knows it."""
    if name in SECRETS and (is_sealed(value) or value == HIDDEN or (isinstance(value, list) and HIDDEN in value)):
        parameter = f"{where}{name}"
        many = name == "Passwords"
        parameters[parameter] = {"Type": "CommaDelimitedList" if many else "String", "NoEcho": True}
        return {"Ref": parameter}
    return _without_secrets(where, value, parameters) if isinstance(value, dict) else value


def _said(found: Found) -> Properties:
    return {
        name: value
        for name, value in found.properties.items()
        if name not in _UNSAID and not (name in _DEFAULT_NAMES and name != found.kind.name and _is_default(value))
    }


def _is_default(value: Value) -> bool:
    return value == _DEFAULTS[0] or str(value).startswith(_DEFAULTS[1])


def _logical(found: Found) -> str:
    words = re.split(r"[^A-Za-z0-9]+", found.id)
    return found.kind.short + "".join(word[:1].upper() + word[1:] for word in words)
