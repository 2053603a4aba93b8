"""The relays by which primaries follow another region, later: where one is lacking, and where one is of no use."""

from collections.abc import Iterator, Sequence
from functools import partial

from cachewright.agents.planning.actions import Action, Delay
from cachewright.agents.planning.images import DIRECTORY, Job
from cachewright.agents.planning.links import is_door
from cachewright.agents.planning.nodes.delaying import is_made_for
from cachewright.agents.planning.nodes.node_actions import with_image
from cachewright.agents.planning.shards.replicas import Replicas
from cachewright.agents.planning.world import World
from cachewright.controlplane.model.cache import Cache, Status


def delaying(interim: Cache, status: Status, world: World) -> Iterator[Action | Job]:
    """A relay beside each primary that is to follow later and lives, made for whom it follows and for how late."""
    for replicas in _shards(interim, status, world):
        link, name = world.upstreams.get(replicas.shard.id), replicas.status.primary
        sight = world.at(name)
        if link and link.delay and sight.container and replicas.view(name) and not is_made_for(sight, link):
            made = partial(Delay, name, sight.container.started_at, primary=link.address, delay=link.delay)
            yield with_image(world, DIRECTORY, made)


def idle(interim: Cache, status: Status, world: World) -> Sequence[str]:
    """Relays by which nobody follows, nor shall."""
    primaries = {replicas.status.primary: replicas for replicas in _shards(interim, status, world)}
    beside = [(name, sight.delayer.name) for name, sight in world.nodes.items() if sight.delayer]
    return [relay for name, relay in beside if name not in primaries or _is_idle(primaries[name])]


def _is_idle(replicas: Replicas) -> bool:
    """Whether the relay beside a chosen primary has nothing to do: one that is still followed by is left until the
    node was told otherwise.
    """
    link, view = replicas.world.upstreams.get(replicas.shard.id), replicas.view(replicas.status.primary)
    followed = view is not None and not view.leads and is_door(view.follows)
    return not (link and link.delay) and not followed


def _shards(interim: Cache, status: Status, world: World) -> Iterator[Replicas]:
    for shard in interim.spec.shards if interim.spec.replicates else ():
        yield Replicas(shard, status.shards[shard.id], status.nodes, world)
