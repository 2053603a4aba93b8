"""How a Redis or Valkey node is started in cluster mode."""

from collections.abc import Mapping

from agents.planning.seats import BUS, bus_port
from controlplane.model.cache import Spec, Transit

STATE = "/cachewright/cluster/nodes.conf"  # what the node knows of the cluster; a directory of its own
SILENCE = 15000  # milliseconds after which nodes call another one failed
NEVER = 1000  # replicas that a primary must have before one of them leaves it for another primary


def options(spec: Spec, version: tuple[int, ...]) -> Mapping[str, tuple[str | int, ...]]:
    """The part of the command line that makes a build of that version a cluster node.

    Only the agent chooses who leads: no replica takes over or changes sides by itself.
    """
    if not spec.clustered:
        return {}
    settings: dict[str, tuple[str | int, ...]] = {
        "cluster-enabled": ("yes",),
        "cluster-config-file": (STATE,),
        "cluster-node-timeout": (SILENCE,),
        "cluster-replica-no-failover": ("yes",),
        "cluster-migration-barrier": (NEVER,),
        "cluster-require-full-coverage": ("no",),
    }
    if version >= (7, 0):
        settings["cluster-allow-replica-migration"] = ("no",)
    if bus_port(spec.port) != spec.port + BUS:
        settings["cluster-port"] = (bus_port(spec.port),)
    if spec.transit is Transit.REQUIRED:
        settings["tls-cluster"] = ("yes",)
    return settings
