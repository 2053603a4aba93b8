"""What INFO says, as values."""

from collections.abc import Mapping
from typing import Any

from redis import Redis

from cachewright.agents.engines.redis import acks
from cachewright.agents.planning.world import Replication
from cachewright.controlplane.model.cache import Address

_STEADY = "no-failover"  # of a client's FAILOVER, which there is since Redis 6.2


def version(client: Redis) -> tuple[int, ...]:
    """The first two numbers of the Redis that a node is, or is compatible with."""
    server: Any = client.execute_command("INFO", "server")
    return tuple(int(part) for part in str(server["redis_version"]).split(".")[:2])


def follows(client: Redis) -> bool:
    """Whether a node is a replica."""
    return not replication(client.execute_command("INFO", "replication")).leads


def own_version(client: Redis) -> tuple[int, ...]:
    """The first two numbers of a node's own version."""
    server: Any = client.execute_command("INFO", "server")
    return tuple(int(part) for part in build(server).rpartition(" ")[2].split(".")[:2])


def build(server: Mapping[str, Any]) -> str:
    """The engine and its version. Valkey tells its own version beside that of the Redis it is compatible with."""
    if "valkey_version" in server:
        return f"valkey {server['valkey_version']}"
    return f"redis {server['redis_version']}"


def replication(section: Mapping[str, Any], *, idle: bool = False) -> Replication:
    """ROLE would be shorter, but forgets how far a replica had come as soon as its primary is gone."""
    if section["role"] == "master":
        return Replication(leads=True, offset=int(section["master_repl_offset"]), heard=acks.heard(section))
    return Replication(
        leads=False,
        follows=Address(str(section["master_host"]), int(section["master_port"])),
        linked=section["master_link_status"] == "up",
        offset=int(section["slave_repl_offset"]),
        idle=idle,
        syncing=bool(section["master_sync_in_progress"]),
        heard=acks.heard(section),
        failing_over=section.get("master_failover_state", _STEADY) != _STEADY,
    )
