"""`cachewright connect`: an interactive client at the right endpoint, this machine's or the engine's own."""

import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cachewright.agents.engines.tls import NODE_AUTHORITY
from cachewright.controlplane.commands import seen
from cachewright.controlplane.console.seen import CacheSeen
from cachewright.controlplane.model.versions import Engine

PASSWORD = "REDISCLI_AUTH"  # noqa: S105 - the variable that redis-cli and valkey-cli read
CLIENTS = ("valkey-cli", "redis-cli")  # either speaks with both engines
_SILENCE = 0.2  # seconds after which an answer of Memcached is taken to be whole


class CannotConnect(Exception):  # noqa: N818
    """Why there is nobody to connect to, in words for the user."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """Who connects, and what to check the other side by."""

    user: str
    authority: Callable[[], Path]  # the certificate of the installation's authority
    containers: Callable[[], str]  # how names of containers of the installation begin; empty when that is not known


def place(cache: CacheSeen) -> tuple[str, int]:
    """Host and port where a client connects; CannotConnect while there is no such place."""
    host, _, port = seen.place(cache).rpartition(":")
    if host:
        return host.strip("[]"), int(port)
    raise CannotConnect(f"{cache.id} is {cache.phase}, and has no address yet")


def words(cache: CacheSeen, user: str, authority: str) -> list[str]:
    """What redis-cli is told; `authority` is a file. No password is among it: whoever lists processes reads these."""
    host, port = place(cache)
    clustered = cache.cluster_mode == "enabled"
    return [
        *("-h", host, "-p", str(port)),
        *(["-c"] if clustered else []),
        *(["--tls", "--cacert", authority] if cache.encrypted else []),
        *(["--user", user] if user else []),
    ]


def connect(cache: CacheSeen, entrance: Entrance, environment: Mapping[str, str]) -> None:
    """Become the client; CannotConnect when there is none."""
    if cache.engine == Engine.MEMCACHED.value:
        talk(place(cache))
        return
    if client := next(filter(None, map(shutil.which, CLIENTS)), None):
        authority = str(entrance.authority()) if cache.encrypted else ""
        os.execve(client, [client, *words(cache, entrance.user, authority)], dict(environment))  # noqa: S606
    docker, prefix = shutil.which("docker"), entrance.containers()
    if not docker or not prefix:
        raise CannotConnect(f"this machine has no {' or '.join(CLIENTS)}, and no docker command that would have one")
    inside = [f"{cache.engine}-cli", *words(cache, entrance.user, NODE_AUTHORITY)]
    terminal = ["-t"] if sys.stdin.isatty() else []
    told = [docker, "exec", "-i", *terminal, "-e", PASSWORD, container(cache, prefix), *inside]
    os.execve(docker, told, dict(environment))  # noqa: S606 - the words are a list, no shell reads them


def container(cache: CacheSeen, prefix: str) -> str:
    """A container of the cache, which has the client of its engine."""
    node = next(node.name for shard in cache.shards for node in shard.nodes)
    return f"{prefix}-{cache.account}-{cache.region}-{node}"


def talk(where: tuple[str, int], lines: Iterable[str] | None = None) -> None:
    """A prompt of Memcached's text protocol, until the end of the lines; those of the terminal where none are given."""
    with closing(socket.create_connection(where, timeout=5)) as connection:
        connection.settimeout(_SILENCE)
        prompt = f"{where[0]}:{where[1]}> " if sys.stdin.isatty() else ""
        for line in _typed(prompt) if lines is None else lines:
            connection.sendall(line.encode() + b"\r\n")
            print("".join(_heard(connection)), end="", flush=True)  # noqa: T201 - it is what was asked for


def _typed(prompt: str) -> Iterable[str]:
    while True:
        try:
            yield input(prompt)
        except EOFError:
            return


def _heard(connection: socket.socket) -> Sequence[str]:
    told: list[str] = []
    try:
        while part := connection.recv(65536):
            told.append(part.decode(errors="replace"))
    except TimeoutError:
        return told
    raise CannotConnect("the node has ended the connection")
