"""Snapshots that are written into a bucket, an object for each shard."""

import logging
from dataclasses import dataclass

from cachewright.agents.buckets.buckets import Buckets, Refused
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.seed_files import intact
from cachewright.agents.snapshots.files import SnapshotFiles
from cachewright.controlplane.model.snapshots import Snapshot

PAUSE = 2.0  # seconds until something is tried again

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exporting:
    """With what snapshots are exported."""

    files: SnapshotFiles
    buckets: Buckets

    def part(self, snapshot: Snapshot, shard: str) -> None:
        """Write the object of one shard: an RDB file, as any engine reads it. Later when it may go another time, Never
        when not, or when the file is not what was written; no object is there then.
        """
        (node,) = (node for node in snapshot.nodes if node.shard == shard)
        damaged = f"The file of shard {shard} of snapshot {snapshot.name} is damaged."
        pieces = intact(self.files.read(snapshot.id, shard), node.size, node.digest, damaged)
        try:
            self.buckets.write(snapshot.exports[shard], pieces)
        except Refused as refused:
            raise (Later(str(refused), PAUSE) if refused.refusal.may_pass else Never(str(refused))) from refused

    def remove(self, snapshot: Snapshot) -> None:
        """Remove the objects of all shards, as far as somebody answers."""
        for name in snapshot.exports.values():
            try:
                self.buckets.remove(name)
            except Refused as refused:
                log.warning("cannot remove %s: %s", name, refused)
