"""Shards that begin with what a snapshot held: its file goes to the first primary, and the others copy that one. Where
nothing replicates a running node is told what is in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cachewright.agents.planning.actions import Discard
from cachewright.agents.planning.shards.replicas import Replicas
from cachewright.agents.planning.world import Condition, World, condition, has_answered
from cachewright.controlplane.model.cache import Cache, NodeStatus, ShardStatus, Status
from cachewright.controlplane.model.lifecycle import UNBORN
from cachewright.controlplane.model.seeds import SeedFile


def unseeded(cache: Cache, status: Status) -> Mapping[str, SeedFile]:
    """The files that are to be loaded yet as of a report, by shard."""
    return replace(cache, status=status).unseeded if cache.spec.seed else {}


def seeds(cache: Cache, status: Status) -> Mapping[str, SeedFile]:
    """The files that are to be loaded yet, by the name of the node that does it; none of a shard without a primary."""
    left = unseeded(cache, status)
    return {name: file for shard, file in left.items() if (name := _beginner(cache, status, shard))}


def _beginner(cache: Cache, status: Status, shard: str) -> str:
    """The node of a shard that its file goes to; empty while nobody is chosen."""
    if cache.spec.replicates:
        return status.shards.get(shard, ShardStatus()).primary
    return next(one.nodes[0].name for one in cache.spec.shards if one.id == shard)


def waiting(cache: Cache, status: Status) -> frozenset[str]:
    """The replicas of primaries that have not loaded everything: they would only ask for it again and again."""
    left, primaries = unseeded(cache, status), seeds(cache, status)
    names = (node.name for shard in cache.spec.shards if shard.id in left for node in shard.nodes)
    return frozenset(names) - primaries.keys()


def is_held(cache: Cache, shard: str) -> bool:
    """Whether a shard begins with its file once more when its primary dies: until the cache is available, unless slots
    have moved. Nobody may hold as much, so nobody else is elected.
    """
    files = cache.spec.seed.files if cache.spec.seed and cache.status.phase in UNBORN else ()
    known = cache.status.shards.get(shard)
    return any(file.shard == shard and (known is None or known.slots == file.slots) for file in files)


def is_seeded(cache: Cache, replicas: Replicas) -> bool:
    """Whether the first primary of a shard was seen with everything that it was to begin with, and with room for it.
    One that lives was launched with the file: no other one is as long as that is not loaded.
    """
    shard, name = replicas.shard.id, replicas.status.primary
    if replicas.status.seeded:
        return not is_held(cache, shard) or replicas.nodes[name].life == cache.status.nodes[name].life
    sight = replicas.world.at(name)
    return shard in cache.unseeded and replicas.leading() and sight.overfull is False and not sight.astray


def told(cache: Cache, nodes: Mapping[str, NodeStatus], world: World) -> dict[str, ShardStatus]:
    """What is known of shards that do not replicate: whether each has what it was to begin with, until the cache is
    available. One whose process ends before that has lost it.
    """
    if cache.spec.seed is None or cache.status.phase not in UNBORN:
        return {}
    found: dict[str, ShardStatus] = {}
    for shard in cache.spec.shards:
        before, known = cache.status.nodes[shard.nodes[0].name], nodes[shard.nodes[0].name]
        sight = world.at(shard.nodes[0].name)
        if cache.status.shards.get(shard.id, ShardStatus()).seeded:
            same = known.life == before.life and (sight.container is None or has_answered(sight.container, before))
        else:
            same = condition(sight, known) is Condition.LIVE and sight.filled is True and sight.overfull is False
        found[shard.id] = ShardStatus(seeded=same)
    return found


def lacks(cache: Cache, status: Status, world: World, name: str) -> SeedFile | None:
    """What a live node is to be told yet; None: nothing, or it has no room for it."""
    sight = world.at(name)
    if cache.spec.replicates or sight.filled is not False or sight.overfull:
        return None
    return seeds(cache, status).get(name)


def discards(cache: Cache, status: Status, world: World) -> Iterator[Discard]:
    """The files of primaries that were seen loaded just now take up room for nothing."""
    for shard in cache.unseeded:
        name = _beginner(cache, status, shard)
        container = world.at(name).container
        if status.shards[shard].seeded and container:
            yield Discard(container.name, name)


def misfit(cache: Cache, status: Status, world: World) -> str:
    """Why what a snapshot held cannot be restored, as far as it is too large, or of other shards; empty when it can."""
    for name, file in seeds(cache, status).items():
        container, sight = world.at(name).container, world.at(name)
        starved = condition(sight, status.nodes[name]) is Condition.DEAD and container and container.starved
        if cache.spec.seed and (sight.overfull or starved):
            node = name.rpartition(".")[2]
            return f"Restore from {cache.spec.seed.name} failed for node {node}: what it held is larger than the node."
        if cache.spec.seed and sight.astray:
            source = file.object.name if file.object else cache.spec.seed.name
            keys = f"it has keys of other slots than {file.slots}, which shard {file.shard} begins with"
            return f"Restore from {source} failed: {keys}."
    return ""
