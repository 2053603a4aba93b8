"""SnapshotArnsToRestore: what a new serverless cache begins with.

Source: the API reference of CreateServerlessCache; the ElastiCache user guide, "Restoring from a backup".
"""

from dataclasses import replace

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.snapshots.objects import named_objects, seed_of_objects
from cachewright.controlplane.api.snapshots.seeding import readable_serverless, readable_snapshot, seed_of
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.nouns import SERVERLESS_CACHE_SNAPSHOT, SNAPSHOT
from cachewright.controlplane.model.seeds import Seed
from cachewright.controlplane.model.snapshots import Snapshot
from cachewright.controlplane.model.versions import Engine, numbers, version_of

PARAMETER = "SnapshotArnsToRestore"
S3 = ":s3:"
OLDEST = (5, 0)  # of Redis, whose files a serverless cache takes
_READABLE = {SNAPSHOT.type: readable_snapshot, SERVERLESS_CACHE_SNAPSHOT.type: readable_serverless}


def with_contents(context: Context, params: Params, spec: Spec) -> Spec:
    """The spec of a cache that begins with what a request names, if anything. Faults: what is no ARN of a
    snapshot or an object of the caller's; more than one; what is not whole, not to be had, or of another engine or one
    too old.
    """
    arns = params.get(PARAMETER) or ()
    if not arns:
        return spec
    if S3 in arns[0] and spec.engine is Engine.MEMCACHED:
        raise invalid_combination("Restoring from Amazon S3 is not supported for engine memcached.")
    return replace(spec, seed=_of_objects(context, arns, spec) if S3 in arns[0] else _of_snapshot(context, arns, spec))


def _of_objects(context: Context, arns: list[str], spec: Spec) -> Seed:
    return seed_of_objects(context, named_objects(arns, PARAMETER), spec)


def _of_snapshot(context: Context, arns: list[str], spec: Spec) -> Seed:
    if len(arns) != 1:
        raise invalid_combination(f"Exactly one snapshot ARN must be specified, but found {len(arns)}.")
    snapshot = _named(context, arns[0])
    source = version_of(snapshot.settings.engine, snapshot.settings.version)
    if source.engine is Engine.REDIS and numbers(source.described)[:2] < OLDEST:
        raise invalid_combination(
            f"Snapshot {snapshot.name} was taken with redis {source.version}. Serverless caches can be restored from"
            " redis 5.0 and above."
        )
    return seed_of(snapshot, spec)


def _named(context: Context, arn: str) -> Snapshot:
    """The caller's snapshot of that ARN."""
    prefix, _, name = arn.rpartition(":")
    kind = prefix.rpartition(":")[2]
    own = f"arn:aws:elasticache:{context.caller.region}:{context.caller.account}:{kind}"
    if kind not in _READABLE or prefix != own or not name:
        raise invalid_value(f"Invalid value for {PARAMETER}: {arn}")
    return _READABLE[kind](context, name)
