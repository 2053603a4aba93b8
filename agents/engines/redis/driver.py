"""Redis and Valkey."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError, ResponseError  # noqa: A004 - redis-py's own
from redis.retry import Retry

from cachewright.agents.engines.driver import Move
from cachewright.agents.engines.redis import acks, config
from cachewright.agents.engines.redis.acl import AGENT, AclRules, Credentials, marked, replication_settings, users
from cachewright.agents.engines.redis.connections import borrowed
from cachewright.agents.engines.redis.slot_migration import SlotMigration, close, own, view
from cachewright.agents.engines.settings import Configuration
from cachewright.agents.planning.cluster.nodes import bus_port
from cachewright.agents.planning.links import Link, Reach
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.planning.world import Answer, Replication
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.slots import Ranges, written
from cachewright.controlplane.model.usage import Usage

HURRY = 0.1  # seconds for an answer to a ping or a hint; whoever needs longer is looked at
GLIMPSE = 0.5  # seconds for an answer that tells whether a node lives; it is asked again
PATIENCE = 2.0  # seconds for a deed
HAUL = 30.0  # seconds for many keys to move
CONNECTIONS = 4096  # to one node; many others may move slots to it at the same time
FENCE = 24 * 3600 * 1000  # milliseconds for which a old primary holds writes back; it is removed long before
CATCH_UP = 5.0  # seconds for a candidate to receive what its primary wrote last
GLANCE = 0.0005  # seconds between two looks at a catching-up candidate


class RedisDriver:
    """Speaks to nodes through connections that it keeps."""

    def __init__(self, credentials: Callable[[], Credentials]) -> None:
        self._credentials = credentials
        self._clients: dict[tuple[Reach, float], Redis] = {}
        self._lock = threading.Lock()

    def look(self, node: Reach) -> Answer | None:
        """The build, the place in replication, and the known logins."""
        try:
            pipeline = self._client(node, GLIMPSE).pipeline(transaction=False)
            pipeline.execute_command("INFO", "replication")
            pipeline.execute_command("ROLE")
            pipeline.execute_command("INFO", "server")
            pipeline.execute_command("INFO", "cluster")
            if node.login:
                pipeline.execute_command("ACL", "USERS")
            place, role, server, cluster, *names = pipeline.execute()
            member = view(self._client(node, GLIMPSE)) if cluster["cluster_enabled"] else None
        except (RedisError, OSError):
            return None
        replication = _replication(place, idle=role[-2] == b"connect")
        access = marked(names[0]) if names else None
        return Answer(_build(server), replication, access=access, membership=member)

    def measure(self, node: Reach) -> Usage | None:
        """From INFO."""
        try:
            facts: Any = self._client(node, GLIMPSE).execute_command("INFO")
        except (RedisError, OSError):
            return None
        keys = sum(space["keys"] for name, space in facts.items() if name.startswith("db") and name[2:].isdigit())
        return Usage(int(facts["used_memory"]), int(facts["maxmemory"]), keys)

    def ping(self, node: Reach) -> bool:
        """PING."""
        try:
            with borrowed(self._client(node, GLIMPSE)) as connection:
                connection.send_command("PING")
                return bool(connection.read_response(timeout=HURRY) == b"PONG")
        except (RedisError, OSError):
            return False

    def follow(self, node: Reach, primary: Link) -> None:
        """REPLICAOF, in a way that connects at once even if the node follows that primary already; encrypted links end
        at an encrypted primary, which wants a login.
        """
        with _told(f"cannot make {node} a replica of {primary.address}"):
            client = self._client(node)
            if node.encrypted:
                for name, value in replication_settings(primary, self._credentials()).items():
                    client.execute_command("CONFIG", "SET", name, value)
            transaction = client.pipeline(transaction=True)
            transaction.execute_command("REPLICAOF", "NO", "ONE")
            transaction.execute_command("REPLICAOF", primary.address.host, primary.address.port)
            transaction.execute()

    def request_ack(self, node: Reach, primary: Reach) -> None:
        """See cachewright.agents.engines.redis.acks."""
        with _told(f"cannot have {node} talk to {primary}"):
            acks.request_ack(self._client(node), self._client(primary))

    def promote(self, node: Reach) -> None:
        """REPLICAOF NO ONE; a cluster node takes over the slots of its primary, unless it leads already."""
        with _told(f"cannot promote {node}"):
            client = self._client(node)
            with _unless("not allowed in cluster mode"):
                client.execute_command("REPLICAOF", "NO", "ONE")
                return
            with _unless("should send CLUSTER FAILOVER to a replica"):
                client.execute_command("CLUSTER", "FAILOVER", "TAKEOVER")

    def switchover(self, old_primary: Reach, candidate: Reach) -> None:
        """Hold writes back and read the offset in one step; no write can slip in between. Nobody is held back before
        the candidate is seen to receive: after a full copy its stream may begin up to a second late.
        """
        with _told(f"cannot switch over from {old_primary} to {candidate}"):
            self._await_offset(candidate, self._offset(old_primary))
            self._await_offset(candidate, self._fence(old_primary))
            self.promote(candidate)

    def apply_acl(self, node: Reach, acl_rules: AclRules) -> None:
        """ACL SETUSER for the clients' login, and the name of it all."""
        with _told(f"cannot grant logins at {node}"):
            client = self._client(node)
            transaction = client.pipeline(transaction=True)
            for user, rules in users(acl_rules, _version(client)).items():
                transaction.execute_command("ACL", "SETUSER", user, "reset", *rules)
            if (old := marked(client.execute_command("ACL", "USERS"))) != acl_rules.name:
                transaction.execute_command("ACL", "DELUSER", f"{AGENT}:{old}")
            transaction.execute()

    def configure(self, node: Reach, wanted: Configuration) -> None:
        """CONFIG SET, and CONFIG GET to be sure."""
        with _told(f"cannot configure {node}"):
            complaint = config.apply(self._client(node), wanted)
        if complaint:
            raise Later(f"cannot configure {node}: {complaint}")

    def hint(self, node: Reach, wanted: Configuration) -> None:
        """CONFIG SET; others wait behind a node that hangs, so not for long."""
        with _told(f"cannot configure {node}"), borrowed(self._client(node, GLIMPSE)) as connection:
            config.hint(connection, wanted, HURRY)

    def agrees(self, node: Reach, wanted: Configuration) -> bool:
        """CONFIG GET."""
        try:
            return config.agrees(self._client(node, GLIMPSE), wanted)
        except (RedisError, OSError):
            return False

    def attempt(self, node: Reach, wanted: Configuration) -> str:
        """CONFIG SET, there and back."""
        try:
            return config.attempt(self._client(node), wanted)
        except (RedisError, OSError):
            return ""

    def meet(self, node: Reach, peers: Sequence[Address]) -> None:
        """CLUSTER MEET."""
        with _told(f"cannot introduce nodes to {node}"):
            pipeline = self._client(node).pipeline(transaction=False)
            for peer in peers:
                pipeline.execute_command("CLUSTER", "MEET", peer.host, peer.port, bus_port(peer.port))
            pipeline.execute()

    def part(self, node: Reach, strangers: Sequence[str]) -> None:
        """CLUSTER FORGET."""
        with _told(f"cannot have {node} forget nodes"):
            for stranger in strangers:
                with _unless("Unknown node"):  # it knows none of that id
                    self._client(node).execute_command("CLUSTER", "FORGET", stranger)

    def join(self, node: Reach, primary: str) -> None:
        """CLUSTER REPLICATE."""
        with _told(f"cannot make {node} a replica of {primary}"):
            self._client(node).execute_command("CLUSTER", "REPLICATE", primary)

    def encrypt(self, node: Reach, wanted: bool) -> None:
        """CONFIG SET."""
        with _told(f"cannot change how {node} talks to other cluster nodes"):
            self._client(node).execute_command("CONFIG", "SET", "tls-cluster", "yes" if wanted else "no")

    def own(self, node: Reach, slots: Ranges) -> None:
        """CLUSTER SETSLOT, and a new epoch."""
        with _told(f"cannot have {node} serve slots {written(slots)}"):
            own(self._client(node), slots)

    def close(self, node: Reach, slots: Ranges) -> None:
        """CLUSTER SETSLOT STABLE."""
        with _told(f"cannot close slots {written(slots)} at {node}"):
            close(self._client(node), slots)

    def move(self, move: Move) -> Ranges:
        """See cachewright.agents.engines.redis.slot_migration."""
        with _told(f"cannot move slots {written(move.slots)} from {move.source} to {move.target}"):
            source, target = self._client(move.source, HAUL), self._client(move.target, HAUL)
            return SlotMigration(move, source, target, _opens_by_itself(source)).run()

    def forget(self, node: Reach) -> None:
        """Close the connections, but for one that somebody just waits on: it ends by itself."""
        with self._lock:
            clients = [self._clients.pop((node, patience), None) for patience in (GLIMPSE, PATIENCE, HAUL)]
        for client in clients:
            if client:
                client.connection_pool.disconnect(inuse_connections=False)

    def _fence(self, node: Reach) -> int:
        """The offset behind the last write that the node will ever take."""
        client = self._client(node)
        pause = ["CLIENT", "PAUSE", FENCE, "WRITE"] if _version(client) >= (6, 2) else ["CLIENT", "PAUSE", FENCE]
        transaction = client.pipeline(transaction=True)
        transaction.execute_command(*pause)
        transaction.execute_command("INFO", "replication")
        _, place = transaction.execute()
        return _replication(place).offset

    def _offset(self, node: Reach) -> int:
        """How far the node is right now."""
        return _replication(self._client(node).execute_command("INFO", "replication")).offset

    def _await_offset(self, candidate: Reach, target: int) -> None:
        deadline = time.monotonic() + CATCH_UP
        while self._offset(candidate) < target:
            if time.monotonic() > deadline:
                raise Later(f"cannot switch over to {candidate}: it does not receive the last writes")
            time.sleep(GLANCE)

    def _client(self, node: Reach, patience: float = PATIENCE) -> Redis:
        with self._lock:
            if (node, patience) not in self._clients:
                self._clients[node, patience] = self._connected(node, patience)
            return self._clients[node, patience]

    def _connected(self, node: Reach, patience: float) -> Redis:
        secret_store: dict[str, Any] = {}
        if node.login:
            secret_store |= {"username": AGENT, "password": self._credentials().password}
        if node.encrypted:
            secret_store |= {"ssl": True, "ssl_ca_certs": str(self._credentials().authority)}
        return Redis(
            host=node.address.host,
            port=node.address.port,
            protocol=2,
            socket_timeout=patience,
            socket_connect_timeout=patience,
            max_connections=CONNECTIONS,
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),  # a kept connection may have ended
            driver_info=None,
            **secret_store,
        )


@contextmanager
def _told(what: str) -> Iterator[None]:
    """A node that refuses or does not answer is a reason to look again."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise Later(f"{what}: {error}") from error


@contextmanager
def _unless(harmless: str) -> Iterator[None]:
    """An engine that refuses in these words needs not be told."""
    try:
        yield
    except ResponseError as error:
        if harmless not in str(error):
            raise


def _opens_by_itself(client: Redis) -> bool:
    """Whether the engine opens a slot at once; Valkey has its replicas do so first since 8.0, and waits for them."""
    server: Any = client.execute_command("INFO", "server")
    return int(str(server.get("valkey_version", "0")).split(".")[0]) < 8


def _version(client: Redis) -> tuple[int, ...]:
    server: Any = client.execute_command("INFO", "server")
    return tuple(int(part) for part in str(server["redis_version"]).split(".")[:2])


def _build(server: dict[str, Any]) -> str:
    """Valkey tells its own version beside that of the Redis it is compatible with."""
    if "valkey_version" in server:
        return f"valkey {server['valkey_version']}"
    return f"redis {server['redis_version']}"


def _replication(place: dict[str, Any], *, idle: bool = False) -> Replication:
    """ROLE would be shorter, but forgets how far a replica had come as soon as its primary is gone."""
    if place["role"] == "master":
        return Replication(leads=True, offset=int(place["master_repl_offset"]), heard=acks.heard(place))
    primary = Address(str(place["master_host"]), int(place["master_port"]))
    linked = place["master_link_status"] == "up"
    return Replication(leads=False, follows=primary, linked=linked, offset=int(place["slave_repl_offset"]), idle=idle)
