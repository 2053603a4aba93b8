"""The containers of the nodes that a drill means."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from cachewright.agents.drills.targets import Hit
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.labels import CACHE, INCARNATION, NODE, ROLE
from cachewright.agents.runtime.runtime import Runtime
from cachewright.controlplane.model.cache import Cache, Key


@dataclass(frozen=True, slots=True)
class Place:
    """A container to which something is done, as it is told from every other one."""

    cache: Key
    node: str
    incarnation: str
    container: str
    started_at: str

    def found(self, runtime: Runtime) -> Container | None:
        """It as it is now; None when another one took its place."""
        every = runtime.containers({NODE: self.node, INCARNATION: self.incarnation})
        mine = (one for one in every if (one.name, one.started_at) == (self.container, self.started_at))
        return next((one for one in mine if ROLE not in one.labels), None)


@dataclass(frozen=True, slots=True)
class Victim:
    """A node, and its container as it was before the deed."""

    cache: Cache
    node: str
    container: Container

    @property
    def place(self) -> Place:
        """The container, told from the one that may follow it."""
        one = self.container
        return Place(self.cache.key, self.node, one.labels[INCARNATION], one.name, one.started_at)


def running(runtime: Runtime, hit: Hit) -> Iterator[Victim]:
    """The containers that run for the nodes; Later when the engine does not answer."""
    for key, incarnation in _identities(hit.cache):
        for container in runtime.containers({CACHE: str(key), INCARNATION: incarnation}):
            node = container.labels.get(NODE, "")
            if node in hit.nodes and ROLE not in container.labels and container.state is State.RUNNING:
                yield Victim(hit.cache, node, container)


def _identities(cache: Cache) -> Iterator[tuple[Key, str]]:
    """Under which names the containers of a cache run: its own, and those of the caches it was made of."""
    yield cache.key, cache.incarnation
    for origin in cache.spec.origins:
        yield replace(cache.key, kind=origin.kind, id=origin.id), origin.incarnation
