"""Conditions: whether they hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cachewright.controlplane.templates.functions import evaluated
from cachewright.controlplane.templates.scope import Scope
from cachewright.controlplane.templates.values import Value, WrongTemplate, text

_MOST = 10  # parts of Fn::And and Fn::Or


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a template, by name; `names` are its parameters and the pseudo parameters."""

    written: Mapping[str, Value]
    names: Mapping[str, Value]
    mappings: Mapping[str, Value]
    asked: tuple[str, ...] = field(default=())  # that led here: no condition depends on itself

    def hold(self, name: str) -> bool:
        """Whether a condition does. WrongTemplate when there is none of that name, or when it has no answer."""
        if name not in self.written:
            raise WrongTemplate(f"there is no condition {name}")
        if name in self.asked:
            raise WrongTemplate(f"the condition {name} depends on itself")
        return Conditions(self.written, self.names, self.mappings, (*self.asked, name))._true(self.written[name])

    def _true(self, value: Value) -> bool:
        if not isinstance(value, dict) or len(value) != 1:
            raise WrongTemplate(f"{value} is no condition")
        ((name, argument),) = value.items()
        if name not in _FORMS:
            raise WrongTemplate(f"{name} is no function of conditions")
        return _FORMS[name](self, argument)

    def _parts(self, argument: Value, name: str, least: int, most: int) -> list[Value]:
        if not isinstance(argument, list) or not least <= len(argument) <= most:
            raise WrongTemplate(f"{name} takes a list of {least}" + (f" to {most}" if most > least else ""))
        return argument

    def _equal(self, argument: Value) -> bool:
        scope = Scope(self.names, self.mappings, self.hold, {})
        one, other = (evaluated(part, scope) for part in self._parts(argument, "Fn::Equals", 2, 2))
        simple = not isinstance(one, list | dict) and not isinstance(other, list | dict)
        return text(one, "Fn::Equals") == text(other, "Fn::Equals") if simple else one == other


_FORMS: Mapping[str, Callable[[Conditions, Value], bool]] = {
    "Condition": lambda own, argument: own.hold(text(argument, "Condition")),
    "Fn::And": lambda own, argument: all(own._true(part) for part in own._parts(argument, "Fn::And", 2, _MOST)),
    "Fn::Equals": Conditions._equal,
    "Fn::Not": lambda own, argument: not own._true(own._parts(argument, "Fn::Not", 1, 1)[0]),
    "Fn::Or": lambda own, argument: any(own._true(part) for part in own._parts(argument, "Fn::Or", 2, _MOST)),
}
