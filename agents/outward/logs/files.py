"""Logs as files of the data directory: `logs/ACCOUNT/REGION/elasticache/ENGINE/CLUSTER/NODE/TYPE.log`.

A file that would become larger than LARGEST makes room: it is called `.log.1` then, in place of the one before. So a
node's log takes 20 MB at most. Files outlive their cache.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cachewright.agents.outward.logs.destinations import LogStream, Undeliverable
from cachewright.agents.planning.log_records import Record
from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.log_delivery import LogConfiguration

FOLDER = "logs"
LARGEST = 10 << 20  # bytes of a file
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")  # what ids, engines, regions and accounts consist of


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Implements `Destination`: the files of an installation, whatever the group or the stream is called."""

    directory: Path

    def check(self, key: Key, configuration: LogConfiguration) -> None:
        """It is always there."""

    def put(self, stream: LogStream, records: Sequence[Record]) -> None:
        """See `Destination`: a line for each record."""
        try:
            _append(self.path(stream), b"".join(record.text.encode() + b"\n" for record in records))
        except OSError as error:
            raise Undeliverable(f"Cannot write to {self.directory}: {error.strerror or error}") from error

    def path(self, stream: LogStream) -> Path:
        """Where a log is: nothing of a user's becomes a path unless it is plain."""
        parts = (stream.key.account, stream.key.region, *stream.name.split("/"))
        assert all(_PLAIN.fullmatch(part) for part in parts), parts
        return self.directory.joinpath(*parts).with_suffix(".log")


def _append(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size + len(content) > LARGEST:
        path.replace(path.with_suffix(".log.1"))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
        file.write(content)
