"""The relay beside the primary of a secondary by which it follows another region, later. It shares the node's network,
and hands on bytes: what is encrypted stays so. Pure, but for the program, read once.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict

from cachewright.agents.delaying.program.contact import HELD, Delaying
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.programs import home, program

MEMORY = 3 * HELD  # both directions, and Python
USER = "10001:10001"

_PROGRAM = "delaying"


def blueprint(image: str, name: str, node: str, labels: Mapping[str, str], delaying: Delaying) -> Blueprint:
    """The relay of the container `node`."""
    return Blueprint(
        name=name,
        image=image,
        command=("python3", "-I", home(_PROGRAM), json.dumps(asdict(delaying))),
        address="",
        memory=MEMORY,
        labels=labels,
        files=program(_PROGRAM),
        user=USER,
        beside=node,
    )


def delaying_of(command: tuple[str, ...]) -> Delaying:
    """What a relay with that command line does."""
    return Delaying(**json.loads(command[-1]))
