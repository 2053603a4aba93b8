"""Intrinsic functions: a row for each, and what a value with functions in it comes to.

Source: the CloudFormation user guide, "Intrinsic function reference".
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from cachewright.controlplane.templates.scope import Resources, Scope
from cachewright.controlplane.templates.values import Value, WrongTemplate, mapping, text

NO_VALUE = "AWS::NoValue"
CONDITIONS = frozenset({"Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or", "Condition"})  # of conditions alone
_VARIABLE = re.compile(r"\$\{([^!{}][^{}]*)\}")
_LITERAL = re.compile(r"\$\{!([^{}]*)\}")
_ZONES = ("a", "b", "c")


class _Absent:
    """In place of a value that is to be left out."""


ABSENT = _Absent()
Result: TypeAlias = "Value | _Absent"
Function: TypeAlias = "Callable[[Value, Scope], Result]"


def evaluated(value: Value, scope: Scope) -> Value:
    """What a value comes to. What is `AWS::NoValue` is left out. WrongTemplate when it comes to nothing."""
    result = _evaluated(value, scope)
    return None if isinstance(result, _Absent) else result


def _evaluated(value: Value, scope: Scope) -> Result:
    if isinstance(value, list):
        return [part for part in (_evaluated(part, scope) for part in value) if not isinstance(part, _Absent)]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name in FUNCTIONS:
            return FUNCTIONS[name](argument, scope)
        if name.startswith("Fn::") or name in CONDITIONS:
            raise WrongTemplate(f"{name} is not built, or has no place here")
    found = {name: _evaluated(part, scope) for name, part in value.items()}
    return {name: part for name, part in found.items() if not isinstance(part, _Absent)}


def _ref(argument: Value, scope: Scope) -> Result:
    name = text(argument, "Ref")
    if name == NO_VALUE:
        return ABSENT
    if name in scope.names:
        return scope.names[name]
    return _resources(scope, name).ref(name)


def _get_att(argument: Value, scope: Scope) -> Result:
    parts = argument.split(".", 1) if isinstance(argument, str) else _list(argument, "Fn::GetAtt", 2)
    logical, name = text(parts[0], "Fn::GetAtt"), text(evaluated(parts[1], scope), "Fn::GetAtt")
    return _resources(scope, logical).attribute(logical, name)


def _resources(scope: Scope, name: str) -> Resources:
    if scope.resources is None:
        raise WrongTemplate(f"{name} is no parameter")
    return scope.resources


def _sub(argument: Value, scope: Scope) -> Result:
    pattern, local = argument, {}
    if isinstance(argument, list):
        pattern, written = _list(argument, "Fn::Sub", 2)
        local = {name: evaluated(part, scope) for name, part in mapping(written, "the second part of Fn::Sub").items()}

    def value(found: re.Match[str]) -> str:
        name = found.group(1).strip()
        if name in local:
            return text(local[name], name)
        result = _get_att(name, scope) if "." in name else _ref(name, scope)
        return "" if isinstance(result, _Absent) else text(result, f"${{{name}}}")

    return _LITERAL.sub(r"${\1}", _VARIABLE.sub(value, text(pattern, "Fn::Sub")))


def _join(argument: Value, scope: Scope) -> Result:
    between, parts = _list(argument, "Fn::Join", 2)
    found = _listed(evaluated(parts, scope), "Fn::Join")
    return text(between, "Fn::Join").join(text(part, "a part of Fn::Join") for part in found)


def _select(argument: Value, scope: Scope) -> Result:
    wanted, parts = _list(argument, "Fn::Select", 2)
    found, index = _listed(evaluated(parts, scope), "Fn::Select"), text(evaluated(wanted, scope), "Fn::Select")
    if not index.isdecimal() or int(index) >= len(found):
        raise WrongTemplate(f"Fn::Select cannot take number {index} of {len(found)}")
    return found[int(index)]


def _split(argument: Value, scope: Scope) -> Result:
    between, whole = _list(argument, "Fn::Split", 2)
    return list(text(evaluated(whole, scope), "Fn::Split").split(text(between, "Fn::Split")))


def _find_in_map(argument: Value, scope: Scope) -> Result:
    parts = _list(evaluated(argument, scope), "Fn::FindInMap", 3, 4)
    found: Value = dict(scope.mappings)
    for part in parts[:3]:
        key = text(part, "a key of Fn::FindInMap")
        if not isinstance(found, dict) or key not in found:
            if len(parts) > 3 and isinstance(parts[3], dict) and "DefaultValue" in parts[3]:
                return parts[3]["DefaultValue"]
            raise WrongTemplate(f"Fn::FindInMap finds no {' / '.join(text(part, 'a key') for part in parts[:3])}")
        found = found[key]
    return found


def _if(argument: Value, scope: Scope) -> Result:
    name, then, otherwise = _list(argument, "Fn::If", 3)
    return _evaluated(then if scope.holds(text(name, "Fn::If")) else otherwise, scope)


def _import_value(argument: Value, scope: Scope) -> Result:
    name = text(evaluated(argument, scope), "Fn::ImportValue")
    if name not in scope.imports:
        raise WrongTemplate(f"no stack exports {name}: give it with --import {name}=VALUE")
    return scope.imports[name]


def _base64(argument: Value, scope: Scope) -> Result:
    return base64.b64encode(text(evaluated(argument, scope), "Fn::Base64").encode()).decode()


def _get_azs(argument: Value, scope: Scope) -> Result:
    region = text(evaluated(argument, scope), "Fn::GetAZs") or text(scope.names["AWS::Region"], "AWS::Region")
    return [f"{region}{letter}" for letter in _ZONES]


def _length(argument: Value, scope: Scope) -> Result:
    return len(_listed(evaluated(argument, scope), "Fn::Length"))


def _to_json(argument: Value, scope: Scope) -> Result:
    return json.dumps(evaluated(argument, scope), separators=(",", ":"))


def _list(value: Value, name: str, least: int, most: int = 0) -> list[Value]:
    if not isinstance(value, list) or not least <= len(value) <= max(least, most):
        raise WrongTemplate(f"{name} takes a list of {least}")
    return value


def _listed(value: Value, name: str) -> list[Value]:
    if not isinstance(value, list):
        raise WrongTemplate(f"{name} takes a list")
    return value


FUNCTIONS: Mapping[str, Function] = {
    "Ref": _ref,
    "Fn::Base64": _base64,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Length": _length,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::ToJsonString": _to_json,
}
