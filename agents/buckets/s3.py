"""Buckets of an S3 of the user's, with the credentials that the user's AWS environment has."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cachewright.agents.aws import Denied, Service, Unanswered, Unsigned, own_region
from cachewright.agents.buckets.buckets import Refused, refused
from cachewright.agents.pieces import PIECE
from cachewright.controlplane.model.buckets import ObjectName, ObjectVersion, Obstacle

PART = 8 << 20  # of what is written; S3 takes 10,000 parts, none below 5 MiB but the last

_NO_BUCKET = frozenset({"NoSuchBucket", "InvalidBucketName"})
_KNOWN = {301: Obstacle.ELSEWHERE, 404: Obstacle.NO_OBJECT, 412: Obstacle.CHANGED}
_FORBIDDEN = frozenset({401, 403})
CONFIG = Config(
    connect_timeout=2.0,  # seconds without a word
    read_timeout=5.0,
    retries={"total_max_attempts": 2, "mode": "standard"},
    s3={"addressing_style": "path"},  # no bucket of MinIO's or moto's has a host name
    request_checksum_calculation="when_required",  # others than AWS do not know the newer ones
    response_checksum_validation="when_required",
)


@dataclass(eq=False)
class S3:
    """Implements `Buckets`."""

    endpoint: str  # a URL
    region: str  # for an environment that names none
    _service: Service = field(init=False)

    def __post_init__(self) -> None:
        self._service = Service("s3", self.endpoint, CONFIG)

    def look(self, name: ObjectName) -> ObjectVersion:
        """See `Buckets`."""
        with self._answers(name, Obstacle.UNREADABLE) as client:
            found = client.head_object(Bucket=name.bucket, Key=name.key)
            return ObjectVersion(name, found["ContentLength"], found["ETag"])

    def read(self, version: ObjectVersion) -> Iterator[bytes]:
        """See `Buckets`."""
        name = version.name
        with self._answers(name, Obstacle.UNREADABLE) as client:
            body = client.get_object(Bucket=name.bucket, Key=name.key, IfMatch=version.tag)["Body"]
        try:
            while piece := self._piece(name, body):
                yield piece
        finally:
            body.close()

    def write(self, name: ObjectName, pieces: Iterable[bytes]) -> None:
        """See `Buckets`. What is larger than a part is put together by S3 at the end."""
        parts = _parts(pieces)
        first, second = next(parts, b""), next(parts, b"")
        with self._answers(name, Obstacle.UNWRITABLE) as client:
            self._abort(client, name)
            if second:
                self._write_parts(client, name, chain([first, second], parts))
            else:
                client.put_object(Bucket=name.bucket, Key=name.key, Body=first)

    def remove(self, name: ObjectName) -> None:
        """See `Buckets`."""
        with self._answers(name, Obstacle.UNWRITABLE) as client:
            self._abort(client, name)
            client.delete_object(Bucket=name.bucket, Key=name.key)

    def _write_parts(self, client: Any, name: ObjectName, parts: Iterable[bytes]) -> None:  # noqa: ANN401
        place = {"Bucket": name.bucket, "Key": name.key}
        upload = place | {"UploadId": client.create_multipart_upload(**place)["UploadId"]}
        try:
            done = [
                {"PartNumber": number, "ETag": client.upload_part(**upload, PartNumber=number, Body=part)["ETag"]}
                for number, part in enumerate(parts, 1)
            ]
            client.complete_multipart_upload(**upload, MultipartUpload={"Parts": done})
        except BaseException:
            with suppress(BotoCoreError, ClientError):
                client.abort_multipart_upload(**upload)
            raise

    def _abort(self, client: Any, name: ObjectName) -> None:  # noqa: ANN401 - botocore makes its clients at run time
        """The end of what a killed process left half written of an object."""
        begun = client.list_multipart_uploads(Bucket=name.bucket, Prefix=name.key).get("Uploads", ())
        for upload in begun:
            if upload["Key"] == name.key:
                client.abort_multipart_upload(Bucket=name.bucket, Key=name.key, UploadId=upload["UploadId"])

    def _piece(self, name: ObjectName, body: Any) -> bytes:  # noqa: ANN401 - a stream of botocore's
        with self._answers(name, Obstacle.UNREADABLE):
            piece: bytes = body.read(PIECE)
            return piece

    @contextmanager
    def _answers(self, name: ObjectName, forbidden: Obstacle) -> Iterator[Any]:
        """The client; Refused for what S3 says against it, or when it says nothing."""
        try:
            with self._service.answers(self._own_region) as client:
                yield client
        except Denied as error:
            raise self._refused(name, forbidden, error) from error
        except Unsigned as error:
            raise refused(name, forbidden, str(error)) from error
        except Unanswered as error:
            raise refused(name, Obstacle.NO_ANSWER, str(error)) from error

    def _refused(self, name: ObjectName, forbidden: Obstacle, error: Denied) -> Refused:
        if error.code in _NO_BUCKET or (error.status == 404 and not self._has_bucket(name)):
            return refused(name, Obstacle.NO_BUCKET)
        if error.status in _KNOWN or error.status in _FORBIDDEN:
            return refused(name, _KNOWN.get(error.status, forbidden))
        return refused(name, Obstacle.NO_ANSWER, f"{self.endpoint} answers {error.status} {error.code}".rstrip())

    def _has_bucket(self, name: ObjectName) -> bool:
        """What is said of an object that is missing does not tell."""
        try:
            with self._service.answers(self._own_region) as client:
                client.head_bucket(Bucket=name.bucket)
        except Denied as error:
            return error.status != 404
        except Unanswered:
            return True
        return True

    @cached_property
    def _own_region(self) -> str:
        return own_region(self.region)


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of one size, but for the last."""
    part = bytearray()
    for piece in pieces:
        part += piece
        while len(part) >= PART:
            yield bytes(part[:PART])
            del part[:PART]
    if part:
        yield bytes(part)
