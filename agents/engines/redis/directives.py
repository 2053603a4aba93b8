"""Parameter values in the words of Redis and Valkey: the directives of a configuration. Pure.

Most parameters are directives of the same name and value. Source of the others: the ElastiCache user guide, "Redis OSS
parameters", by version.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from cachewright.agents.planning.sizing import Size
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.durability import FLUSHED, Durability
from cachewright.controlplane.model.fingerprints import waits_for_start
from cachewright.controlplane.model.parameters import effective
from cachewright.controlplane.model.versions import Engine

Version = tuple[int, ...]  # of the build that runs
Directives = Mapping[str, str]  # values by name, as CONFIG GET shows them

_MANY_FROM: Version = (7,)  # the version that takes, and shows, many directives in one command
MEMORY = "maxmemory"
BUFFERS = "client-output-buffer-limit"
FLUSH = "appendfsync"
RENAMES = "rename-commands"
NEWEST: Version = (999,)

# Of the service, not of the engine: AWS's own code acts on them, or ignores them (the AOF), or how Cachewright is
# reached decides (the endpoint type). `cluster-enabled` is decided when a cache is made.
_SERVICE = frozenset(
    {
        "appendfsync",
        "appendonly",
        "close-on-replica-write",
        "close-on-slave-write",
        "cluster-enabled",
        "cluster-preferred-endpoint-type",
        "replica-allow-chaining",
        "reserved-memory",
        "reserved-memory-percent",
        "search-default-timeout-ms",
        "search-enable-partial-results",
        "search-fanout-target-mode",
        "slave-allow-chaining",
    }
)

_ELSEWHERE = _SERVICE | {MEMORY, RENAMES}

# An image may be of another minor version of its family than the one that was asked for.
_SINCE: Mapping[str, tuple[Engine, Version]] = {
    "acl-pubsub-default": (Engine.REDIS, (6, 2)),
    "commandlog-large-reply-max-len": (Engine.VALKEY, (8, 1)),
    "commandlog-large-request-max-len": (Engine.VALKEY, (8, 1)),
    "commandlog-reply-larger-than": (Engine.VALKEY, (8, 1)),
    "commandlog-request-larger-than": (Engine.VALKEY, (8, 1)),
}

# The agent is a normal client, too. The longest answer to it, CLUSTER NODES of 540 nodes, has some 100 KB.
LEAST_BUFFER = 1 << 20

_CLASSES: Mapping[str, str] = {"normal": "normal", "replica": "slave", "slave": "slave", "pubsub": "pubsub"}
_LIMITS = ("hard-limit", "soft-limit", "soft-seconds")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Values for a running engine."""

    directives: Directives
    at_once: bool  # whether one command can have many; one that is refused then leaves all as they were


def configuration(spec: Spec, size: Size, build: str) -> Configuration:
    """Everything that a running node can be told, for a build such as `redis 7.0.15`."""
    version = version_in(build)
    return Configuration(immediate(spec, size, version), version >= _MANY_FROM)


def of_the_group(spec: Spec, size: Size, build: str) -> Configuration:
    """What of it the parameter group, Durability or a global datastore sets, and not the family: a few directives at
    most.
    """
    return _of_the_group(_essence(spec), size, build)


@lru_cache(256)
def _of_the_group(spec: Spec, size: Size, build: str) -> Configuration:
    plain = replace(spec, parameters=(), durability=Durability.DISABLED, datastore=None)
    every, usual = (configuration(one, size, build) for one in (spec, plain))
    own = {name: value for name, value in every.directives.items() if value != usual.directives.get(name)}
    return replace(every, directives=own)


def version_in(build: str) -> Version:
    """The version of a build; of one that does not say, the newest."""
    found = re.findall(r"\d+", build.rpartition(" ")[2])
    return tuple(map(int, found[:3])) or NEWEST


def immediate(spec: Spec, size: Size, version: Version) -> Directives:
    """What a running node can be told."""
    return _immediate(_essence(spec), size, version)


@lru_cache(256)
def _immediate(spec: Spec, size: Size, version: Version) -> Directives:
    family = spec.release.family
    values = effective(spec)
    told = {name: value for name, value in _same(spec, values, version) if not waits_for_start(family, name)}
    told |= {FLUSH: FLUSHED[spec.durability]} if spec.durable else {}
    return told | {MEMORY: str(size.items), BUFFERS: _buffers(values)}


def static(spec: Spec, version: Version) -> Directives:
    """What a node can only be told as it starts."""
    family = spec.release.family
    return {name: value for name, value in _same(spec, effective(spec), version) if waits_for_start(family, name)}


def options(spec: Spec, size: Size, version: Version) -> Iterator[tuple[str, ...]]:
    """All of it as words of a command line: names and values."""
    for name, value in {**static(spec, version), **immediate(spec, size, version)}.items():
        yield from _words(name, value)
    yield from renames(effective(spec).get(RENAMES, ""))


def renames(value: str) -> Iterator[tuple[str, ...]]:
    """The options that rename commands: the parameter has pairs of an old and a new name."""
    words = value.split()
    for old, new in zip(words[::2], words[1::2], strict=True):
        yield "rename-command", old, new


def _essence(spec: Spec) -> Spec:
    """What decides about parameters: caches that are alike in it are many."""
    known = Spec(spec.engine, spec.version, spec.node_type, 0, spec.parameter_group, (), datastore=spec.datastore)
    return replace(known, cluster_mode=spec.cluster_mode, parameters=spec.parameters, durability=spec.durability)


def _same(spec: Spec, values: Mapping[str, str], version: Version) -> Iterator[tuple[str, str]]:
    """The parameters that are directives of the build."""
    for name, value in values.items():
        engine, since = _SINCE.get(name, (spec.engine, ()))
        late = engine is spec.engine and version < since
        if name not in _ELSEWHERE and not name.startswith(BUFFERS) and not late:
            yield name, value


def _buffers(values: Mapping[str, str]) -> str:
    """The limits of all classes of clients in one directive: `normal 0 0 0 slave ...`, as every version shows it."""
    limits = []
    for own, name in _CLASSES.items():
        found = [values.get(f"{BUFFERS}-{own}-{limit}") for limit in _LIMITS]
        if own == "normal":
            found = [_at_least(found[0]), _at_least(found[1]), found[2]]
        limits += [f"{name} {' '.join(map(str, found))}"] if all(found) else []
    return " ".join(limits)


def _at_least(limit: str | None) -> str | None:
    """A limit that leaves the agent its answers; 0 is none."""
    return str(max(int(limit), LEAST_BUFFER)) if limit and int(limit) else limit


def _words(name: str, value: str) -> Iterator[tuple[str, ...]]:
    """Before Redis 7 a configuration has one class of clients in a line."""
    if name != BUFFERS:
        yield name, value
        return
    words = value.split()
    for start in range(0, len(words), 4):
        yield name, *words[start : start + 4]
