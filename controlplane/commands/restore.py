"""`cachewright restore`: a new cache that begins with a snapshot, or with an RDB file of this machine."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from botocore.exceptions import ClientError

from cachewright.agents.buckets.buckets import Refused
from cachewright.agents.buckets.folders import FOLDER, Folders
from cachewright.agents.pieces import PIECE
from cachewright.controlplane.commands.aws import as_account, asking, elasticache
from cachewright.controlplane.commands.caches import Client
from cachewright.controlplane.commands.described import Described, Shown
from cachewright.controlplane.commands.plane import Absent
from cachewright.controlplane.commands.refusals import is_absence
from cachewright.controlplane.commands.waiting import Impossible
from cachewright.controlplane.console.seen import GROUP
from cachewright.controlplane.model.buckets import OWN_BUCKET, ObjectName, arn_of

SMALL = "cache.t3.micro"  # a node, where nobody says how large
_NOWHERE = "The S3 bucket"  # begins what is said when the control plane does not find the file


class CannotRestore(Exception):  # noqa: N818
    """Why there is no such cache, in words for the user."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The cache that is asked for; empty: what AWS takes by itself."""

    name: str
    engine: str
    version: str
    node_type: str


def is_file(source: str) -> bool:
    """Whether it names a file: names of snapshots have neither dots nor slashes."""
    return "." in source or "/" in source


def restore_file(client: Client, directory: Path, file: Path, wanted: Wanted, region: str) -> Shown:
    """Make a replication group of one node of an RDB file; as AWS shows it once it is available. `directory` is the
    control plane's. CannotRestore, or NoAnswer, with the reason when that cannot be; there is no such group then.
    """
    name = ObjectName(OWN_BUCKET, f"{token_hex(8)}.rdb")
    with _lent(Folders(directory / FOLDER), name, file), asking(client.plane, f"restore {wanted.name}"):
        cache = Described(elasticache(as_account(client.plane, client.account), region), wanted.name, GROUP)
        usual = {"Engine": wanted.engine or "redis", "CacheNodeType": SMALL, "NumCacheClusters": 1}
        try:
            _ask(cache, {**usual, "SnapshotArns": [arn_of(name)]}, wanted)
        except ClientError as error:
            if _NOWHERE not in str(error):
                raise
            hint = f"the control plane has another data directory than {directory}; name its own with --data-dir"
            raise CannotRestore(f"cannot restore {wanted.name}: {hint}") from error
        return _loaded(client, cache)


def restore_snapshot(client: Client, snapshot: str, wanted: Wanted, region: str) -> Shown:
    """Make a replication group of a snapshot, with as many shards and nodes; as AWS shows it once it is available, or
    at once where nobody waits. CannotRestore, or NoAnswer, as above.
    """
    with asking(client.plane, f"restore {wanted.name}"):
        cache = Described(elasticache(as_account(client.plane, client.account), region), wanted.name, GROUP)
        saved = _saved(cache.aws, snapshot)
        _ask(cache, {"Engine": wanted.engine or saved["Engine"], "SnapshotName": snapshot}, wanted)
        return _loaded(client, cache) if client.seconds else cache.shown()


@contextmanager
def _lent(folders: Folders, name: ObjectName, file: Path) -> Iterator[None]:
    """A copy of a file is an object meanwhile. Whoever interrupts the command does not take it from the cache."""
    try:
        with file.open("rb") as source:
            folders.make(name.bucket)
            folders.write(name, iter(lambda: source.read(PIECE), b""))
    except OSError as error:
        raise CannotRestore(f"cannot read {file}: {error.strerror or error}") from error
    except Refused as refused:
        raise CannotRestore(f"cannot copy {file} to {folders.directory}: {refused}") from refused
    try:
        yield
    except Exception:
        folders.remove(name)
        raise
    folders.remove(name)


def _ask(cache: Described, seed: Mapping[str, Any], wanted: Wanted) -> None:
    chosen = {"CacheNodeType": wanted.node_type, "EngineVersion": wanted.version}
    asked = {**seed, **{name: value for name, value in chosen.items() if value}}
    cache.aws.create_replication_group(
        **cache.named, ReplicationGroupDescription="restored by cachewright restore", **asked
    )


def _saved(aws: Any, name: str) -> Shown:  # noqa: ANN401 - a client of botocore's
    try:
        (snapshot,) = aws.describe_snapshots(SnapshotName=name)["Snapshots"]
    except ClientError as error:
        if not is_absence(error.response["Error"]["Code"]):
            raise
        hint = f"`cachewright snapshot list` shows all, and a file of that name is ./{name}"
        raise Absent(f"there is no snapshot {name}; {hint}") from error
    return dict(snapshot)


def _loaded(client: Client, cache: Described) -> Shown:
    """The group, once it is available; what cannot be loaded leaves none."""
    try:
        return client.finished(cache)
    except Impossible as failure:
        cache.aws.delete_replication_group(**cache.named)
        raise CannotRestore(f"cannot restore {cache.id}: {failure.reason}") from failure
