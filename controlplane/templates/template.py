"""A template: its sections, checked for form."""

from collections.abc import Mapping
from dataclasses import dataclass

from cachewright.controlplane.templates.values import Properties, Value, WrongTemplate, mapping

OURS = "AWS::ElastiCache::"  # begins the resource types that are acted on
_SECTIONS = frozenset(
    (
        *("AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions"),
        *("Transform", "Resources", "Outputs", "Globals", "Hooks"),
    )
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One that is given when the template is applied."""

    type: str
    default: Value = None
    allowed: tuple[str, ...] = ()
    pattern: str = ""
    longest: int | None = None
    shortest: int | None = None
    most: float | None = None
    least: float | None = None
    secret: bool = False  # NoEcho


@dataclass(frozen=True, slots=True)
class Resource:
    """One as it is written: properties with functions in them."""

    type: str
    properties: Properties
    condition: str = ""  # under which it is made; empty: always
    depends_on: tuple[str, ...] = ()
    deletion: str = "Delete"  # DeletionPolicy
    replacement: str = "Delete"  # UpdateReplacePolicy
    online: bool = False  # UpdatePolicy: UseOnlineResharding

    @property
    def ours(self) -> bool:
        """Whether it is one of ElastiCache."""
        return self.type.startswith(OURS)


@dataclass(frozen=True, slots=True)
class Output:
    """What is told about a stack."""

    value: Value
    condition: str = ""
    export: Value = None  # the name under which other stacks import it


@dataclass(frozen=True, slots=True)
class Template:
    """A whole template."""

    parameters: Mapping[str, Parameter]
    mappings: Properties
    conditions: Properties
    resources: Mapping[str, Resource]
    outputs: Mapping[str, Output]


def template(document: Properties) -> Template:
    """The template that a document is. WrongTemplate when it is none."""
    if unknown := sorted(document.keys() - _SECTIONS):
        raise WrongTemplate(f"a template has no section {unknown[0]}")
    resources = _section(document, "Resources")
    if not resources:
        raise WrongTemplate("a template has to have at least one of Resources")
    return Template(
        {name: _parameter(name, part) for name, part in _section(document, "Parameters").items()},
        _section(document, "Mappings"),
        _section(document, "Conditions"),
        {name: _resource(name, part) for name, part in resources.items()},
        {name: _output(name, part) for name, part in _section(document, "Outputs").items()},
    )


def _section(document: Properties, name: str) -> Properties:
    return mapping(document.get(name) or {}, name)


def _parameter(name: str, written: Value) -> Parameter:
    part = mapping(written, f"the parameter {name}")
    return Parameter(
        _word(part, "Type", f"the parameter {name}"),
        part.get("Default"),
        tuple(str(value) for value in _list(part.get("AllowedValues"))),
        str(part.get("AllowedPattern", "")),
        _whole(part.get("MaxLength")),
        _whole(part.get("MinLength")),
        _number(part.get("MaxValue")),
        _number(part.get("MinValue")),
        str(part.get("NoEcho", "")).lower() == "true",
    )


def _resource(name: str, written: Value) -> Resource:
    part = mapping(written, f"the resource {name}")
    if name.startswith("Fn::"):
        raise WrongTemplate(f"{name} needs a transform, which is not built")
    update = mapping(part.get("UpdatePolicy") or {}, f"UpdatePolicy of {name}")
    return Resource(
        _word(part, "Type", f"the resource {name}"),
        mapping(part.get("Properties") or {}, f"Properties of {name}"),
        str(part.get("Condition", "")),
        tuple(str(other) for other in _list(part.get("DependsOn"))),
        str(part.get("DeletionPolicy", "Delete")),
        str(part.get("UpdateReplacePolicy", "Delete")),
        str(update.get("UseOnlineResharding", "")).lower() == "true",
    )


def _output(name: str, written: Value) -> Output:
    part = mapping(written, f"the output {name}")
    if "Value" not in part:
        raise WrongTemplate(f"the output {name} has no Value")
    export = mapping(part.get("Export") or {}, f"Export of {name}")
    return Output(part["Value"], str(part.get("Condition", "")), export.get("Name"))


def _word(part: Properties, key: str, what: str) -> str:
    value = part.get(key)
    if not isinstance(value, str):
        raise WrongTemplate(f"{what} has no {key}")
    return value


def _list(value: Value) -> list[Value]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _whole(value: Value) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _number(value: Value) -> float | None:
    try:
        return None if value is None else float(str(value))
    except ValueError as error:
        raise WrongTemplate(f"{value} is no number") from error
