"""The containers of the nodes that a drill means."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cachewright.agents.drills.targets import Hit
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.labels import CACHE, INCARNATION, NODE, ROLE
from cachewright.agents.runtime.runtime import Runtime
from cachewright.controlplane.model.cache import Cache, Key


@dataclass(frozen=True, slots=True)
class Victim:
    """A node, and its container as it was before the deed."""

    cache: Cache
    node: str
    container: Container


def running(runtime: Runtime, hit: Hit) -> Iterator[Victim]:
    """The containers that run for the nodes; Later when the engine does not answer."""
    for key, incarnation in _identities(hit.cache):
        for container in runtime.containers({CACHE: str(key), INCARNATION: incarnation}):
            node = container.labels.get(NODE, "")
            if node in hit.nodes and ROLE not in container.labels and container.state is State.RUNNING:
                yield Victim(hit.cache, node, container)


def same(runtime: Runtime, victim: Victim) -> Container | None:
    """The victim's container as it is now; None when another one took its place."""
    found = runtime.containers({NODE: victim.node, INCARNATION: victim.container.labels[INCARNATION]})
    return next((one for one in found if ROLE not in one.labels and _is(one, victim.container)), None)


def _is(one: Container, other: Container) -> bool:
    return (one.name, one.started_at) == (other.name, other.started_at)


def _identities(cache: Cache) -> Iterator[tuple[Key, str]]:
    """Under which names the containers of a cache run: its own, and those of the caches it was made of."""
    yield cache.key, cache.incarnation
    for origin in cache.spec.origins:
        yield replace(cache.key, kind=origin.kind, id=origin.id), origin.incarnation
