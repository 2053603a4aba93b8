"""Questions to a control plane, beside the AWS API."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from cachewright.controlplane.model.access_keys import AccessKey
from cachewright.controlplane.model.sigv4 import ALGORITHM, MOMENT, Scope, Signed, signature, string_to_sign
from cachewright.controlplane.settings import Settings

REGION = "us-east-1"  # that signs what is of no region
PATIENCE = 10.0  # seconds for an answer: that Docker does not answer is known after five

_ABSENT = 404
_REFUSED = 300  # the first status that is none of an answer: nobody sends us elsewhere
_SCHEMES = {"http": HTTPConnection, "https": HTTPSConnection}
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - an address to listen on, not to connect to


class NoAnswer(Exception):  # noqa: N818
    """Why there is nothing to show, in words for the user."""


class Nobody(NoAnswer):
    """Nobody answers there."""


class Absent(NoAnswer):
    """What was named is not there."""


class Unfinished(NoAnswer):
    """What was asked for takes longer than anybody would wait, and goes on."""


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """Where a control plane is, and the key with which it is asked; without one nothing is signed."""

    url: str
    key: AccessKey | None = None
    patience: float = PATIENCE


def url_of(settings: Settings) -> str:
    """Where the control plane of these settings is reached from this machine."""
    host = _EVERYWHERE.get(settings.host, settings.host)
    scheme = "https" if settings.tls_certificate else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{settings.port}"


def asked(plane: ControlPlane, path: str, method: str = "GET", body: object = None) -> bytes:
    """What a control plane answers; NoAnswer when none does, or when it refuses."""
    url = plane.url
    try:
        connection, prefix = _connection(url, plane.patience)
    except ValueError as error:
        raise NoAnswer(f"cannot read the URL {url}: {error}") from error
    data = b"" if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    if plane.key:
        headers |= signed(plane.key, method, prefix + path, _host(connection), data)
    try:
        with closing(connection):
            connection.request(method, prefix + path, data or None, headers)
            answer = connection.getresponse()
            told = answer.read()
    except (OSError, HTTPException) as error:
        raise nobody(url, error) from error
    if answer.status >= _REFUSED:
        raise _refused(url, answer.status, told)
    return told


def _connection(url: str, patience: float) -> tuple[HTTPConnection, str]:
    """To where a URL leads, and what its paths begin with; no proxy, which would know nothing of this machine."""
    parsed = urlsplit(url)
    kind = _SCHEMES.get(parsed.scheme)
    if kind is None or not parsed.hostname:
        raise ValueError("it names no host after http:// or https://")
    return kind(parsed.hostname, parsed.port, timeout=patience), parsed.path.rstrip("/")


def _host(connection: HTTPConnection) -> str:
    """The header `Host`, as the library sends it."""
    host = f"[{connection.host}]" if ":" in connection.host else connection.host
    return host if connection.port == connection.default_port else f"{host}:{connection.port}"


def signed(key: AccessKey, method: str, path: str, host: str, body: bytes) -> Mapping[str, str]:
    """The headers that sign a request without a query string."""
    moment = datetime.now(UTC).strftime(MOMENT)
    headers = {"host": host, "x-amz-date": moment}
    if key.session_token:
        headers["x-amz-security-token"] = key.session_token
    request = Signed(method, path, (), tuple(headers.items()), body)
    scope = Scope(moment[:8], REGION, "elasticache")
    value = signature(key.secret, scope, string_to_sign(moment, scope, request.canonical))
    credential = f"Credential={key.id}/{scope}, SignedHeaders={request.names}, Signature={value}"
    return headers | {"authorization": f"{ALGORITHM} {credential}"}


def nobody(url: str, cause: object) -> Nobody:
    """Nothing listens there, or it says nothing."""
    hint = "start one with `cachewright up`, or name another with --url"
    return Nobody(f"no control plane answers at {url} ({cause}); {hint}")


def foreign(url: str, cause: str) -> NoAnswer:
    """What listens there is something else."""
    return NoAnswer(f"what listens at {url} is no Cachewright of this version: {cause}")


def _refused(url: str, status: int, answer: bytes) -> NoAnswer:
    try:
        told: Any = json.loads(answer)
        return (Absent if status == _ABSENT else NoAnswer)(str(told["error"]))
    except (ValueError, KeyError, TypeError):
        return foreign(url, f"it answers {status}")
