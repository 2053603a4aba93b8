"""Who copies whom."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from redis import Redis
from redis.exceptions import ConnectionError as Ended
from redis.exceptions import RedisError, ResponseError

from cachewright.agents.engines import tls
from cachewright.agents.engines.redis import acks, fence, info, lags, sources
from cachewright.agents.engines.redis.acl_rules import replication_settings
from cachewright.agents.engines.redis.command_line import COPYING_FROM
from cachewright.agents.engines.redis.connections import Connections, later, tolerating
from cachewright.agents.engines.source_access import OPEN, SourceAccess
from cachewright.agents.planning.links import Link, Reach
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.migration import Source

CATCH_UP = 5.0  # seconds for a candidate to receive what its primary wrote last
CATCH_UP_BLINDLY = 1.5
CATCH_UP_POLL = 0.0005  # seconds between two looks at a candidate that catches up
ANNOUNCED_HOST = "replica-announce-ip"
AUTHORITIES = "tls-ca-cert-file"
_ENCRYPTED, _PLAIN = {"tls-replication": "yes"}, {"tls-replication": "no"}
_FOLLOWING = "Already connected"  # in the words of the engines, to who is told what it was told before
_FAILING_OVER = "not allowed while failing over"  # in the words of the engines since Redis 6.2
SHUTS_DOWN_NOW_FROM = (7, 0)  # the version that waits for replicas otherwise


@dataclass(frozen=True, slots=True)
class RedisReplication:
    """The facet Replication of Redis and Valkey."""

    connections: Connections

    def replicate_from(self, node: Reach, primary: Link, host: str = "", access: SourceAccess | None = None) -> None:
        """REPLICAOF, in a way that connects at once even if the node follows that primary already; a replica that is
        told to follow another copy of the same goes on where it is. Encrypted links end at an encrypted primary, which
        wants a login. A node that was started as one that may move has said nobody yet where it is, and one whose cache
        tells another family of addresses says so anew.
        """
        with later(f"cannot make {node} a replica of {primary.address}"):
            client = self.connections.client(node)
            _say_where(client, host or _said(client) or node.address.host)
            if access:
                _set(client, source_settings(access))
            elif node.encrypted:
                _set(client, replication_settings(primary, self.connections.credentials))
            if primary.diskless_load and info.version(client) >= COPYING_FROM:
                client.execute_command("CONFIG", "SET", "repl-diskless-load", "on-empty-db")
            _outside_failover(client, partial(_follow, client, primary.address))

    def request_ack(self, node: Reach, primary: Reach, host: str = "") -> None:
        """See cachewright.agents.engines.redis.acks. A primary that was told another address of the replica is told the
        right one as that connects anew, and goes on where it was.
        """
        with later(f"cannot have {node} talk to {primary}"):
            client = self.connections.client(node)
            if host and _say_where(client, host):
                client.execute_command("CLIENT", "KILL", "TYPE", "master")
            acks.request_ack(client, self.connections.client(primary))

    def promote(self, node: Reach) -> None:
        """REPLICAOF NO ONE; a cluster node takes over the slots of its primary, unless it leads already."""
        with later(f"cannot promote {node}"):
            client = self.connections.client(node)
            with tolerating("not allowed in cluster mode"):
                _outside_failover(client, partial(client.execute_command, "REPLICAOF", "NO", "ONE"))
                return
            with tolerating("should send CLUSTER FAILOVER to a replica"):
                client.execute_command("CLUSTER", "FAILOVER", "TAKEOVER")

    def switchover(self, old_primary: Reach, candidate: Reach) -> bool:
        """Hold writes back and read the offset in one step; no write can slip in between. Nobody is held back before
        the candidate is seen to receive: after a full copy its stream may begin up to a second late.
        """
        with later(f"cannot switch over from {old_primary} to {candidate}"):
            self._await_offset(candidate, self._offset(old_primary))
            client = self.connections.client(old_primary)
            hears = info.version(client) >= fence.PAUSES_WRITES_FROM
            if not hears:
                self._await_offset(candidate, fence.pause(client, fence.HELD_BLINDLY), CATCH_UP_BLINDLY)
            else:
                said = old_primary.login
                with self._giving_up(old_primary):
                    self._await_offset(candidate, fence.pause(client, fence.HELD, "WRITE", said=said))
                    longest = fence.FENCED if said else fence.HELD
                    self._await_offset(candidate, fence.pause(client, longest, "WRITE", said=said))
            self.promote(candidate)
        return hears

    def lag(self, replica: Reach, primary: Reach) -> float:
        """See cachewright.agents.engines.redis.lags."""
        with later(f"cannot tell how far {replica} is behind {primary}"):
            return lags.lag(self.connections.client(replica), self.connections.client(primary))

    def resume_writes(self, node: Reach) -> None:
        """CLIENT UNPAUSE; before Redis 6.2 a pause ends by itself, soon."""
        with later(f"cannot have {node} take writes again"):
            client = self.connections.client(node)
            if info.version(client) >= fence.PAUSES_WRITES_FROM:
                fence.resume(client, said=node.login)

    def forget_access(self, node: Reach) -> None:
        """CONFIG SET, to what an encrypted node knew from the start."""
        with later(f"cannot have {node} forget its source"):
            own = replication_settings(Link(node.address, encrypted=True), self.connections.credentials)
            _set(self.connections.client(node), {**own, AUTHORITIES: tls.NODE_AUTHORITY})

    def source(self, address: Address, access: SourceAccess = OPEN) -> Source:
        """See cachewright.agents.engines.redis.sources."""
        return sources.ask(address, access)

    def shut_down(self, node: Reach) -> None:
        """SHUTDOWN NOSAVE."""
        with later(f"cannot shut down {node}"):
            client = self.connections.client(node)
            at_once = ("NOW",) if info.version(client) >= SHUTS_DOWN_NOW_FROM else ()  # without waiting for replicas
            with suppress(Ended):  # it answers by ending
                client.execute_command("SHUTDOWN", "NOSAVE", *at_once)

    @contextmanager
    def _giving_up(self, old_primary: Reach) -> Iterator[None]:
        """What fails before anybody is promoted lets the old primary take writes again; one that does not hear it says
        that it holds them back, and does so by itself when the pause is over.
        """
        try:
            yield
        except (RedisError, OSError, Later):
            with suppress(RedisError, OSError):
                fence.resume(self.connections.client(old_primary), said=old_primary.login)
            raise

    def _offset(self, node: Reach) -> int:
        """How far the node is right now."""
        return info.replication(self.connections.client(node).execute_command("INFO", "replication")).offset

    def _await_offset(self, candidate: Reach, target: int, limit: float = CATCH_UP) -> None:
        deadline = time.monotonic() + limit
        while self._offset(candidate) < target:
            if time.monotonic() > deadline:
                raise Later(f"cannot switch over to {candidate}: it does not receive the last writes")
            time.sleep(CATCH_UP_POLL)


def source_settings(access: SourceAccess) -> Mapping[str, str]:
    """What a replica needs to know to enter a source of the user's."""
    login = {"masteruser": access.username, "masterauth": access.password}
    return login | ({AUTHORITIES: tls.SOURCE_AUTHORITIES, **_ENCRYPTED} if access.encrypted else _PLAIN)


def _set(client: Redis, settings: Mapping[str, str]) -> None:
    for name, value in settings.items():
        client.execute_command("CONFIG", "SET", name, value)


def _say_where(client: Redis, host: str) -> bool:
    """Whether a replica tells its primary from now on that it is there, and did not before: behind a relay the primary
    would not see it.
    """
    if _said(client) == host:
        return False
    client.execute_command("CONFIG", "SET", ANNOUNCED_HOST, host)
    return True


def _said(client: Redis) -> str:
    """Where a replica tells its primary that it is; empty when it says nothing of that."""
    told: list[bytes] = client.execute_command("CONFIG", "GET", ANNOUNCED_HOST)
    return told[1].decode()


def _follow(client: Redis, primary: Address) -> None:
    """A replica of somebody else keeps what it knows of the stream of changes, and may go on where it is; one of that
    very primary has to forget that first, or it would not connect at once.
    """
    said = client.execute_command("REPLICAOF", primary.host, primary.port)
    if _FOLLOWING not in str(said):
        return
    transaction = client.pipeline(transaction=True)
    transaction.execute_command("REPLICAOF", "NO", "ONE")
    transaction.execute_command("REPLICAOF", primary.host, primary.port)
    transaction.execute()


def _outside_failover(client: Redis, deed: Callable[[], object]) -> None:
    """Do it, and end the FAILOVER of a client that is in the way: one that the other node never answers stays for ever,
    and keeps writes paused.
    """
    try:
        deed()
    except ResponseError as error:
        if _FAILING_OVER not in str(error):
            raise
        with tolerating("No failover in progress"):
            client.execute_command("FAILOVER", "ABORT")
        deed()
