"""Which keys files of snapshots are sealed with: the data directory's own, or one of a KMS of the user's."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cachewright.agents.planning.verdicts import Never
from cachewright.agents.sealing.sealing import KeyNote
from cachewright.controlplane.model.questions import NO_KMS

SIZE = 32  # bytes of a key


@dataclass(frozen=True, slots=True)
class Seal:
    """How a file is to be sealed."""

    kms_key: str = ""  # as AWS's KmsKeyId; empty: with the data directory's own key
    region: str = ""  # of the cache, and so of that key


class Kms(Protocol):
    """A KMS: it has keys that never leave it. Later when it does not answer, Never when it refuses, with the reason."""

    def new_key(self, seal: Seal) -> tuple[KeyNote, bytes]:
        """A key for one file, as it may be written down and as it is."""

    def key_of(self, note: KeyNote) -> bytes:
        """The key that was written down."""


class NoKms:
    """Implements `Kms` where none is."""

    def new_key(self, seal: Seal) -> tuple[KeyNote, bytes]:
        """See `Kms`."""
        raise Never(f"cannot use the key {seal.kms_key}: {NO_KMS}")

    def key_of(self, note: KeyNote) -> bytes:
        """See `Kms`."""
        raise Never(f"cannot use the key {note.kms_key}: {NO_KMS}")


def kms_at(endpoint: str) -> Kms:
    """The KMS of an installation; none without an endpoint."""
    if not endpoint:
        return NoKms()
    from cachewright.agents.sealing.kms import RemoteKms  # noqa: PLC0415 - botocore's clients take 0.1 s to import

    return RemoteKms(endpoint)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of an installation. OSError when its own cannot be kept."""

    path: Path  # of its own, which is made as it is needed first, and is readable by its owner alone
    kms: Kms = field(default_factory=NoKms)

    def new_key(self, seal: Seal) -> tuple[KeyNote, bytes]:
        """A key for one file, and what the file tells of it; what a KMS raises."""
        if seal.kms_key:
            return self.kms.new_key(seal)
        if not self.path.exists():
            _make(self.path)
        return KeyNote(), self._own()

    def key_of(self, note: KeyNote) -> bytes:
        """The key that a file tells of; what a KMS raises, Never without the own one."""
        if note.kms_key:
            return self.kms.key_of(note)
        if not self.path.exists():
            raise Never(f"cannot open what was sealed with {self.path}: that key is gone")
        return self._own()

    def _own(self) -> bytes:
        return bytes.fromhex(self.path.read_text())


def _make(path: Path) -> None:
    """A new key, of which half is never there; it outlives a loss of power before anything is sealed with it."""
    scratch = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(SIZE))
        file.flush()
        os.fsync(file.fileno())
    with _unlinked(scratch):
        try:
            path.hardlink_to(scratch)  # another lane may have been first
        except FileExistsError:
            return
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _unlinked(scratch: Path) -> Iterator[None]:
    try:
        yield
    finally:
        scratch.unlink()
