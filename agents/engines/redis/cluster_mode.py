"""Nodes that know each other, and share slots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis import Redis
from redis.client import Pipeline

from cachewright.agents.engines.facets import Move
from cachewright.agents.engines.redis import cluster_options, info, replication
from cachewright.agents.engines.redis.connections import MIGRATION_TIMEOUT, Connections, later, tolerating
from cachewright.agents.engines.redis.slots import preparation
from cachewright.agents.engines.redis.slots.arrival_limits import Arrivals
from cachewright.agents.engines.redis.slots.migration import SlotMigration
from cachewright.agents.engines.redis.slots.ownership import assign, each, stabilize
from cachewright.agents.planning.cluster.nodes import bus_port
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.slots import Ranges, written


@dataclass(frozen=True, slots=True)
class RedisClusterMode:
    """The facet ClusterMode of Redis and Valkey."""

    connections: Connections
    _arrivals: Arrivals = field(default_factory=Arrivals)

    def cluster_meet(self, node: Reach, peers: Sequence[Address]) -> None:
        """CLUSTER MEET."""
        with later(f"cannot introduce nodes to {node}"):
            pipeline = self.connections.client(node).pipeline(transaction=False)
            _meet(pipeline, peers)
            pipeline.execute()

    def cluster_join(self, node: Reach, peers: Sequence[Address]) -> None:
        """CONFIG SET cluster-node-timeout, CLUSTER MEET: of whoever is known already it tells the right address."""
        with later(f"cannot have {node} join others"):
            pipeline = self.connections.client(node).pipeline(transaction=False)
            pipeline.execute_command("CONFIG", "SET", cluster_options.TIMEOUT, cluster_options.SILENCE)
            _meet(pipeline, peers)
            pipeline.execute()

    def cluster_follow(self, node: Reach, primary: str, slots: Ranges) -> None:
        """CLUSTER REPLICATE, which ends the process of a node that serves slots; so it does not, just then."""
        with later(f"cannot make {node} a replica of {primary}"):
            client = self.connections.client(node)
            if not info.follows(client):
                raise Later(f"cannot make {node} a replica of {primary}: it leads")
            own = each(slots)
            transaction = client.pipeline(transaction=True)
            if own:  # a shard that is to get slots has none yet
                transaction.execute_command("CLUSTER", "DELSLOTS", *own)
            transaction.execute_command("CLUSTER", "REPLICATE", primary)
            if own:
                transaction.execute_command("CLUSTER", "ADDSLOTS", *own)
            transaction.execute()

    def cluster_forget(self, node: Reach, ids: Sequence[str]) -> None:
        """CLUSTER FORGET."""
        with later(f"cannot have {node} forget nodes"):
            for identifier in ids:
                with tolerating("Unknown node"):
                    self.connections.client(node).execute_command("CLUSTER", "FORGET", identifier)

    def cluster_replicate(self, node: Reach, primary: str) -> None:
        """CLUSTER REPLICATE."""
        with later(f"cannot make {node} a replica of {primary}"):
            self.connections.client(node).execute_command("CLUSTER", "REPLICATE", primary)

    def encrypt_bus(self, node: Reach, wanted: bool) -> None:
        """CONFIG SET tls-cluster."""
        with later(f"cannot change how {node} talks to other cluster nodes"):
            value = "yes" if wanted else "no"
            self.connections.client(node).execute_command("CONFIG", "SET", "tls-cluster", value)

    def cluster_announce(self, node: Reach, port: int) -> None:
        """CONFIG SET cluster-announce-tls-port."""
        with later(f"cannot have {node} announce port {port}"):
            self.connections.client(node).execute_command("CONFIG", "SET", cluster_options.ANNOUNCED_PORT, port)

    def cluster_announce_host(self, node: Reach, host: str) -> None:
        """CONFIG SET cluster-announce-ip."""
        with later(f"cannot have {node} announce {host}"):
            pipeline = self.connections.client(node).pipeline(transaction=False)
            for name in (replication.ANNOUNCED_HOST, cluster_options.ANNOUNCED_HOST):
                pipeline.execute_command("CONFIG", "SET", name, host)
            pipeline.execute()

    def assign_slots(self, node: Reach, slots: Ranges) -> None:
        """CLUSTER SETSLOT NODE, and a new epoch."""
        with later(f"cannot have {node} serve slots {written(slots)}"):
            assign(self.connections.client(node), slots)

    def stabilize_slots(self, node: Reach, slots: Ranges) -> None:
        """CLUSTER SETSLOT STABLE."""
        with later(f"cannot close slots {written(slots)} at {node}"):
            stabilize(self.connections.client(node), slots)

    def end_migration(self, node: Reach, limits: Mapping[str, str]) -> None:
        """CONFIG SET, and ACL DELUSER."""
        with later(f"cannot have {node} be as it was before slots moved"):
            preparation.end(self.connections.client(node), limits, login=node.login)

    def migrate_slots(self, move: Move) -> Ranges:
        """See cachewright.agents.engines.redis.slots.migration."""
        with later(f"cannot move slots {written(move.slots)} from {move.source} to {move.target}"):
            source, target = (self.connections.client(end, MIGRATION_TIMEOUT) for end in (move.source, move.target))
            return SlotMigration(move, source, target, _opens_by_itself(source), self._arrivals).run()


def _meet(pipeline: Pipeline, peers: Sequence[Address]) -> None:
    for peer in peers:
        pipeline.execute_command("CLUSTER", "MEET", peer.host, peer.port, bus_port(peer.port))


def _opens_by_itself(client: Redis) -> bool:
    """Whether the engine opens a slot at once; Valkey has its replicas do so first since 8.0, and waits for them."""
    server: Any = client.execute_command("INFO", "server")
    return int(str(server.get("valkey_version", "0")).split(".")[0]) < 8
