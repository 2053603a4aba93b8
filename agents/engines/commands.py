"""The command lines that start the engines. Nothing here is secret: whoever may ask the engine can read them."""

from collections.abc import Callable

from agents.engines import clustering, guard
from agents.planning.links import Link
from agents.planning.sizing import Size
from controlplane.model.cache import Spec
from controlplane.model.node_types import MIB, node_type
from controlplane.model.versions import Engine

SCRATCH = "/tmp"  # noqa: S108 - in the container; a replica may keep what it receives there for a moment


def command(spec: Spec, size: Size, primary: Link | None, version: tuple[int, ...]) -> tuple[str, ...]:
    """How to start a node of a cache with a build of that version, as a replica of `primary` if given. In cluster mode
    a node knows from its own file whom it follows.
    """
    return _COMMANDS[spec.engine](spec, size, primary, version)


def _redis(spec: Spec, size: Size, primary: Link | None, version: tuple[int, ...]) -> tuple[str, ...]:
    options: dict[str, tuple[str | int, ...]] = {
        "bind": ("0.0.0.0",),  # noqa: S104 - inside the container, which has no IPv6 address
        "port": (spec.port,),
        "protected-mode": ("no",),
        "dir": (SCRATCH,),
        "save": ("",),
        "appendonly": ("no",),
        "maxmemory": (size.items,),
        "maxmemory-policy": ("volatile-lru",),
        "maxclients": (node_type(spec.node_type).maxclients,),
        "repl-diskless-sync": ("yes",),
        "repl-diskless-sync-delay": (0,),
        "rdb-del-sync-files": ("yes",),
    }
    guarded = guard.options(spec)
    options |= guarded
    options |= clustering.options(spec, version)
    if primary:
        options |= {} if spec.clustered else {"replicaof": (primary.address.host, primary.address.port)}
        options |= {"tls-replication": ("yes",)} if primary.encrypted else {}
    words = [f"{spec.engine}-server", *([guard.CONFIGURATION] if guarded else [])]
    for name, values in options.items():
        words += [f"--{name}", *map(str, values)]
    return tuple(words)


def _memcached(spec: Spec, size: Size, _primary: Link | None, _version: tuple[int, ...]) -> tuple[str, ...]:
    threads = node_type(spec.node_type).threads
    options = {"-l": "0.0.0.0", "-p": spec.port, "-U": 0, "-m": size.items // MIB, "-t": threads}  # noqa: S104
    return ("/bin/sh", "-c", _AS_MANY_AS_FIT, "memcached", *(str(word) for pair in options.items() for word in pair))


# Memcached does not start when it may not open a file for each connection; Redis takes what it gets.
_AS_MANY_AS_FIT = (
    'most=$(ulimit -Hn); [ "$most" != unlimited ] && [ "$most" -lt 65000 ] || most=65000; '
    'exec memcached -c "$most" "$@"'
)


_COMMANDS: dict[Engine, Callable[[Spec, Size, Link | None, tuple[int, ...]], tuple[str, ...]]] = {
    Engine.REDIS: _redis,
    Engine.VALKEY: _redis,
    Engine.MEMCACHED: _memcached,
}
