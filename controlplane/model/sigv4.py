"""Signature Version 4: what is signed of a request, and how. Pure.

AWS: "Create a signed AWS API request" (IAM user guide). Names and values are decoded here; what goes over the wire is
encoded by the same rule.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

ALGORITHM = "AWS4-HMAC-SHA256"
MOMENT = "%Y%m%dT%H%M%SZ"  # in UTC

_TERMINATOR = "aws4_request"
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ENCODED = tuple(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in range(256))


@dataclass(frozen=True, slots=True)
class Scope:
    """What a signature is good for: a day (`20260131`), a region and a service."""

    day: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.day}/{self.region}/{self.service}/{_TERMINATOR}"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature covers. The path as it is sent; headers by their lower-case names, as they are listed."""

    method: str
    path: str
    query: Sequence[tuple[str, str]]
    headers: Sequence[tuple[str, str]]
    body: bytes = b""

    @property
    def names(self) -> str:
        """The names of the headers, as a signature lists them."""
        return ";".join(name for name, _ in self.headers)

    @property
    def canonical(self) -> str:
        """AWS's canonical request."""
        headers = "".join(f"{name}:{' '.join(value.split())}\n" for name, value in self.headers)
        path = "/".join(map(encoded, self.path.split("/")))
        lines = (self.method, path, canonical_query(self.query), headers, self.names, digest(self.body))
        return "\n".join(lines)


def encoded(text: str) -> str:
    """Text with everything encoded that is not unreserved (RFC 3986); for a path, its parts between the slashes."""
    return "".join([_ENCODED[byte] for byte in text.encode()])


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """A query string in AWS's order: by encoded name, then by value."""
    return "&".join(
        f"{name}={value}" for name, value in sorted((encoded(name), encoded(value)) for name, value in pairs)
    )


def string_to_sign(moment: str, scope: Scope, canonical: str) -> str:
    """What the signature is of; the moment as `MOMENT` writes it."""
    return "\n".join((ALGORITHM, moment, str(scope), digest(canonical.encode())))


def signature(secret: str, scope: Scope, text: str) -> str:
    """The signature of a text, in hexadecimal digits."""
    return _mac(_signing_key(secret, scope), text).hex()


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=256)  # it is the same for all requests of a day
def _signing_key(secret: str, scope: Scope) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (scope.day, scope.region, scope.service, _TERMINATOR):
        key = _mac(key, part)
    return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
