"""Files on their way into containers: they are what was written, or nothing begins with them."""

from hashlib import sha256

import pytest

from cachewright.agents.planning.verdicts import Never
from cachewright.agents.reconcile.seed_files import whole
from cachewright.controlplane.model.seeds import SeedFile

TEXT = bytes(range(256)) * 10
FILE = SeedFile("0001", "0002", len(TEXT), sha256(TEXT).hexdigest())


def test_what_was_written_passes() -> None:
    assert b"".join(whole([TEXT[:1000], TEXT[1000:]], FILE)) == TEXT


@pytest.mark.parametrize("other", [b"", TEXT[:-1], TEXT + b"x", TEXT[:-1] + b"x", b"x" + TEXT[1:]])
def test_anything_else_does_not(other: bytes) -> None:
    passed: list[bytes] = []
    message = "cannot restore shard 0001: the file of shard 0002 of its snapshot is damaged"
    with pytest.raises(Never, match=message):
        passed.extend(whole([other[:1000], other[1000:]], FILE))
    assert sum(map(len, passed)) <= len(TEXT)
