"""How Redis and Valkey are started."""

from collections.abc import Iterator, Mapping

from cachewright.agents.engines import tls
from cachewright.agents.engines.binding import binding
from cachewright.agents.engines.redis import cluster_options, directives
from cachewright.agents.engines.start import Start
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.versions import Engine

COPYING_FROM = (6, 0)  # the version that loads a copy as it comes, and removes the files of others
QUIET_FROM = (6, 2)  # the version of Redis that says little of a crash if it is told so
DEBUG_FROM = (7, 0)  # the version that takes DEBUG only if it is told so as it starts
SCRATCH = "/tmp"  # noqa: S108 - in the container; a replica may keep what it receives there for a moment


def redis(spec: Spec, start: Start) -> tuple[str, ...]:
    """The command line of a node."""
    primary = start.primary
    options: dict[str, tuple[str | int, ...]] = {
        "bind": binding(spec),
        "port": (start.port,),
        "protected-mode": ("no",),
        "dir": (SCRATCH,),
        "save": ("",),
        "appendonly": ("no",),
        "repl-diskless-sync": ("yes",),
        "repl-diskless-sync-delay": (0,),
    }
    if start.version >= COPYING_FROM:
        options["rdb-del-sync-files"] = ("yes",)
    if spec.in_memory:
        options |= _in_memory(spec.engine, start.version)
    if start.log:
        options |= {"appendonly": ("yes",)} | ({} if spec.durable else {"appendfsync": ("everysec",)})
        options["aof-load-truncated"] = ("no" if start.file else "yes",)  # what a power loss cut off is no reason
    if start.host:
        options["replica-announce-ip"] = (start.host,)
    if not spec.restricted and start.version >= DEBUG_FROM:
        options["enable-debug-command"] = ("yes",)
    encryption = tls.options(spec, start.port)
    options |= encryption
    options |= cluster_options.options(
        spec, start.port, start.version, start.announced, apart=start.apart, alone=start.alone
    )
    if primary:
        options |= {} if spec.clustered else {"replicaof": (primary.address.host, primary.address.port)}
    options |= {"tls-replication": ("yes",)} if start.encrypted else {}
    words = [f"{spec.engine}-server", *([tls.CONFIGURATION] if encryption else [])]
    for name, *values in (*_rows(options), *start.logins, *directives.options(spec, start.size, start.version)):
        words += [f"--{name}", *map(str, values)]
    return tuple(words)


def _in_memory(engine: Engine, version: tuple[int, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Nothing that it holds goes to a disk, though its directory is in memory: copies of it take no room there, and a
    crash writes no command into the log, which is a file of the container engine.
    """
    if version >= COPYING_FROM:
        yield "repl-diskless-load", ("on-empty-db",)
    if engine is Engine.VALKEY or version >= QUIET_FROM:
        yield "crash-log-enabled", ("no",)


def _rows(options: Mapping[str, tuple[str | int, ...]]) -> Iterator[tuple[str | int, ...]]:
    return ((name, *values) for name, values in options.items())
