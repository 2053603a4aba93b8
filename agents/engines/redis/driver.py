"""Redis and Valkey."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from redis.exceptions import RedisError, ResponseError

from cachewright.agents.engines.redis import info
from cachewright.agents.engines.redis.acl import RedisAcl
from cachewright.agents.engines.redis.acl_rules import Credentials, fenced, marked
from cachewright.agents.engines.redis.cluster_mode import RedisClusterMode
from cachewright.agents.engines.redis.connections import LOOK_TIMEOUT, PING_TIMEOUT, Connections, borrowed
from cachewright.agents.engines.redis.figures import figures
from cachewright.agents.engines.redis.parameters import RedisParameters
from cachewright.agents.engines.redis.persistence import RedisPersistence
from cachewright.agents.engines.redis.renewal import RedisRenewal
from cachewright.agents.engines.redis.replication import RedisReplication
from cachewright.agents.engines.redis.rounds import RedisRounds
from cachewright.agents.engines.redis.slots.ownership import view
from cachewright.agents.engines.redis.slots.preparation import is_prepared
from cachewright.agents.engines.redis.slow_log import RedisSlowLog
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.pulse import Inquiry, Pulse
from cachewright.agents.planning.world import Answer
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.metrics.terms import Figures
from cachewright.controlplane.model.usage import Usage

# A connection that was begun before its other end had a network goes on after a second, when the kernel asks for the
# address again. Without TLS it takes no time else, and whoever is seen at it can be hastened.
_IDLE_TLS = (b"connect",)
_IDLE = (b"connect", b"connecting")


class RedisDriver:
    """Speaks to nodes through connections that it keeps. Has every facet but that it is told everything by item."""

    contents = None

    def __init__(self, credentials: Callable[[], Credentials]) -> None:
        self._connections = Connections(credentials)
        self.replication = RedisReplication(self._connections)
        self.cluster_mode = RedisClusterMode(self._connections)
        self.acl = RedisAcl(self._connections)
        self.parameters = RedisParameters(self._connections)
        self.persistence = RedisPersistence(self._connections)
        self.renewal = RedisRenewal(self._connections)
        self.slow_log = RedisSlowLog(self._connections)
        self._rounds = RedisRounds(credentials)

    def look(self, node: Reach) -> Answer | None:
        """The build, the place in replication, and the known logins."""
        try:
            pipeline = self._connections.client(node, LOOK_TIMEOUT).pipeline(transaction=False)
            pipeline.execute_command("INFO", "replication")
            pipeline.execute_command("ROLE")
            pipeline.execute_command("INFO", "server")
            pipeline.execute_command("INFO", "cluster")
            pipeline.execute_command("INFO", "persistence")
            if node.login:
                pipeline.execute_command("ACL", "USERS")
            section, role, server, cluster, files, *names = pipeline.execute()
            copying = section["role"] != "master" and section["master_sync_in_progress"]
            loading = bool(files["loading"]) and not copying
            relogging = bool(files["aof_rewrite_in_progress"] or files["aof_rewrite_scheduled"])
            clustered = cluster["cluster_enabled"] and not loading  # it would not be told who it is
            membership = view(self._connections.client(node, LOOK_TIMEOUT)) if clustered else None
            users = names[0] if names else ()
        except (RedisError, OSError):
            return None
        replication = info.replication(section, idle=role[-2] in (_IDLE_TLS if node.encrypted else _IDLE))
        access = marked(users) if names else None
        replication = replace(replication, fenced=fenced(users))
        membership = membership and replace(membership, prepared=is_prepared(server, users))
        return Answer(info.build(server), replication, access, membership, loading, relogging)

    def usage(self, node: Reach) -> Usage | None:
        """From INFO."""
        try:
            facts: Any = self._connections.client(node, LOOK_TIMEOUT).execute_command("INFO")
        except (RedisError, OSError):
            return None
        keys = sum(space["keys"] for name, space in facts.items() if name.startswith("db") and name[2:].isdigit())
        ended = keys + facts["expired_keys"] + facts["evicted_keys"]
        dropped = facts.get("rdb_last_load_keys_loaded", 0) - ended  # nobody says it who drops nothing: Redis before 7
        return Usage(int(facts["used_memory"]), int(facts["maxmemory"]), keys, max(0, dropped))

    def figures(self, node: Reach) -> Figures | None:
        """INFO ALL."""
        try:
            with borrowed(self._connections.client(node, LOOK_TIMEOUT)) as connection:
                connection.send_command("INFO", "ALL")
                return figures(connection.read_response(disable_decoding=True))
        except (RedisError, OSError):
            return None

    def ping(self, node: Reach) -> bool:
        """PING."""
        try:
            with borrowed(self._connections.client(node, LOOK_TIMEOUT)) as connection:
                connection.send_command("PING")
                return bool(connection.read_response(timeout=PING_TIMEOUT) == b"PONG")
        except (RedisError, OSError):
            return False

    def interrupt(self, node: Reach) -> None:
        """SCRIPT KILL, and FUNCTION KILL where there are functions. Engines hear it once `lua-time-limit` is over, and
        refuse it when the script has written: then it runs to its end.
        """
        with suppress(RedisError, OSError), borrowed(self._connections.client(node, LOOK_TIMEOUT)) as connection:
            for words in (("SCRIPT", "KILL"), ("FUNCTION", "KILL")):
                connection.send_command(*words)
                with suppress(ResponseError):
                    connection.read_response(timeout=PING_TIMEOUT)

    def pulses(self, inquiries: Sequence[Inquiry]) -> Sequence[Pulse | None]:
        """In one go each, see cachewright.agents.engines.redis.pulses."""
        return self._rounds.pulses(inquiries)

    def disconnect(self, address: Address) -> None:
        """See Connections."""
        self._rounds.disconnect(address)
        self._connections.disconnect(address)
