"""Which container of a cache that is deleted may serve another one, begun anew: one of which it is known that nothing
of its owner is left then.
"""

from collections.abc import Callable
from dataclasses import dataclass

from cachewright.agents.planning.containers import Container
from cachewright.agents.planning.labels import FINGERPRINT, PARAMETERS, STATIC
from cachewright.agents.planning.world import Condition, Sight, World, condition
from cachewright.controlplane.model.cache import Cache, NodeStatus
from cachewright.controlplane.model.fingerprints import fingerprints_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node, with its container."""

    cache: Cache
    name: str
    known: NodeStatus
    sight: Sight
    container: Container


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps a container from it, and in words why."""

    holds: Callable[[Candidate], bool]
    because: str


def recyclable(cache: Cache, world: World) -> dict[str, str]:
    """The nodes whose containers may, with what these are called."""
    sights = ((name, known, world.at(name)) for name, known in cache.status.nodes.items())
    seen = (Candidate(cache, name, known, sight, sight.container) for name, known, sight in sights if sight.container)
    return {one.name: one.container.name for one in seen if not obstacles(one)}


def obstacles(candidate: Candidate) -> tuple[str, ...]:
    """Why a container may not; nothing when it may."""
    return tuple(obstacle.because for obstacle in OBSTACLES if obstacle.holds(candidate))


def _is_made_otherwise(candidate: Candidate) -> bool:
    wanted, labels = fingerprints_of(candidate.cache.spec), candidate.container.labels
    made = {FINGERPRINT: wanted.fingerprint, PARAMETERS: wanted.immediate, STATIC: wanted.static}
    return any(labels.get(name) != value for name, value in made.items())


OBSTACLES = (
    Obstacle(lambda one: not one.known.ahead or one.known.life != 1, "it was not started ahead"),
    Obstacle(lambda one: not one.known.recyclable, "callers were told its own address"),
    Obstacle(lambda one: not one.cache.spec.replicates, "its engine cannot begin anew"),
    Obstacle(lambda one: not one.cache.spec.restricted, "its clients could write files, and change how it is run"),
    Obstacle(lambda one: one.container.name == one.known.ahead, "it has not been called as the node yet"),
    Obstacle(lambda one: condition(one.sight, one.known) is not Condition.LIVE, "it does not answer"),
    Obstacle(lambda one: not one.container.connected, "it is off the network"),
    Obstacle(lambda one: one.sight.relay is not None, "it has a relay"),
    Obstacle(_is_made_otherwise, "it was started with other values"),
)
