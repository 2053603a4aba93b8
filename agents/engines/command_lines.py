"""The command lines that start the engines. Nothing here is secret: whoever may ask the engine can read them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from cachewright.agents.engines import settings, tls
from cachewright.agents.engines.memcached import flags
from cachewright.agents.engines.redis import cluster_options
from cachewright.agents.planning.links import Link
from cachewright.agents.planning.sizing import Size
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.versions import Engine

DEBUG_FROM = (7, 0)  # the version that takes DEBUG only if it is told so as it starts
SCRATCH = "/tmp"  # noqa: S108 - in the container; a replica may keep what it receives there for a moment


@dataclass(frozen=True, slots=True)
class Start:
    """What a node's command line is made from, besides the spec."""

    size: Size
    version: tuple[int, ...]  # of the build that runs
    port: int
    primary: Link | None = None  # whom it follows; in cluster mode only how, for it knows from its own file whom
    announced: str = ""  # the host that a cluster node tells clients instead of its own address
    host: str = ""  # what it tells its primary of itself, which may see a relay instead
    logins: tuple[tuple[str, ...], ...] = ()  # of a node that is told them here, and not by a file


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
        "repl-diskless-sync": ("yes",),
        "repl-diskless-sync-delay": (0,),
        "rdb-del-sync-files": ("yes",),
    }
    if start.host:
        options["replica-announce-ip"] = (start.host,)
    if not spec.restricted and start.version >= DEBUG_FROM:
        options["enable-debug-command"] = ("yes",)
    guarded = tls.options(spec, start.port)
    options |= guarded
    options |= cluster_options.options(spec, start.port, start.version, start.announced)
    if primary:
        options |= {} if spec.clustered else {"replicaof": (primary.address.host, primary.address.port)}
        options |= {"tls-replication": ("yes",)} if primary.encrypted else {}
    words = [f"{spec.engine}-server", *([tls.CONFIGURATION] if guarded else [])]
    for name, *values in (*_rows(options), *start.logins, *settings.options(spec, start.size, start.version)):
        words += [f"--{name}", *map(str, values)]
    return tuple(words)


def _rows(options: Mapping[str, tuple[str | int, ...]]) -> Iterator[tuple[str | int, ...]]:
    return ((name, *values) for name, values in options.items())


def _memcached(spec: Spec, start: Start) -> tuple[str, ...]:
    address = ("-l", "0.0.0.0", "-p", str(start.port), "-U", "0")  # noqa: S104
    own = flags.flags(spec, start.size, start.version)
    return ("/bin/sh", "-c", _AS_MANY_AS_FIT, "memcached", *address, *tls.flags(spec), *own)


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
