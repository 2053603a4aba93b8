"""The command lines that start the engines. Nothing here is secret: whoever may ask the engine can read them."""

from collections.abc import Callable, Mapping

from cachewright.agents.engines.memcached.command_line import memcached
from cachewright.agents.engines.redis.command_line import redis
from cachewright.agents.engines.start import Start
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.versions import Engine


def command(spec: Spec, start: Start) -> tuple[str, ...]:
    """How to start a node of a cache."""
    return _COMMANDS[spec.engine](spec, start)


_COMMANDS: Mapping[Engine, Callable[[Spec, Start], tuple[str, ...]]] = {
    Engine.REDIS: redis,
    Engine.VALKEY: redis,
    Engine.MEMCACHED: memcached,
}
