"""The relay beside a node of a serverless cache with a limit of ECPUs. It shares the node's network and shows clients
the node's own certificate. Pure, but for the program, read once.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path

from cachewright.agents.metering.program.server import KEYS, Metering
from cachewright.agents.planning.containers import Blueprint, File

MEMORY = 512 * 1024 * 1024  # a request is kept until it is whole
USER = "10001:10001"

_HOME = "/metering"
_PACKAGE = "cachewright/agents/metering/program"
_MAIN = b"from cachewright.agents.metering.program.server import main\n\nmain()\n"


def blueprint(
    image: str, name: str, node: str, labels: Mapping[str, str], metering: Metering, identity: bytes
) -> Blueprint:
    """The relay of the container `node`; `identity`: its certificate, its key and the authority, in PEM."""
    return Blueprint(
        name=name,
        image=image,
        command=("python3", "-I", _HOME, json.dumps(asdict(metering))),
        address="",
        memory=MEMORY,
        labels=labels,
        files=(*_program(), File(str(KEYS), identity)),
        user=USER,
        beside=node,
    )


@cache
def _program() -> tuple[File, ...]:
    return tuple(_modules())


def _modules() -> Iterator[File]:
    yield File(f"{_HOME}/__main__.py", _MAIN)
    for path in sorted((Path(__file__).parent / "program").glob("*.py")):
        yield File(f"{_HOME}/{_PACKAGE}/{path.name}", path.read_bytes())
