"""Files that nobody can read or change unseen who has not got their key: AES-256-GCM, a block at a time.

A sealed file begins with a line that tells it from every other, and a line of JSON that says by which key it is opened.
Each block is bound to that beginning, to its place and to whether it is the last (the construction STREAM of Hoang,
Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015): one
that is changed, missing, moved or of another file is not opened. Every file has a key of its own, so no nonce is ever
used twice.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from os import urandom
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"CACHEWRIGHT SEALED 1\n"
BLOCK = 1 << 20  # bytes that are sealed at a time
TAG = 16  # bytes that a block is longer for
LONGEST = 1 << 16  # bytes of the line about the key


class Broken(Exception):  # noqa: N818 - a finding
    """A file is not what was sealed, or its key is another one."""


@dataclass(frozen=True, slots=True)
class KeyNote:
    """What a file tells about its key."""

    kms_key: str = ""  # the ARN of a key of a KMS; empty: the data directory's own
    region: str = ""  # of that KMS
    wrapped: bytes = b""  # the key of the file, as only that KMS can read it


KeyFinder = Callable[[KeyNote], bytes]


def sealed(pieces: Iterable[bytes], note: KeyNote, key: bytes) -> Iterator[bytes]:
    """The content of a sealed file; whatever `pieces` raises."""
    beginning = MAGIC + _line(note)
    cipher = _cipher(key, beginning)
    yield beginning
    for number, (block, last) in enumerate(_blocks(pieces)):
        yield cipher.encrypt(_nonce(number, last=last), block, beginning)


def is_sealed(file: BinaryIO) -> bool:
    """Whether a file is sealed; it is read from its beginning afterwards."""
    found = file.read(len(MAGIC)) == MAGIC
    file.seek(0)
    return found


def opened(file: BinaryIO, key_of: KeyFinder) -> Iterator[bytes]:
    """What was sealed, block by block, each of which is as it was; Broken at the first that is not."""
    beginning, note = _read_beginning(file)
    cipher = _cipher(key_of(note), beginning)
    number, block = 0, file.read(BLOCK + TAG)
    while True:
        following = file.read(BLOCK + TAG)
        yield _decrypted(cipher, _nonce(number, last=not following), block, beginning)
        if not following:
            return
        number, block = number + 1, following


def _decrypted(cipher: "AESGCM", nonce: bytes, block: bytes, beginning: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - slow to import, rarely needed

    try:
        return cipher.decrypt(nonce, block, beginning)
    except (InvalidTag, ValueError) as error:  # ValueError: shorter than a tag
        raise Broken from error


def _line(note: KeyNote) -> bytes:
    told = {"kms_key": note.kms_key, "region": note.region, "wrapped": b64encode(note.wrapped).decode()}
    return json.dumps({**told, "salt": urandom(32).hex()}).encode() + b"\n"


def _read_beginning(file: BinaryIO) -> tuple[bytes, KeyNote]:
    magic, line = file.read(len(MAGIC)), file.readline(LONGEST)
    try:
        told = json.loads(line)
        return magic + line, KeyNote(told["kms_key"], told["region"], b64decode(told["wrapped"], validate=True))
    except (ValueError, TypeError, KeyError) as error:
        raise Broken from error


def _cipher(key: bytes, beginning: bytes) -> "AESGCM":
    """Of a key that is this file's alone: its beginning is like that of no other."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - slow to import, rarely needed
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    return AESGCM(HKDF(SHA256(), 32, salt=None, info=beginning).derive(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _blocks(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The same bytes in blocks of one length, the last of which is shorter, or empty; and whether it is the last."""
    rest = bytearray()
    for piece in pieces:
        rest += piece
        while len(rest) > BLOCK:
            yield bytes(rest[:BLOCK]), False
            del rest[:BLOCK]
    yield bytes(rest), True
