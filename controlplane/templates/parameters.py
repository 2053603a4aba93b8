"""The values of a template's parameters."""

import re
from collections.abc import Mapping

from cachewright.controlplane.templates.standins import stand_in_for_parameter
from cachewright.controlplane.templates.template import Parameter
from cachewright.controlplane.templates.values import Value, WrongTemplate, text

_LISTS = ("CommaDelimitedList", "List<")
_NUMBERS = ("Number", "List<Number>")
_SSM = "AWS::SSM::Parameter::"  # begins the types whose values are names of what lies in a parameter store


def values_of(parameters: Mapping[str, Parameter], given: Mapping[str, str], stack: str) -> dict[str, Value]:
    """What each parameter is. Ids of AWS that nobody gave are stand-ins. WrongTemplate when one is missing, unknown, or
    not as it has to be.
    """
    if unknown := sorted(given.keys() - parameters.keys()):
        raise WrongTemplate(f"the template has no parameter {unknown[0]}")
    return {name: _value(name, part, given.get(name), stack) for name, part in parameters.items()}


def made_up(parameters: Mapping[str, Parameter], given: Mapping[str, str]) -> list[str]:
    """Those whose values are made up, because nobody gave them."""
    return [name for name, part in parameters.items() if name not in given and part.default is None and _foreign(part)]


def _foreign(parameter: Parameter) -> bool:
    return "AWS::" in parameter.type and not parameter.type.startswith(_SSM)


def _value(name: str, parameter: Parameter, given: str | None, stack: str) -> Value:
    written = _written(parameter.default, name) if given is None else given
    if written is None and _foreign(parameter):
        written = stand_in_for_parameter(parameter.type, stack, name)
    if written is None:
        raise WrongTemplate(f"the parameter {name} has no default: give it with --parameter {name}=VALUE")
    parts = [part.strip() for part in written.split(",")] if parameter.type.startswith(_LISTS) else [written]
    for part in parts:
        if cause := _against(parameter, part):
            shown = "its value" if parameter.secret else repr(part)
            raise WrongTemplate(f"the parameter {name} cannot be {shown}: {cause}")
    return list(parts) if parameter.type.startswith(_LISTS) else written


def _written(default: Value, name: str) -> str | None:
    if isinstance(default, list):
        return ",".join(text(part, f"Default of {name}") for part in default)
    return None if default is None else text(default, f"Default of {name}")


def _against(parameter: Parameter, value: str) -> str:
    """Why a parameter cannot have a value; empty when it can."""
    if parameter.allowed and value not in parameter.allowed:
        return f"it has to be one of {', '.join(parameter.allowed)}"
    if parameter.type in _NUMBERS:
        return _against_number(parameter, value)
    if parameter.pattern and not re.fullmatch(parameter.pattern, value):
        return f"it has to match {parameter.pattern}"
    if parameter.longest is not None and len(value) > parameter.longest:
        return f"it has more than {parameter.longest} characters"
    if parameter.shortest is not None and len(value) < parameter.shortest:
        return f"it has less than {parameter.shortest} characters"
    return ""


def _against_number(parameter: Parameter, value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        return "it has to be a number"
    if parameter.most is not None and number > parameter.most:
        return f"it is more than {parameter.most:g}"
    if parameter.least is not None and number < parameter.least:
        return f"it is less than {parameter.least:g}"
    return ""
