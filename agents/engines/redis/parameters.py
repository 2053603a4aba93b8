"""Parameter values of a running node."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from redis.exceptions import RedisError

from cachewright.agents.engines.redis import config
from cachewright.agents.engines.redis.connections import (
    COMMAND_TIMEOUT,
    LOOK_TIMEOUT,
    PING_TIMEOUT,
    Connections,
    borrowed,
    later,
)
from cachewright.agents.engines.redis.directives import Configuration
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address


@dataclass(frozen=True, slots=True)
class RedisParameters:
    """The facet Parameters of Redis and Valkey."""

    connections: Connections
    _turns: dict[Address, Lock] = field(default_factory=dict)  # as many as there are addresses

    def apply_parameters(self, node: Reach, wanted: Configuration) -> None:
        """CONFIG SET, and CONFIG GET to be sure."""
        with self._turn(node, COMMAND_TIMEOUT), later(f"cannot configure {node}"):
            complaint = config.apply(self.connections.client(node), wanted)
        if complaint:
            raise Later(f"cannot configure {node}: {complaint}")

    def hint_parameters(self, node: Reach, wanted: Configuration) -> None:
        """CONFIG SET; others wait behind a node that hangs, so not for long."""
        client = self.connections.client(node, LOOK_TIMEOUT)
        with self._turn(node, PING_TIMEOUT), later(f"cannot configure {node}"), borrowed(client) as connection:
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
            with self._turn(node, COMMAND_TIMEOUT):
                return config.dry_run(self.connections.client(node), wanted)
        except (RedisError, OSError, Later):
            return ""

    @contextmanager
    def _turn(self, node: Reach, timeout: float) -> Iterator[None]:
        """Alone among those that set values of a node: what is tried there is put back as it was found. Later when that
        is not to be had within `timeout` seconds.
        """
        lock = self._turns.setdefault(node.address, Lock())
        if not lock.acquire(timeout=timeout):
            raise Later(f"cannot configure {node}: other values are being tried there")
        try:
            yield
        finally:
            lock.release()
