"""Online migration: the data of a Redis or Valkey of the user's are brought into a replication group or a serverless
cache, while clients go on writing to the source.

Source: the ElastiCache user guide, "Online migration for Valkey or Redis OSS": what source and target have to be like.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cachewright.controlplane.model.cache import Spec, Transit
from cachewright.controlplane.model.parameters import effective
from cachewright.controlplane.model.versions import Engine, numbers

MIGRATES_FROM = (5, 0, 6)  # the version of the target

# The newest version of an RDB file that each release reads, and writes to its replicas; of others that come later it is
# not known that anybody else reads theirs.
_FORMATS: tuple[tuple[Engine, tuple[int, int], int], ...] = (
    (Engine.VALKEY, (9, 0), 80),
    (Engine.VALKEY, (7, 2), 11),
    (Engine.REDIS, (7, 4), 12),
    (Engine.REDIS, (7, 2), 11),
    (Engine.REDIS, (7, 0), 10),
    (Engine.REDIS, (5, 0), 9),
)


@dataclass(frozen=True, slots=True)
class Source:
    """What a Redis or Valkey of the user's says of itself."""

    build: str  # as it calls itself: `redis 7.0.15`
    used: int = 0  # bytes of memory
    databases: int = 16
    clustered: bool = False
    loading: bool = False
    beyond: bool = False  # it has keys in other databases than 0
    offset: int = 0  # bytes of the stream of changes that it wrote


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """Where the nodes of a cache reach a source, and why nothing can be migrated from there; empty when it can."""

    host: str
    refusal: str = ""


def unfit_target(spec: Spec) -> str:
    """Why nothing can be migrated into a replication group as it is desired; empty when it can."""
    return next(_unfit(spec), "")


def _unfit(spec: Spec) -> Iterator[str]:
    if numbers(spec.version) < MIGRATES_FROM:
        yield f"its engine version is {spec.version}, and migration needs 5.0.6 or later"
    if spec.clustered:
        yield "cluster mode is enabled"
    if not spec.multi_az:
        yield "Multi-AZ is not enabled"
    if spec.transit is not Transit.OFF:
        yield "encryption in transit is enabled"
    if spec.at_rest:
        yield "encryption at rest is enabled"
    if spec.durable:
        yield "it is durable"


def called(spec: Spec) -> str:
    """What AWS calls a target as it is desired."""
    return "serverless cache" if spec.serverless else "replication group"


def unfit_source(source: Source, spec: Spec, build: str, room: int) -> str:
    """Why a source does not fit a target that runs that build, and has `room` bytes for items in each node; empty when
    it does.
    """
    return next(_unfit_source(source, spec, build, room), "")


def _unfit_source(source: Source, spec: Spec, build: str, room: int) -> Iterator[str]:
    databases, target = int(effective(spec)["databases"]), called(spec)
    if source.loading:
        yield "it is loading its data"
    if source.clustered:
        yield "it runs in cluster mode"
    if spec.serverless and source.beyond:
        yield "it has keys in other databases than 0, the only one of a serverless cache"
    if not spec.serverless and source.databases != databases:
        yield f"it has {source.databases} databases, and the {target} {databases}"
    if source.used > room:
        yield f"it holds {source.used} bytes, and a node of the {target} has room for {room}"
    if _format(source.build) > _format(build):
        yield f"it is {source.build}, whose data {build} does not read"


def _format(build: str) -> int:
    """Of the files that a build writes, or reads; 0 where that is not known."""
    known = re.match(r"(\w+) (\d+)\.(\d+)", build)
    if known is None:
        return 0
    name, *release = known.groups()
    found = (number for engine, first, number in _FORMATS if engine == name and tuple(map(int, release)) >= first)
    return next(found, 0)
