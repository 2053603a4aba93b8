"""The files that pretend engines write of what they hold: as real ones begin and end, with JSON between."""

import json
from collections.abc import Mapping

PATH = "/tmp/dump.rdb"  # noqa: S108 - in the container, where real engines have it
LOG = "/tmp/appendonly.aof"  # noqa: S108 - what one that logs begins with
_MAGIC = b"REDIS"
_BEGIN, _END = b"REDIS0011", b"\xff" + bytes(8)
_EMPTY = b"REDIS0006" + _END


def dumped(data: Mapping[str, str]) -> bytes:
    """A file of these keys."""
    return _BEGIN + json.dumps(dict(data)).encode() + _END


def loaded(content: bytes) -> dict[str, str]:
    """The keys of a file; ValueError when it is none."""
    if not content.startswith(_MAGIC) or not content.endswith(_END):
        raise ValueError("this is no file of an engine")
    return {} if content == _EMPTY else dict(json.loads(content[len(_BEGIN) : -len(_END)]))
