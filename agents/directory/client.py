"""The directory in its container, told over its admin port."""

import json
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict
from itertools import count
from ssl import SSLContext
from typing import Any

from cachewright.agents.directory.program.contact import ADMIN
from cachewright.agents.directory.program.listing import Listing, State, state_from_json
from cachewright.agents.planning.containers import File
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address

PROBE = 1.0  # seconds that a probe waits for an answer
PAUSE = 0.02  # seconds between two attempts to reach a directory that is just being started


class RemoteDirectory:
    """Implements `Directory` for the container of `directory.blueprint`; `admin` is where it listens to the host."""

    def __init__(
        self,
        admin: Address,
        copy: Callable[[File], None] = lambda _: None,
        proof: Callable[[], SSLContext] | None = None,
        patience: float = 10.0,
        timeout: float = 2.0,
    ) -> None:
        """`copy` puts a file into its container; `proof`: see HaproxyGateway. `patience` is how long to wait for a
        directory that does not run: it is started when it is first needed, beside the first Memcached nodes. Seconds,
        as `timeout`.
        """
        self._admin, self._copy, self._proof = admin, copy, proof
        self._patience, self._timeout = patience, timeout
        self._failure = ""  # of the last probe
        self._turns = count()

    def publish(self, port: int, listing: Listing, keys: File | None = None) -> None:
        """See `Directory`."""
        if keys:
            self._ask({})  # it may just be starting; without its container nothing can be copied into that
            self._copy(keys)
        self._ask({"enlist": port, "listing": asdict(listing)})

    def withdraw(self, port: int) -> None:
        """See `Directory`."""
        self._ask({"strike": port})

    def set_names(self, owner: str, names: Mapping[str, str], suffix: str) -> None:
        """See `Directory`."""
        self._ask({"owner": owner, "names": dict(names), "suffix": suffix})

    def state(self) -> State:
        """See `Directory`."""
        try:
            return state_from_json(self._ask({})["state"])
        except (KeyError, TypeError, ValueError) as error:
            raise Later(f"cannot read what the directory knows: {error}") from error

    def probe(self) -> None:
        """See `Directory`. One that does not know the question answers as well; its ports are not probed."""
        try:
            said = self._exchange(b'{"probe": true}\n', PROBE)
            if (ports := said.get("ports")) and self._admin.port == ADMIN:  # it is where clients are
                self._knock(ports[next(self._turns) % len(ports)])
        except (OSError, ValueError) as error:
            self._failure = f"cannot reach the directory at {self._admin}: {error}"
            raise Later(self._failure) from error
        self._failure = ""

    def _knock(self, port: int) -> None:
        socket.create_connection((self._admin.host, port), PROBE).close()

    def _ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask until there is an answer: what is asked for twice is done once."""
        deadline = time.monotonic() + self._patience
        while True:
            if self._failure:
                raise Later(self._failure, 1.0)
            try:
                said = self._exchange(json.dumps(request).encode() + b"\n", self._timeout)
                break
            except (OSError, ValueError) as error:
                if time.monotonic() > deadline:
                    raise Later(f"cannot reach the directory at {self._admin}: {error}") from error
                time.sleep(PAUSE)
        if "done" not in said:
            raise Later(f"cannot tell the directory: {said.get('error', said)}")
        return said

    def _exchange(self, line: bytes, timeout: float) -> Mapping[str, Any]:
        with closing(self._connected(timeout)) as connection:
            connection.sendall(line)
            answer = connection.makefile("rb").readline()
        if not answer:  # a published port is open before anybody listens behind it
            raise ConnectionError("it hung up")
        said: Mapping[str, Any] = json.loads(answer)
        return said

    def _connected(self, timeout: float) -> socket.socket:
        connection = socket.create_connection((self._admin.host, self._admin.port), timeout)
        return self._proof().wrap_socket(connection) if self._proof else connection
