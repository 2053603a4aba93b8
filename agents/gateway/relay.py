"""The relay beside a node on its way to encryption: one port that takes both plain and encrypted connections.

It shares the node's network. Whatever arrives for the node's port ends at the relay's door, which looks at the first
bytes: a TLS greeting goes to the node's encrypted port, everything else to its plain one.
"""

from collections.abc import Mapping
from pathlib import Path
from string import Template

from cachewright.agents.gateway.blueprint import DOOR
from cachewright.agents.planning.containers import Blueprint, File
from cachewright.agents.planning.links import SHADOW_PORT

MEMORY = 128 * 1024 * 1024
_CONFIG, _START = "/gateway/relay.cfg", "/gateway/relay.sh"
_TEMPLATES = {path: Template((Path(__file__).parent / Path(path).name).read_text()) for path in (_CONFIG, _START)}


def blueprint(image: str, name: str, node: str, labels: Mapping[str, str], port: int) -> Blueprint:
    """The relay of the container `node`, whose engine takes plain connections at `port`."""
    values = {"door": DOOR, "port": port, "shadow": SHADOW_PORT, "config": _CONFIG}
    return Blueprint(
        name=name,
        image=image,
        command=("/bin/sh", _START),
        address="",
        memory=MEMORY,
        labels=labels,
        files=tuple(File(path, template.substitute(values).encode()) for path, template in _TEMPLATES.items()),
        capabilities=("NET_ADMIN", "SETGID", "SETUID"),
        user="0:0",  # until HAProxy has bound its port
        beside=node,
    )
