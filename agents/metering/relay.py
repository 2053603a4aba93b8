"""The relay beside a node of a serverless cache with a limit of ECPUs. It shares the node's network and shows clients
the node's own certificate. Pure, but for the program, read once.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict

from cachewright.agents.metering.program.contact import KEYS, LONGEST, Metering
from cachewright.agents.planning.containers import Blueprint, File
from cachewright.agents.programs import home, program

MEMORY = 3 * LONGEST  # a request is kept until it is whole, and copied as it is handed on
USER = "10001:10001"

_PROGRAM = "metering"


def blueprint(
    image: str, name: str, node: str, labels: Mapping[str, str], metering: Metering, identity: bytes
) -> Blueprint:
    """The relay of the container `node`; `identity`: its certificate, its key and the authority, in PEM."""
    return Blueprint(
        name=name,
        image=image,
        command=("python3", "-I", home(_PROGRAM), json.dumps(asdict(metering))),
        address="",
        memory=MEMORY,
        labels=labels,
        files=(*program(_PROGRAM), File(str(KEYS), identity)),
        user=USER,
        beside=node,
    )
