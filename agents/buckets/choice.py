"""Which buckets there are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cachewright.agents.buckets.buckets import Buckets
from cachewright.agents.buckets.folders import FOLDER, Folders
from cachewright.controlplane.model.buckets import OWN_BUCKET, ObjectName, ObjectVersion
from cachewright.controlplane.settings import Settings


@dataclass(frozen=True, slots=True)
class OwnBeside:
    """Implements `Buckets`: the installation's own bucket is a folder, whatever the others are."""

    own: Buckets
    others: Buckets

    def look(self, name: ObjectName) -> ObjectVersion:
        """See `Buckets`."""
        return self._of(name).look(name)

    def read(self, version: ObjectVersion) -> Iterator[bytes]:
        """See `Buckets`."""
        return self._of(version.name).read(version)

    def write(self, name: ObjectName, pieces: Iterable[bytes]) -> None:
        """See `Buckets`."""
        self._of(name).write(name, pieces)

    def remove(self, name: ObjectName) -> None:
        """See `Buckets`."""
        self._of(name).remove(name)

    def _of(self, name: ObjectName) -> Buckets:
        return self.own if name.bucket == OWN_BUCKET else self.others


def buckets_of(settings: Settings) -> Buckets:
    """The buckets of an installation: those of the S3 that the settings name, else folders."""
    folders = Folders(settings.files / FOLDER)
    if not settings.s3_endpoint:
        return folders
    from cachewright.agents.buckets.s3 import S3  # noqa: PLC0415 - botocore's clients take 0.1 s to import

    return OwnBeside(folders, S3(settings.s3_endpoint, settings.region))
