"""How a Redis or Valkey node is started in cluster mode."""

from collections.abc import Mapping

from cachewright.agents.planning.cluster.nodes import BUS, bus_port
from cachewright.agents.planning.verdicts import Never
from cachewright.controlplane.model.cache import Address, Spec, Transit

STATE = "/cachewright/cluster/nodes.conf"  # what the node knows of the cluster; a directory of its own
TIMEOUT = "cluster-node-timeout"
SILENCE = 15_000  # milliseconds after which nodes call another one failed
YEARS = 1_000_000_000_000  # the same where nodes are kept apart: all of them are silent
ALONE = 500  # the same for one that serves all slots as a replica: as long as this it waits once it leads
APART = (YEARS, ALONE)
PINGS = "repl-ping-replica-period"
CLUSTER_PINGS = 1  # seconds between two: a replica that never heard anything is not shown to clients
ANNOUNCING = (7, 0)  # the version that knows host names, and replicas that stay with their primary
ANNOUNCED_PORT = "cluster-announce-tls-port"
ANNOUNCED_HOST = "cluster-announce-ip"
NEVER = 1000  # replicas that a primary must have before one of them leaves it for another primary


def options(
    spec: Spec,
    port: int,
    version: tuple[int, ...],
    announced: Address | None = None,
    *,
    apart: bool = False,
    alone: bool = False,
) -> Mapping[str, tuple[str | int, ...]]:
    """The part of the command line that makes a build of that version a cluster node; `announced` is where it tells
    clients that it is, if not at its own address; `apart`: it hears nothing of others; `alone`: nor do others have
    slots. Never for a build that cannot tell another place.

    Only the agent chooses who leads: no replica takes over or changes sides by itself.
    """
    if not spec.clustered:
        return {}
    settings: dict[str, tuple[str | int, ...]] = {
        "cluster-enabled": ("yes",),
        "cluster-config-file": (STATE,),
        TIMEOUT: (ALONE if alone else YEARS if apart else SILENCE,),
        "cluster-replica-no-failover": ("yes",),
        "cluster-migration-barrier": (NEVER,),
        PINGS: (CLUSTER_PINGS,),
    }
    if version >= ANNOUNCING:
        settings["cluster-allow-replica-migration"] = ("no",)
    if bus_port(port) != port + BUS:
        settings["cluster-port"] = (bus_port(port),)
    if announced:
        settings |= _announcement(announced, port, version)
    if spec.transit is Transit.REQUIRED:
        settings["tls-cluster"] = ("yes",)
    return settings


def _announcement(told: Address, port: int, version: tuple[int, ...]) -> Mapping[str, tuple[str | int, ...]]:
    if version < ANNOUNCING:
        needed = ".".join(map(str, ANNOUNCING))
        raise Never(
            f"cannot announce {told.host}: cluster mode with published endpoints or host names needs Redis {needed}"
        )
    names = {"cluster-announce-hostname": (told.host,), "cluster-preferred-endpoint-type": ("hostname",)}
    return names if told.port == port else names | {ANNOUNCED_PORT: (told.port,)}
