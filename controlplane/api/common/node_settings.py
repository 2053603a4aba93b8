"""What every node of a new cache has: its node type and its port."""

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model import node_types, versions
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.scaling import runs_on
from cachewright.controlplane.model.versions import Engine, EngineVersion


def node_type_for(release: EngineVersion, wanted: str) -> str:
    """The node type, when the version runs on it."""
    row = node_types.node_type(wanted)
    if not runs_on(release, row):
        raise invalid_combination(f"Cache node type {row.name} does not support {release.engine} {release.version}.")
    return row.name


def port_for(engine: Engine, params: Params) -> int:
    """The port of every node."""
    port: int = params.get("Port", versions.DEFAULT_PORT[engine])
    if not 1 <= port <= 65535:
        raise invalid_value(f"Invalid value {port} for Port. Must be between 1 and 65535")
    return port
