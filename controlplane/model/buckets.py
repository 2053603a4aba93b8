"""Objects in S3 buckets, as far as caches begin with them and snapshots are exported to them.

Source: the API reference of CreateCacheCluster, SnapshotArns, and of CopySnapshot, which lists the error messages; the
S3 user guide, "Bucket naming rules" and "Naming Amazon S3 objects".
"""

import re
from dataclasses import dataclass
from enum import StrEnum

OWN_BUCKET = "_cachewright"  # of the installation itself: always a folder, and no name that S3 allows
LONGEST_KEY = 1024  # bytes

_ARN = re.compile(r"arn:aws[a-z-]*:s3:::([^/]+)/(.+)", re.DOTALL)
_BUCKET = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){1,253}[A-Za-z0-9]")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f,\\]")  # commas: AWS refuses them in names of snapshots' files


@dataclass(frozen=True, slots=True, order=True)
class ObjectName:
    """The name of an object. The parts of its key between slashes are names of files that lead nowhere else."""

    bucket: str
    key: str

    def __post_init__(self) -> None:
        if not is_bucket(self.bucket):
            raise ValueError(f"'{self.bucket}' is no name of a bucket")
        if not is_key(self.key):
            raise ValueError(f"'{self.key}' is no name of an object")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"

    @property
    def parts(self) -> tuple[str, ...]:
        """The key's parts between slashes: at least one, none empty."""
        return tuple(self.key.split("/"))


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """What an object was as somebody looked at it."""

    name: ObjectName
    size: int  # bytes
    tag: str  # another one for other contents


class Obstacle(StrEnum):
    """Why an object cannot be had, or not be written."""

    NO_BUCKET = "no bucket"
    NO_OBJECT = "no object"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    UNWRITABLE = "unwritable"
    ELSEWHERE = "elsewhere"
    PRESENT = "present"
    FULL = "full"
    NO_ANSWER = "no answer"  # the only one that may go away by itself


_WORDS = {
    Obstacle.NO_BUCKET: "The S3 bucket {bucket} does not exist.",
    Obstacle.NO_OBJECT: "The S3 bucket {bucket} contains no object with key {key}.",
    Obstacle.CHANGED: "The object with key {key} in the S3 bucket {bucket} is another one by now.",
    Obstacle.UNREADABLE: "ElastiCache has not been granted READ permissions {bucket} on the S3 Bucket.",
    Obstacle.UNWRITABLE: "ElastiCache has not been granted WRITE permissions {bucket} on the S3 Bucket.",
    Obstacle.ELSEWHERE: "The S3 bucket {bucket} is outside of the region.",
    Obstacle.PRESENT: "The S3 bucket {bucket} already contains an object with key {key}.",
    Obstacle.FULL: "The S3 bucket {bucket} has no room for an object with key {key}.",
    Obstacle.NO_ANSWER: "The S3 bucket {bucket} cannot be used.",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an object cannot be had, or not be written, in AWS's words where AWS has some, and those of who said so."""

    name: ObjectName
    obstacle: Obstacle
    cause: str = ""

    @property
    def words(self) -> str:
        """For people."""
        said = _WORDS[self.obstacle].format(bucket=self.name.bucket, key=self.name.key)
        return f"{said} ({self.cause})" if self.cause else said

    @property
    def may_pass(self) -> bool:
        """Whether it is worth while to try again."""
        return self.obstacle is Obstacle.NO_ANSWER


def is_bucket(name: str) -> bool:
    """Whether a bucket may have that name; older ones have capital letters and underscores."""
    return name == OWN_BUCKET or _BUCKET.fullmatch(name) is not None


def is_key(key: str) -> bool:
    """Whether an object may have that key. S3 allows more: what no folder can have is refused."""
    parts = key.split("/")
    if any(part in ("", ".", "..") for part in parts) or _FORBIDDEN.search(key):
        return False
    try:
        return len(key.encode()) <= LONGEST_KEY
    except UnicodeEncodeError:
        return False


def named_by(arn: str) -> ObjectName:
    """The object that an ARN names, `arn:aws:s3:::bucket/path/file.rdb`; ValueError when it names none."""
    found = _ARN.fullmatch(arn)
    if not found:
        raise ValueError(f"'{arn}' is no ARN of an object")
    return ObjectName(*found.groups())


def arn_of(name: ObjectName) -> str:
    """The ARN of an object."""
    return f"arn:aws:s3:::{name.bucket}/{name.key}"
