"""`cachewright service`: a unit with which systemd keeps a control plane for a user."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cachewright.controlplane.choice import SECRET, URL
from cachewright.controlplane.settings import PREFIX

ENVIRONMENT = "environment"  # a file of the data directory, for what is nobody else's business
_ENGINE = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")


def unit(program: Sequence[str], directory: Path, environment: Mapping[str, str]) -> str:
    """The text of the unit: it serves the data directory with the settings of the environment, but for secrets, which
    belong into the file that it names.
    """
    secrets = directory / ENVIRONMENT
    words = " ".join(map(_argument, (*program, "up", "--data-dir", str(directory))))
    return "\n".join(
        (
            "[Unit]",
            "Description=Cachewright: ElastiCache on this machine",
            "",
            "[Service]",
            f"ExecStart={words}",
            *(f"Environment={_quoted(f'{name}={value}')}" for name, value in _open(environment)),
            *(f"# {name} is a secret: write it into {secrets}" for name in _secret(environment)),
            f"EnvironmentFile=-{_escaped(str(secrets))}",
            "Restart=on-failure",
            "RestartSec=5",
            "",
            "[Install]",
            "WantedBy=default.target",
            "",
        )
    )


def _open(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    secret = {*_secret(environment), URL, f"{PREFIX}DATA_DIR"}
    for name, value in sorted(environment.items()):
        if (name.startswith(PREFIX) or name in _ENGINE) and name not in secret and value:
            yield name, value


def _secret(environment: Mapping[str, str]) -> list[str]:
    return sorted(name for name in environment if name in {f"{PREFIX}{field}".upper() for field in SECRET})


def _argument(word: str) -> str:
    """A word of a command line, where systemd puts in variables."""
    return _quoted(word.replace("$", "$$")) if shlex.quote(word) != word else word


def _quoted(text: str) -> str:
    escaped = _escaped(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _escaped(text: str) -> str:
    """Without specifiers, which begin with a per cent sign."""
    return text.replace("%", "%%")
