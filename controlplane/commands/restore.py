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
from cachewright.controlplane.commands.saved import OF_SERVERLESS, found
from cachewright.controlplane.commands.waiting import Impossible
from cachewright.controlplane.console.seen import GROUP, SERVERLESS
from cachewright.controlplane.model.buckets import OWN_BUCKET, ObjectName, arn_of

SMALL = "cache.t3.micro"  # a node, where nobody says how large
DESCRIPTION = "restored by cachewright restore"
RESTORED = "SnapshotArnsToRestore"  # of a serverless cache
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
    serverless: bool = False

    def described(self, client: Client, region: str, kind: str) -> Described:
        """The cache, where the API is asked about it."""
        return Described(elasticache(as_account(client.plane, client.account), region), self.name, kind)


def is_file(source: str) -> bool:
    """Whether it names a file: names of snapshots have neither dots nor slashes."""
    return "." in source or "/" in source


def restore_file(client: Client, directory: Path, file: Path, wanted: Wanted, region: str) -> Shown:
    """Make a replication group of one node of an RDB file, or a serverless cache; as AWS shows it once it is available.
    `directory` is the control plane's. CannotRestore, or NoAnswer, with the reason when that cannot be; there is no
    such cache then.
    """
    name = ObjectName(OWN_BUCKET, f"{token_hex(8)}.rdb")
    with _lent(Folders(directory / FOLDER), name, file), asking(client.plane, f"restore {wanted.name}"):
        cache = wanted.described(client, region, SERVERLESS if wanted.serverless else GROUP)
        engine = {"Engine": wanted.engine or "redis"}
        usual = {**engine, "CacheNodeType": SMALL, "NumCacheClusters": 1, "SnapshotArns": [arn_of(name)]}
        try:
            _ask(cache, {**engine, RESTORED: [arn_of(name)]} if wanted.serverless else usual, wanted)
        except ClientError as error:
            if _NOWHERE not in str(error):
                raise
            hint = f"the control plane has another data directory than {directory}; name its own with --data-dir"
            raise CannotRestore(f"cannot restore {wanted.name}: {hint}") from error
        return _loaded(client, cache)


def restore_snapshot(client: Client, snapshot: str, wanted: Wanted, region: str) -> Shown:
    """Make a cache of a snapshot, as AWS shows it once it is available, or at once where nobody waits: a replication
    group with as many shards and nodes, or a serverless cache if the snapshot is of one, unless something else is
    wanted. CannotRestore, or NoAnswer, as above.
    """
    with asking(client.plane, f"restore {wanted.name}"):
        saved = found(wanted.described(client, region, GROUP).aws, snapshot)
        serverless = wanted.serverless or (saved.words is OF_SERVERLESS and not wanted.node_type)
        cache = wanted.described(client, region, SERVERLESS if serverless else GROUP)
        engine = {"Engine": wanted.engine or saved.engine.partition(" ")[0]}
        seed = {RESTORED: [saved.shown["ARN"]]} if serverless else {saved.words.name: saved.name}
        _ask(cache, {**engine, **seed}, wanted)
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
    version = "MajorEngineVersion" if cache.kind == SERVERLESS else "EngineVersion"
    chosen = {"CacheNodeType": wanted.node_type, version: wanted.version}
    asked = {**cache.named, **seed, **{name: value for name, value in chosen.items() if value}}
    if cache.kind == SERVERLESS:
        cache.aws.create_serverless_cache(**asked, Description=DESCRIPTION)
    else:
        cache.aws.create_replication_group(**asked, ReplicationGroupDescription=DESCRIPTION)


def _loaded(client: Client, cache: Described) -> Shown:
    """The cache, once it is available; what cannot be loaded leaves none."""
    try:
        return client.finished(cache)
    except Impossible as failure:
        cache.delete({})
        raise CannotRestore(f"cannot restore {cache.id}: {failure.reason}") from failure
