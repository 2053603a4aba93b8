"""The command lines that start the engines. Nothing here is secret: whoever may ask the engine can read them."""

from collections.abc import Callable
from dataclasses import dataclass

from agents.engines import clustering, guard
from agents.planning.links import Link
from agents.planning.sizing import Size
from controlplane.model.cache import Spec
from controlplane.model.node_types import MIB, node_type
from controlplane.model.versions import Engine

SCRATCH = "/tmp"  # noqa: S108 - in the container; a replica may keep what it receives there for a moment


@dataclass(frozen=True, slots=True)
class Start:
    """What a node's command line is made from, besides the wish."""

    size: Size
    version: tuple[int, ...]  # of the build that runs
    port: int
    primary: Link | None = None  # whom it follows; in cluster mode only how, for it knows from its own file whom
    announced: str = ""  # the host that a cluster node tells clients instead of its own address


def command(spec: Spec, start: Start) -> tuple[str, ...]:
    """How to start a node of a cache."""
    return _COMMANDS[spec.engine](spec, start)


def _redis(spec: Spec, start: Start) -> tuple[str, ...]:
    primary = start.primary
    options: dict[str, tuple[str | int, ...]] = {
        "bind": ("0.0.0.0",),  # noqa: S104 - inside the container, which has no IPv6 address
        "port": (start.port,),
        "protected-mode": ("no",),
        "dir": (SCRATCH,),
        "save": ("",),
        "appendonly": ("no",),
        "maxmemory": (start.size.items,),
        "maxmemory-policy": ("volatile-lru",),
        "maxclients": (node_type(spec.node_type).maxclients,),
        "repl-diskless-sync": ("yes",),
        "repl-diskless-sync-delay": (0,),
        "rdb-del-sync-files": ("yes",),
    }
    guarded = guard.options(spec, start.port)
    options |= guarded
    options |= clustering.options(spec, start.port, start.version, start.announced)
    if primary:
        options |= {} if spec.clustered else {"replicaof": (primary.address.host, primary.address.port)}
        options |= {"tls-replication": ("yes",)} if primary.encrypted else {}
    words = [f"{spec.engine}-server", *([guard.CONFIGURATION] if guarded else [])]
    for name, values in options.items():
        words += [f"--{name}", *map(str, values)]
    return tuple(words)


def _memcached(spec: Spec, start: Start) -> tuple[str, ...]:
    threads = node_type(spec.node_type).threads
    options = {"-l": "0.0.0.0", "-p": start.port, "-U": 0, "-m": start.size.items // MIB, "-t": threads}  # noqa: S104
    return ("/bin/sh", "-c", _AS_MANY_AS_FIT, "memcached", *(str(word) for pair in options.items() for word in pair))


# Memcached does not start when it may not open a file for each connection; Redis takes what it gets.
_AS_MANY_AS_FIT = (
    'most=$(ulimit -Hn); [ "$most" != unlimited ] && [ "$most" -lt 65000 ] || most=65000; '
    'exec memcached -c "$most" "$@"'
)


_COMMANDS: dict[Engine, Callable[[Spec, Start], tuple[str, ...]]] = {
    Engine.REDIS: _redis,
    Engine.VALKEY: _redis,
    Engine.MEMCACHED: _memcached,
}
