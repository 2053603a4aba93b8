"""Shards that begin with what a snapshot held: its file goes to the first primary, and the others copy that one."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from cachewright.agents.planning.actions import Discard
from cachewright.agents.planning.shards.replicas import Replicas
from cachewright.agents.planning.world import Condition, World, condition
from cachewright.controlplane.model.cache import Cache, ShardStatus, Status
from cachewright.controlplane.model.lifecycle import UNBORN
from cachewright.controlplane.model.seeds import SeedFile


def unseeded(cache: Cache, status: Status) -> Mapping[str, SeedFile]:
    """The files that are to be loaded yet as of a report, by shard."""
    return replace(cache, status=status).unseeded


def seeds(cache: Cache, status: Status) -> Mapping[str, SeedFile]:
    """The files that are to be loaded yet, by the name of the node that does it; none of a shard without a primary."""
    left = unseeded(cache, status)
    primaries = {shard: status.shards.get(shard, ShardStatus()).primary for shard in left}
    return {primary: left[shard] for shard, primary in primaries.items() if primary}


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


def discards(cache: Cache, status: Status, world: World) -> Iterator[Discard]:
    """The files of primaries that were seen loaded just now take up room for nothing."""
    for shard in cache.unseeded:
        known = status.shards[shard]
        container = world.at(known.primary).container
        if known.seeded and container:
            yield Discard(container.name)


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
