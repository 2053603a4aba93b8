"""`cachewright snapshot`: snapshots by hand, the day's among them."""

import re
import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from botocore import xform_name

from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.commands.aws import as_account, asking, elasticache
from cachewright.controlplane.commands.caches import Client
from cachewright.controlplane.commands.described import Shown, described
from cachewright.controlplane.commands.outline import table
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer, asked, foreign
from cachewright.controlplane.commands.saved import OF_NODES, OF_SERVERLESS, Saved, every
from cachewright.controlplane.commands.saved import found as saved
from cachewright.controlplane.commands.seen import found
from cachewright.controlplane.commands.waiting import Wait
from cachewright.controlplane.console.paths import SNAPSHOTS
from cachewright.controlplane.console.seen import SERVERLESS, UNSHARDED, CacheSeen
from cachewright.controlplane.model.automatic import Daily
from cachewright.controlplane.model.snapshots import SnapshotStatus

PAUSE = 0.1  # seconds between two looks


def create(client: Client, target: str, name: str, now: datetime) -> Saved:
    """Save what a cache holds under a name, or one that tells the moment."""
    seen = found(client.plane, target, client.account)
    name = name or f"{seen.id}-{now:%Y-%m-%d-%H-%M-%S}"
    cache = described(client.plane, seen)
    words = OF_SERVERLESS if seen.kind == SERVERLESS else OF_NODES
    with asking(client.plane, f"save {target}"):
        asked = getattr(cache.aws, f"create_{xform_name(words.one)}")(**{words.name: name}, **source(seen))
        begun = Saved(words, asked[words.one])
        return Wait(client.plane, client.seconds).until_saved(cache.aws, begun) if client.seconds else begun


def source(seen: CacheSeen) -> dict[str, str]:
    """Of what a snapshot is asked for: a serverless cache, the group in cluster mode, else one of its clusters; of a
    replica, which has time.
    """
    if seen.kind == SERVERLESS:
        return {"ServerlessCacheName": seen.id}
    nodes = [node for shard in seen.shards for node in shard.nodes]
    if seen.cluster_mode != UNSHARDED:
        return {"ReplicationGroupId": seen.id}
    node = next((node for node in nodes if node.role == "replica"), nodes[0])
    return {"CacheClusterId": node.name.rpartition(".")[0]}


def listed(client: Client, target: str, region: str) -> Sequence[Saved]:
    """All snapshots of an account, or those of a cache, which may be gone."""
    with asking(client.plane, "list snapshots"):
        snapshots = [*every(elasticache(as_account(client.plane, client.account), region))]
    return [each for each in snapshots if _is_of(each, target.lower())]


def _is_of(snapshot: Saved, name: str) -> bool:
    """Whether it is of that cache, or of a member of it."""
    cluster = snapshot.shown.get("CacheClusterId", "")
    return name in ("", cluster, snapshot.cache) or bool(
        re.fullmatch(rf"{re.escape(name)}(-\d{{4}})?-\d{{3}}", cluster)
    )


def lines(listed: Sequence[Saved]) -> Iterator[str]:
    """A table of snapshots."""
    if not listed:
        yield "There is no snapshot; `cachewright snapshot create ID` takes one."
        return
    yield from table(
        ("NAME", "OF", "ENGINE", "STATUS", "TAKEN BY"),
        [(each.name, each.cache, each.engine, each.status, each.shown[each.words.source]) for each in listed],
    )


def delete(client: Client, name: str, region: str) -> Shown:
    """The end of a snapshot, of nodes if there is one of a serverless cache as well; as AWS showed it last."""
    with asking(client.plane, f"delete {name}"):
        aws = elasticache(as_account(client.plane, client.account), region)
        words = saved(aws, name).words
        return dict(getattr(aws, f"delete_{xform_name(words.one)}")(**{words.name: name})[words.one])


def run(plane: ControlPlane, target: str, account: str) -> str:
    """Take the day's snapshot of a cache cluster or a group; its name once it is available. NoAnswer when it cannot be
    taken.
    """
    daily = _understood(plane, asked(plane, SNAPSHOTS, "POST", {"target": target, "account": account}))
    while daily.status is SnapshotStatus.CREATING:
        time.sleep(PAUSE)
        daily = _understood(plane, asked(plane, f"{SNAPSHOTS}/{daily.account}/{daily.region}/{daily.name}"))
    if daily.status is SnapshotStatus.FAILED:
        raise NoAnswer(f"{daily.name} failed: {daily.failure}")
    return daily.name


def _understood(plane: ControlPlane, document: bytes) -> Daily:
    try:
        return read(Daily, document)
    except ValueError as error:
        raise foreign(plane.url, "its answer tells of no snapshot") from error
