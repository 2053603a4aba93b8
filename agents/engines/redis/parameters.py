"""Parameter values of a running node."""

from dataclasses import dataclass

from redis.exceptions import RedisError

from cachewright.agents.engines.redis import config
from cachewright.agents.engines.redis.connections import LOOK_TIMEOUT, PING_TIMEOUT, Connections, borrowed, later
from cachewright.agents.engines.redis.directives import Configuration
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later


@dataclass(frozen=True, slots=True)
class RedisParameters:
    """The facet Parameters of Redis and Valkey."""

    connections: Connections

    def apply_parameters(self, node: Reach, wanted: Configuration) -> None:
        """CONFIG SET, and CONFIG GET to be sure."""
        with later(f"cannot configure {node}"):
            complaint = config.apply(self.connections.client(node), wanted)
        if complaint:
            raise Later(f"cannot configure {node}: {complaint}")

    def hint_parameters(self, node: Reach, wanted: Configuration) -> None:
        """CONFIG SET; others wait behind a node that hangs, so not for long."""
        client = self.connections.client(node, LOOK_TIMEOUT)
        with later(f"cannot configure {node}"), borrowed(client) as connection:
            config.hint(connection, wanted, PING_TIMEOUT)

    def has_parameters(self, node: Reach, wanted: Configuration) -> bool:
        """CONFIG GET."""
        try:
            return config.is_as_wanted(self.connections.client(node, LOOK_TIMEOUT), wanted)
        except (RedisError, OSError):
            return False

    def try_parameters(self, node: Reach, wanted: Configuration) -> str:
        """CONFIG SET, there and back."""
        try:
            return config.dry_run(self.connections.client(node), wanted)
        except (RedisError, OSError):
            return ""
