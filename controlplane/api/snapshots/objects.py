"""Objects in buckets that new caches begin with, and that snapshots are exported to.

Source: the API reference of CreateCacheCluster and CreateReplicationGroup, SnapshotArns, and of CopySnapshot,
TargetBucket; the ElastiCache user guide, "Seeding a new cluster with an externally created backup".
"""

from collections.abc import Mapping, Sequence

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.model import slots
from cachewright.controlplane.model.buckets import ObjectName, ObjectVersion, Obstacle, Refusal, named_by
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.questions import objects
from cachewright.controlplane.model.seeds import Seed, SeedFile, dealt_out
from cachewright.controlplane.model.versions import Engine, engine_named

Found = Mapping[ObjectName, ObjectVersion | Refusal]

ALL_SLOTS = slots.written(slots.EVERY)


def objects_of(params: Params) -> tuple[ObjectName, ...]:
    """The objects that a new cache is to begin with. Faults: what they cannot be given with, names that are none."""
    arns = params.get("SnapshotArns") or ()
    if not arns:
        return ()
    for other in ("SnapshotName", "ServerlessCacheSnapshotName", "PrimaryClusterId"):
        if params.get(other):
            raise invalid_combination(f"{other} and SnapshotArns cannot be given together.")
    if engine_named(params.get("Engine") or Engine.REDIS) is Engine.MEMCACHED:
        raise invalid_combination("Snapshot parameters are not supported for engine memcached.")
    return named_objects(arns, "SnapshotArns")


def named_objects(arns: Sequence[str], parameter: str) -> tuple[ObjectName, ...]:
    """The objects that ARNs name; Fault for what names none."""
    try:
        return tuple(map(named_by, arns))
    except ValueError as error:
        raise invalid_value(f"Invalid value for {parameter}: {error}") from error


def seed_of_objects(context: Context, names: Sequence[ObjectName], spec: Spec) -> Seed:
    """What a cache begins with that shall be like that. Faults: more or fewer objects than it can begin with, one that
    cannot be had.
    """
    count = len(spec.shards)
    if len(names) not in (1, count):
        allowed = f"1 or {count} snapshot ARNs" if count > 1 else "Exactly one snapshot ARN"
        raise invalid_combination(f"{allowed} must be specified, but found {len(names)}.")
    found = context.answers.to(objects(names))
    versions = [_present(found, name) for name in names]
    return Seed("", str(names[0]), tuple(_files(versions, spec)))


def check_free(context: Context, names: Sequence[ObjectName]) -> None:
    """Fault for objects that cannot be written as far as that can be told by looking: in AWS's words."""
    found = context.answers.to(objects(names))
    for name in names:
        answer = _answer(found, name)
        if isinstance(answer, ObjectVersion):
            answer = Refusal(name, Obstacle.PRESENT)
        if answer.obstacle is not Obstacle.NO_OBJECT:
            raise invalid_value(answer.words)


def _present(found: Found, name: ObjectName) -> ObjectVersion:
    answer = _answer(found, name)
    if isinstance(answer, Refusal):
        raise _unfetched(answer)
    return answer


def _answer(found: Found, name: ObjectName) -> ObjectVersion | Refusal:
    return found.get(name) or Refusal(name, Obstacle.NO_ANSWER, "it does not answer")


def _unfetched(refusal: Refusal) -> Fault:
    name = refusal.name
    return invalid_value(f"Unable to fetch metadata from S3 for bucket: {name.bucket} key: {name.key}. {refusal.words}")


def _files(versions: Sequence[ObjectVersion], spec: Spec) -> list[SeedFile]:
    """Each shard's own object, or one that has the keys of all and is dealt out from where most of them stay."""
    shards = [(shard.id, shard.slots) for shard in spec.shards]
    if len(versions) < len(shards):
        (place,) = dealt_out([ALL_SLOTS], [served for _, served in shards])[:1]
        shards = [(shards[place][0], ALL_SLOTS)]
    return [
        SeedFile(shard, "", version.size, "", served, version)
        for (shard, served), version in zip(shards, versions, strict=True)
    ]
