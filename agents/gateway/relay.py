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
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.vpcs import IPV4

MEMORY = 128 * 1024 * 1024
_CONFIG, _START = "/gateway/relay.cfg", "/gateway/relay.sh"
_TEMPLATES = {path: Template((Path(__file__).parent / Path(path).name).read_text()) for path in (_CONFIG, _START)}
_TABLE = """\
table {family} relay
delete table {family} relay
table {family} relay {{
    chain doors {{
        type nat hook prerouting priority dstnat;
        tcp dport {port} redirect to :{door}
    }}
}}"""


def blueprint(image: str, name: str, node: str, labels: Mapping[str, str], port: int, spec: Spec) -> Blueprint:
    """The relay of the container `node` of a cache, whose engine takes plain connections at `port`."""
    families = ("ip",) if spec.network_type == IPV4 else ("ip", "ip6")
    values = {
        "bind": f"0.0.0.0:{DOOR}" if spec.network_type == IPV4 else f":::{DOOR} v4v6",
        "loopback": "[::1]" if spec.six else "127.0.0.1",  # where the engine listens as well
        "tables": "\n".join(_TABLE.format(family=family, port=port, door=DOOR) for family in families),
        "port": port,
        "shadow": SHADOW_PORT,
        "config": _CONFIG,
    }
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
