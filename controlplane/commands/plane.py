"""Questions to a control plane, beside the AWS API."""

import json
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from cachewright.controlplane.settings import Settings

PATIENCE = 10.0  # seconds for an answer: that Docker does not answer is known after five

_REFUSED = 300  # the first status that is none of an answer: nobody sends us elsewhere
_SCHEMES = {"http": HTTPConnection, "https": HTTPSConnection}
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - an address to listen on, not to connect to


class NoAnswer(Exception):  # noqa: N818
    """Why there is nothing to show, in words for the user."""


def url_of(settings: Settings) -> str:
    """Where the control plane of these settings is reached from this machine."""
    host = _EVERYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def asked(url: str, path: str, method: str = "GET", body: object = None) -> bytes:
    """What the control plane at `url` answers; NoAnswer when none does, or when it refuses."""
    try:
        connection, prefix = _connection(url)
    except ValueError as error:
        raise NoAnswer(f"cannot read the URL {url}: {error}") from error
    data = None if body is None else json.dumps(body).encode()
    try:
        with closing(connection):
            connection.request(method, prefix + path, data, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            told = answer.read()
    except (OSError, HTTPException) as error:
        raise NoAnswer(
            f"no control plane answers at {url} ({error}); start one with `cachewright up`, or name another with --url"
        ) from error
    if answer.status >= _REFUSED:
        raise _refused(url, answer.status, told)
    return told


def _connection(url: str) -> tuple[HTTPConnection, str]:
    """To where a URL leads, and what its paths begin with; no proxy, which would know nothing of this machine."""
    parsed = urlsplit(url)
    kind = _SCHEMES.get(parsed.scheme)
    if kind is None or not parsed.hostname:
        raise ValueError("it names no host after http:// or https://")
    return kind(parsed.hostname, parsed.port, timeout=PATIENCE), parsed.path.rstrip("/")


def foreign(url: str, cause: str) -> NoAnswer:
    """What listens there is something else."""
    return NoAnswer(f"what listens at {url} is no Cachewright of this version: {cause}")


def _refused(url: str, status: int, answer: bytes) -> NoAnswer:
    try:
        told: Any = json.loads(answer)
        return NoAnswer(str(told["error"]))
    except (ValueError, KeyError, TypeError):
        return foreign(url, f"it answers {status}")
