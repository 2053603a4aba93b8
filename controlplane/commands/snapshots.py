"""`cachewright snapshot`: snapshots by hand, the day's among them."""

import re
import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.commands.aws import as_account, asking, elasticache
from cachewright.controlplane.commands.caches import Client
from cachewright.controlplane.commands.described import Shown, described
from cachewright.controlplane.commands.outline import table
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer, asked, foreign
from cachewright.controlplane.commands.seen import found
from cachewright.controlplane.commands.waiting import Wait
from cachewright.controlplane.console.paths import SNAPSHOTS
from cachewright.controlplane.console.seen import UNSHARDED, CacheSeen
from cachewright.controlplane.model.automatic import Daily
from cachewright.controlplane.model.snapshots import SnapshotStatus

PAUSE = 0.1  # seconds between two looks


def create(client: Client, target: str, name: str, now: datetime) -> Shown:
    """Save what a cache holds under a name, or one that tells the moment; as AWS shows the snapshot."""
    seen = found(client.plane, target, client.account)
    name = name or f"{seen.id}-{now:%Y-%m-%d-%H-%M-%S}"
    cache = described(client.plane, seen)
    with asking(client.plane, f"save {target}"):
        shown = cache.aws.create_snapshot(SnapshotName=name, **source(seen))["Snapshot"]
        return Wait(client.plane, client.seconds).until_saved(cache.aws, name) if client.seconds else shown


def source(seen: CacheSeen) -> dict[str, str]:
    """What CreateSnapshot is told: the group in cluster mode, else one of its clusters; a replica, which has time."""
    nodes = [node for shard in seen.shards for node in shard.nodes]
    if seen.cluster_mode != UNSHARDED:
        return {"ReplicationGroupId": seen.id}
    node = next((node for node in nodes if node.role == "replica"), nodes[0])
    return {"CacheClusterId": node.name.rpartition(".")[0]}


def listed(client: Client, target: str, region: str) -> Sequence[Shown]:
    """All snapshots of an account, or those of a cache, which may be gone."""
    with asking(client.plane, "list snapshots"):
        aws = elasticache(as_account(client.plane, client.account), region)
        pages = aws.get_paginator("describe_snapshots").paginate()
        every = [snapshot for page in pages for snapshot in page["Snapshots"]]
    return [each for each in every if _is_of(each, target.lower())]


def _is_of(snapshot: Shown, name: str) -> bool:
    """Whether it is of that cache, or of a member of it."""
    cluster = snapshot.get("CacheClusterId", "")
    return name in ("", cluster, snapshot.get("ReplicationGroupId")) or bool(
        re.fullmatch(rf"{re.escape(name)}(-\d{{4}})?-\d{{3}}", cluster)
    )


def lines(listed: Sequence[Shown]) -> Iterator[str]:
    """A table of snapshots."""
    if not listed:
        yield "There is no snapshot; `cachewright snapshot create ID` takes one."
        return
    yield from table(
        ("NAME", "OF", "ENGINE", "STATUS", "TAKEN BY"),
        [
            (
                each["SnapshotName"],
                each.get("ReplicationGroupId") or each.get("CacheClusterId", ""),
                f"{each['Engine']} {each['EngineVersion']}",
                each["SnapshotStatus"],
                each["SnapshotSource"],
            )
            for each in listed
        ],
    )


def delete(client: Client, name: str, region: str) -> Shown:
    """The end of a snapshot; as AWS showed it last."""
    with asking(client.plane, f"delete {name}"):
        aws = elasticache(as_account(client.plane, client.account), region)
        return dict(aws.delete_snapshot(SnapshotName=name)["Snapshot"])


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
