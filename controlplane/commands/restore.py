"""`cachewright restore`: a new cache that begins with an RDB file of this machine, in one command."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from cachewright.agents.buckets.buckets import Refused
from cachewright.agents.buckets.folders import FOLDER, Folders
from cachewright.agents.pieces import PIECE
from cachewright.controlplane.commands.aws import elasticache
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer
from cachewright.controlplane.commands.status import look
from cachewright.controlplane.model.buckets import OWN_BUCKET, ObjectName, arn_of

PAUSE = 0.1  # seconds between two looks
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


def restore(plane: ControlPlane, directory: Path, file: Path, wanted: Wanted, console: Console) -> None:
    """Make a replication group of one node of a file, wait until it is available, print where it listens.
    CannotRestore, or NoAnswer, with the reason when that cannot be; there is no such group then. `directory` is the
    control plane's.
    """
    aws = elasticache(plane)
    name = ObjectName(OWN_BUCKET, f"{token_hex(8)}.rdb")
    with _told(plane), _lent(Folders(directory / FOLDER), name, file), console.status(f"restore {file} ..."):
        _ask(aws, name, wanted, directory)
        group = _available(aws, wanted.name, lambda: _reason(plane, wanted.name))
    endpoint = group["NodeGroups"][0]["PrimaryEndpoint"]
    console.print(f"{endpoint['Address']}:{endpoint['Port']}", highlight=False, markup=False)


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


def _ask(aws: Any, name: ObjectName, wanted: Wanted, directory: Path) -> None:  # noqa: ANN401 - a client of botocore's
    optional = {"EngineVersion": wanted.version} if wanted.version else {}
    try:
        aws.create_replication_group(
            ReplicationGroupId=wanted.name,
            ReplicationGroupDescription="restored from a file",
            Engine=wanted.engine,
            CacheNodeType=wanted.node_type,
            NumCacheClusters=1,
            SnapshotArns=[arn_of(name)],
            **optional,
        )
    except ClientError as error:
        if _NOWHERE in str(error):
            hint = f"the control plane has another data directory than {directory}; name its own with --data-dir"
            raise CannotRestore(f"cannot restore {wanted.name}: {hint}") from error
        raise


def _available(aws: Any, name: str, reason: Callable[[], str]) -> Mapping[str, Any]:  # noqa: ANN401 - see above
    """The group, once it is available; it may take as long as it takes to load the file."""
    while True:
        group: Mapping[str, Any] = aws.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
        if group["Status"] == "available":
            return group
        if group["Status"] != "creating":
            why = reason()
            aws.delete_replication_group(ReplicationGroupId=name)
            raise CannotRestore(f"cannot restore {name}: {why}")
        time.sleep(PAUSE)


def _reason(plane: ControlPlane, name: str) -> str:
    return next((cache.reason for cache in look(plane).caches if cache.id == name.lower()), "")


@contextmanager
def _told(plane: ControlPlane) -> Iterator[None]:
    """What the control plane says against it, in one sentence."""
    try:
        yield
    except ClientError as error:
        raise CannotRestore(f"cannot restore: {error.response['Error']['Message']}") from error
    except BotoCoreError as error:
        hint = "start one with `cachewright up`, or name another with --url"
        raise NoAnswer(f"no control plane answers at {plane.url} ({error}); {hint}") from error
