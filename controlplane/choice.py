"""The settings as they were chosen, or what is wrong with them, a line for each."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from cachewright.controlplane.settings import PREFIX, Settings

_SECRET = frozenset({"database_url"})  # has a password in it


class WrongSettings(Exception):  # noqa: N818
    """What is wrong, in lines for the user."""


def settings(options: Mapping[str, Any], environment: Mapping[str, str]) -> Settings:
    """The settings of the environment, but for the options of the command; WrongSettings when they make no sense."""
    try:
        return Settings(**options)
    except ValidationError as error:
        wrong = {str(row["loc"][0]): row["msg"].removeprefix("Value error, ") for row in error.errors()}
        lines = (_line(name, cause, options, environment) for name, cause in wrong.items())
        raise WrongSettings("\n".join(lines)) from error


def unknown(environment: Iterable[str]) -> Iterator[str]:
    """A warning for each variable that has our prefix and is no setting."""
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for variable in sorted(environment):
        if variable.upper().startswith(PREFIX) and variable.upper() not in known:
            near = get_close_matches(variable.upper(), known, 1, 0.85)
            yield f"{variable} is no setting" + (f"; do you mean {near[0]}?" if near else " and is ignored")


def _line(name: str, cause: str, options: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    field = Settings.model_fields[name]
    example = next(str(one) for one in field.examples or [field.default])
    if name in options:
        option = f"--{name.replace('_', '-')}"
        return f"cannot use {option} {options[name]!r}: {_plain(cause)}; a right value: {option} {example}"
    variable = f"{PREFIX}{name}".upper()
    value = next((text for key, text in environment.items() if key.upper() == variable), "")
    said = variable if name in _SECRET else f"{variable}={value!r}"
    return f"cannot use {said}: {_plain(cause)}; a right value: {variable}={example}"


def _plain(cause: str) -> str:
    """A library's sentence within ours."""
    return "a part is missing" if cause == "Field required" else cause[:1].lower() + cause[1:]
