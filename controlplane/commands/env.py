"""`cachewright env`: the variables that lead AWS SDKs and tools to a control plane, for a shell or a file."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from shlex import quote

ACCOUNT = "000000000000"


class Shell(StrEnum):
    """Who reads the variables."""

    SH = "sh"
    FISH = "fish"
    POWERSHELL = "powershell"
    DOCKER = "docker"  # options of `docker run`
    DOTENV = "dotenv"


def variables(url: str, region: str, account: str = ACCOUNT) -> dict[str, str]:
    """Of every AWS SDK; credentials that are no secret, since anybody on this machine may call."""
    return {
        "AWS_ENDPOINT_URL_ELASTICACHE": url,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "any",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "CACHEWRIGHT_URL": url,
    }


def _powershell(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _fish(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


_LINES: Mapping[Shell, Callable[[str, str], str]] = {
    Shell.SH: lambda name, value: f"export {name}={quote(value)}",
    Shell.FISH: lambda name, value: f"set -gx {name} {_fish(value)}",
    Shell.POWERSHELL: lambda name, value: f"$Env:{name} = {_powershell(value)}",
    Shell.DOCKER: lambda name, value: f"--env {quote(f'{name}={value}')}",
    Shell.DOTENV: lambda name, value: f"{name}={value}",
}


def lines(told: Mapping[str, str], shell: Shell) -> list[str]:
    """A line for each variable, as the shell reads it."""
    return [_LINES[shell](name, value) for name, value in told.items()]
