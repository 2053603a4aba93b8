"""Questions to a control plane, beside the AWS API."""

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from cachewright.controlplane.settings import Settings

PATIENCE = 10.0  # seconds for an answer: that Docker does not answer is known after five

_direct = build_opener(ProxyHandler({}))  # a proxy knows nothing of this machine
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - an address to listen on, not to connect to


class NoAnswer(Exception):  # noqa: N818
    """Why there is nothing to show, in words for the user."""


def url_of(settings: Settings) -> str:
    """Where the control plane of these settings is reached from this machine."""
    host = _EVERYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def asked(url: str, path: str, method: str = "GET", body: object = None) -> bytes:
    """What the control plane at `url` answers; NoAnswer when none does, or when it refuses."""
    data = None if body is None else json.dumps(body).encode()
    try:
        request = Request(  # noqa: S310 - the user's own URL
            url.rstrip("/") + path, data, {"Content-Type": "application/json"}, method=method
        )
        with _direct.open(request, timeout=PATIENCE) as answer:
            return bytes(answer.read())
    except HTTPError as error:
        raise _refused(url, error) from error
    except ValueError as error:
        raise NoAnswer(f"cannot read the URL {url}: {error}") from error
    except (OSError, HTTPException) as error:
        cause = getattr(error, "reason", error)
        raise NoAnswer(
            f"no control plane answers at {url} ({cause}); start one with `cachewright up`, or name another with --url"
        ) from error


def foreign(url: str, cause: str) -> NoAnswer:
    """What listens there is something else."""
    return NoAnswer(f"what listens at {url} is no Cachewright of this version: {cause}")


def _refused(url: str, error: HTTPError) -> NoAnswer:
    try:
        told: Any = json.loads(error.read())
        return NoAnswer(str(told["error"]))
    except (ValueError, KeyError, TypeError):
        return foreign(url, f"it answers {error.code}")
