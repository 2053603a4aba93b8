"""The connection to the Docker engine: the one place that knows docker-py, and where its errors become verdicts."""

import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException
from typing import Any

from docker import APIClient
from docker.errors import APIError, DockerException
from docker.types.daemon import CancellableStream
from docker.utils import kwargs_from_env
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from cachewright.agents.runtime.failures import unreachable, verdict

log = logging.getLogger(__name__)

_SILENCE = (RequestException, HTTPError, HTTPException, OSError)
LOOK, DEED = 5.0, 30.0  # seconds for an answer to a question, and for something to be done
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0  # seconds between attempts to reach the engine again


class Complaint(Exception):  # noqa: N818 - the engine's, not ours
    """The engine refused a request, in its own words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


class Engine:
    """A Docker engine at a URL, else found as the Docker command finds it (DOCKER_HOST); connected on first use.

    One docker-py client serves all threads: each request takes a connection of its own from a pool. Every request has
    an end, also when the engine accepts it and never answers; there is another client for questions, which take less.
    """

    def __init__(self, url: str = "", timeout: float = DEED, pool: int = 32, look: float = LOOK) -> None:
        self._url = url
        self._timeout = timeout
        self._look = min(look, timeout)
        self._pool = pool
        self._clients: dict[float, APIClient] = {}
        self._lock = threading.Lock()

    def lasting(self, timeout: float, pool: int = 4) -> "Engine":
        """The same engine, for what takes so many seconds."""
        return Engine(self._url, timeout=timeout, pool=pool)

    @contextmanager
    def asked(self, deed: str, *, look: bool = False) -> Iterator[APIClient]:
        """docker-py's client, for one deed ("start container x"), or only for a `look`; what goes wrong becomes Later
        or Never.
        """
        try:
            with self.complaining(deed, look=look) as client:
                yield client
        except Complaint as complaint:
            raise verdict(deed, complaint.words, complaint.status) from complaint

    @contextmanager
    def complaining(self, deed: str, *, look: bool = False) -> Iterator[APIClient]:
        """As `asked`, but what the engine refuses is raised as a Complaint, for who can tell a harmless one."""
        try:
            yield self._connected(self._look if look else self._timeout)
        except APIError as error:
            raise Complaint(error.status_code or 0, str(error.explanation or error)) from error
        except (DockerException, *_SILENCE) as error:
            raise unreachable(deed, error) from error

    def events(self, filters: Mapping[str, object], stop: threading.Event) -> Iterator[Mapping[str, Any] | None]:
        """The engine's events until `stop` is set; None after each (re)connection, for what may have been missed."""
        wait, ends = _FIRST_WAIT, _Ends(stop)
        while not stop.is_set():
            try:
                stream = self._connected(self._look).events(filters=dict(filters), decode=True)
                with ends.of(stream):
                    wait = _FIRST_WAIT
                    yield None
                    yield from stream
            except (DockerException, *_SILENCE) as error:
                log.warning("lost the engine's events: %s", type(error).__name__)
            stop.wait(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    def _connected(self, timeout: float) -> APIClient:
        """The client; nobody waits for somebody else who has just connected and is not answered."""
        with self._lock:
            known = self._clients.get(timeout)
        if known:
            return known
        settings = _settings(self._url)
        client = APIClient(**settings, timeout=self._look, max_pool_size=self._pool)  # asks for the version
        client.timeout = timeout
        client.trust_env = client.base_url.startswith(("http://", "https://"))  # on a socket there are no proxies
        with self._lock:
            return self._clients.setdefault(timeout, client)


def _settings(url: str) -> dict[str, Any]:
    """As the Docker command connects: TLS as DOCKER_TLS_VERIFY and DOCKER_CERT_PATH say, ssh by the command of that
    name.
    """
    if url and not url.startswith("tcp://"):
        return {"base_url": url, "use_ssh_client": url.startswith("ssh://")}
    found: dict[str, Any] = kwargs_from_env({**os.environ, "DOCKER_HOST": url} if url else None)
    return found


class _Ends:
    """Closes a stream when `stop` is set: reading it blocks, and nothing else would end that. One thread waits for
    that, whatever streams there are until then.
    """

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._stream: CancellableStream | None = None  # that is read
        threading.Thread(target=self._await, name="events-stop", daemon=True).start()

    @contextmanager
    def of(self, stream: CancellableStream) -> Iterator[None]:
        """Of what is read in the block."""
        self._stream = stream
        if self._stop.is_set():
            stream.close()
        try:
            yield
        finally:
            self._stream = None
            with suppress(OSError):  # it is closed already
                stream.close()

    def _await(self) -> None:
        self._stop.wait()
        if stream := self._stream:
            stream.close()
