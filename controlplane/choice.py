"""The settings as they were chosen, or what is wrong with them, a line for each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from cachewright.controlplane.settings import PREFIX, Settings

URL = f"{PREFIX}URL"  # no setting of a control plane: where one is, for commands and tests
SECRET = frozenset({"database_url", "credentials"})  # have passwords in them


class WrongSettings(Exception):  # noqa: N818
    """What is wrong, in lines for the user."""


def settings(options: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """The settings of the environment, but for the options of the command; WrongSettings when they make no sense. An
    empty variable is no choice.
    """
    told = {name.upper(): text for name, text in environment.items() if text}
    chosen: dict[str, object] = {}
    wrong: list[str] = []
    for field in fields(Settings):
        variable = _variable(field, told)
        if field.name not in options and variable not in told:
            continue
        try:
            chosen[field.name] = field.metadata["read"](str(options.get(field.name, told.get(variable))))
        except ValueError as error:
            wrong.append(_line(field, str(error), options, told))
    if wrong:
        raise WrongSettings("\n".join(wrong))
    values: Any = chosen
    return Settings(**values)


def unknown(environment: Iterable[str]) -> Iterator[str]:
    """A warning for each variable that has our prefix and is no setting."""
    known = {URL, *(f"{PREFIX}{field.name}".upper() for field in fields(Settings))}
    for variable in sorted(environment):
        if variable.upper().startswith(PREFIX) and variable.upper() not in known:
            from difflib import get_close_matches  # noqa: PLC0415 - hardly ever needed

            near = get_close_matches(variable.upper(), known, 1, 0.85)
            yield f"{variable} is no setting" + (f"; do you mean {near[0]}?" if near else " and is ignored")


def _variable(field: Field[Any], told: Mapping[str, str]) -> str:
    """The variable that counts for a setting: our own, unless only the other one is set."""
    own, also = f"{PREFIX}{field.name}".upper(), field.metadata["also"]
    return also if also in told and own not in told else own


def _line(field: Field[Any], cause: str, options: Mapping[str, Any], told: Mapping[str, str]) -> str:
    example = field.metadata["example"]
    if field.name in options:
        option = f"--{field.name.replace('_', '-')}"
        value = options[field.name]
        shown = repr(str(value) if isinstance(value, Path) else value)
        return f"cannot use {option} {shown}: {cause}; a right value: {option} {example}"
    variable = _variable(field, told)
    said = variable if field.name in SECRET else f"{variable}={told[variable]!r}"
    return f"cannot use {said}: {cause}; a right value: {variable}={example}"
