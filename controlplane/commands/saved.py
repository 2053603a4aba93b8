"""Snapshots as the API describes them: those of nodes, and those of serverless caches, whose names are others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from cachewright.controlplane.commands.described import Shown
from cachewright.controlplane.commands.plane import Absent
from cachewright.controlplane.commands.refusals import is_absence


@dataclass(frozen=True, slots=True)
class SavedWords:
    """What AWS calls a kind of snapshot."""

    one: str  # in an answer, and of operations
    status: str
    source: str  # manual or automated
    configuration: str  # where it says what it is of; empty: beside everything else

    @property
    def name(self) -> str:
        """The parameter that names one."""
        return f"{self.one}Name"

    def of(self, shown: Shown) -> Mapping[str, Any]:
        """What a snapshot says of its cache."""
        of: Mapping[str, Any] = shown[self.configuration] if self.configuration else shown
        return of


OF_NODES = SavedWords("Snapshot", "SnapshotStatus", "SnapshotSource", "")
OF_SERVERLESS = SavedWords("ServerlessCacheSnapshot", "Status", "SnapshotType", "ServerlessCacheConfiguration")
KINDS = (OF_NODES, OF_SERVERLESS)


@dataclass(frozen=True, slots=True)
class Saved:
    """A snapshot."""

    words: SavedWords
    shown: Shown

    @property
    def name(self) -> str:
        """Its own."""
        return str(self.shown[self.words.name])

    @property
    def status(self) -> str:
        """AWS's word for how it is."""
        return str(self.shown[self.words.status])

    @property
    def cache(self) -> str:
        """Whose it is; of a member of a group, the group's."""
        of = self.words.of(self.shown)
        names = ("ServerlessCacheName", "ReplicationGroupId", "CacheClusterId")
        return next((str(of[name]) for name in names if of.get(name)), "")

    @property
    def engine(self) -> str:
        """The engine and its version."""
        of = self.words.of(self.shown)
        return f"{of['Engine']} {of.get('EngineVersion') or of.get('MajorEngineVersion', '')}".strip()


def every(aws: Any) -> Iterator[Saved]:  # noqa: ANN401 - a client of botocore's
    """All snapshots of an account in a region."""
    for words in KINDS:
        for page in aws.get_paginator(f"describe_{xform_name(words.one)}s").paginate():
            yield from (Saved(words, shown) for shown in page[f"{words.one}s"])


def named(aws: Any, name: str, words: SavedWords) -> Saved | None:  # noqa: ANN401 - as above
    """The snapshot of that name; None without one."""
    try:
        found = getattr(aws, f"describe_{xform_name(words.one)}s")(**{words.name: name})[f"{words.one}s"]
    except ClientError as error:
        if not is_absence(error.response["Error"]["Code"]):
            raise
        return None
    return Saved(words, dict(found[0])) if found else None


def found(aws: Any, name: str) -> Saved:  # noqa: ANN401 - as above
    """The snapshot of that name, of nodes if both have one; Absent without any."""
    snapshot = next((one for words in KINDS if (one := named(aws, name, words))), None)
    if snapshot is None:
        hint = f"`cachewright snapshot list` shows all, and a file of that name is ./{name}"
        raise Absent(f"there is no snapshot {name}; {hint}")
    return snapshot
