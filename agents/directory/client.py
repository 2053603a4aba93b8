"""The directory in its container, told over its admin port."""

import json
import socket
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from typing import Any

from cachewright.agents.directory.program.listing import Listing, State, state_from_json
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Address

PAUSE = 0.02  # seconds between two attempts to reach a directory that is just being started


class RemoteDirectory:
    """Implements `Directory` for the container of `directory.blueprint`; `admin` is where it listens to the host."""

    def __init__(self, admin: Address, patience: float = 10.0, timeout: float = 2.0) -> None:
        """`patience` is how long to wait for a directory that does not run: it is started when it is first needed,
        beside the first Memcached nodes. Seconds, as `timeout`.
        """
        self._admin = admin
        self._patience = patience
        self._timeout = timeout

    def publish(self, port: int, listing: Listing) -> None:
        """See `Directory`."""
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

    def _ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask until there is an answer: what is asked for twice is done once."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                said = self._exchange(json.dumps(request).encode() + b"\n")
                break
            except (OSError, ValueError) as error:
                if time.monotonic() > deadline:
                    raise Later(f"cannot reach the directory at {self._admin}: {error}") from error
                time.sleep(PAUSE)
        if "done" not in said:
            raise Later(f"cannot tell the directory: {said.get('error', said)}")
        return said

    def _exchange(self, line: bytes) -> Mapping[str, Any]:
        with closing(socket.create_connection((self._admin.host, self._admin.port), self._timeout)) as connection:
            connection.sendall(line)
            answer = connection.makefile("rb").readline()
        if not answer:  # a published port is open before anybody listens behind it
            raise ConnectionError("it hung up")
        said: Mapping[str, Any] = json.loads(answer)
        return said
