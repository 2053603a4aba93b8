"""Which node of a shard a snapshot is taken from. Pure.

Source: the ElastiCache user guide, "Taking manual backups": of a cache cluster what that one holds; of a replication
group what a replica holds, or the primary where there is none; a final snapshot of a group is the primary's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.planning.world import Answer
from cachewright.controlplane.model.cache import Cache, Shard

Answers = Mapping[str, Answer | None]  # by node name; None: it does not answer


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose data a snapshot has."""

    cluster: str = ""  # the member that was named; empty: a replica that has everything, else the primary
    primary: bool = False  # the primary, whoever is asked for


def node_to_save(cache: Cache, shard: Shard, answers: Answers, wanted: Wanted) -> str:
    """The name of the node; Later while there is none that has everything, Never when a member is gone for good."""
    if not cache.spec.replicates:
        return _only(shard, answers)
    primary = _primary(cache, shard, answers)
    if wanted.primary:
        return primary
    if wanted.cluster:
        return _named(cache, shard, answers, wanted.cluster)
    replicas = [node.name for node in shard.nodes if _in_sync(cache, node.name, primary, answers)]
    return max(replicas, key=lambda name: _offset(answers, name), default=primary)


def _only(shard: Shard, answers: Answers) -> str:
    name = shard.nodes[0].name
    if answers.get(name) is None:
        raise Later(f"cannot take a snapshot of shard {shard.id}: its node does not answer")
    return name


def _primary(cache: Cache, shard: Shard, answers: Answers) -> str:
    known = cache.status.shards.get(shard.id)
    primary = known.primary if known else ""
    answer = answers.get(primary)
    place = answer.replication if answer else None
    if not known or not place or not (place.linked if known.upstream else place.leads):
        raise Later(f"cannot take a snapshot of shard {shard.id}: its primary does not answer")
    return primary


def _named(cache: Cache, shard: Shard, answers: Answers, cluster: str) -> str:
    name = next((node.name for node in shard.nodes if node.cluster == cluster), "")
    if not name:
        raise Never(f"cannot take a snapshot of {cluster}: it is gone")
    answer = answers.get(name)
    if not answer or not answer.replication:
        raise Later(f"cannot take a snapshot of {cluster}: it does not answer")
    primary = _primary(cache, shard, answers)
    if name != primary and not _in_sync(cache, name, primary, answers):
        raise Later(f"cannot take a snapshot of {cluster}: it does not have all that its primary has")
    return name


def _in_sync(cache: Cache, name: str, primary: str, answers: Answers) -> bool:
    """Whether a replica receives everything that the primary writes, and has all of what came before."""
    own, leader = answers.get(name), answers.get(primary)
    if not own or not own.replication or not leader or not leader.replication:
        return False
    follows = cache.status.nodes[primary].address.host
    place, host = own.replication, cache.status.nodes[name].address.host
    copied = not place.leads and place.follows is not None and place.follows.host == follows
    return copied and place.linked and host in leader.replication.heard


def _offset(answers: Answers, name: str) -> int:
    answer = answers[name]
    return answer.replication.offset if answer and answer.replication else 0
