"""Drills: failures on purpose, and what they cost. Every time is counted from the deed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 3600.0  # seconds that a failure may last
FARTHEST = 1000  # milliseconds that a region may be away: AWS has lags below a second, and a failover waits for 1.5 s
PREFIX = "cachewright:drill:"  # of every key that a drill writes; it deletes them in the end


class DrillKind(StrEnum):
    """What is done to the target."""

    KILL = "kill"  # SIGKILL to the container's process
    PAUSE = "pause"  # the process is frozen: connections stay open, nobody answers
    CUT_OFF = "cut-off"  # the container leaves the network
    SLOW_DOWN = "slow-down"  # every packet that the node sends is late
    FILL_MEMORY = "fill-memory"  # junk up to maxmemory
    ZONE_DOWN = "zone-down"  # whatever runs in the zone is killed, and nothing comes back before the zone does
    REGION_DOWN = "region-down"  # the same for every zone of a region


OUTAGES = frozenset({DrillKind.ZONE_DOWN, DrillKind.REGION_DOWN})  # which may last until they are ended by hand


class Progress(StrEnum):
    """How far a drill is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # `reason` says why; whatever had been done was undone


class NoSuchTarget(Exception):  # noqa: N818
    """The target is nowhere, in words for the user."""


class Unfit(Exception):  # noqa: N818
    """The target is there, but the drill cannot be held on it now, in words for the user."""


@dataclass(frozen=True, slots=True)
class Slowed:
    """A region that was slowed down, or is no more."""

    region: str
    delay: int  # milliseconds by which everything arrives later that it sends to others, or they to it
    before: int  # what that was until now
    caches: tuple[str, ...] = ()  # the groups that follow another region later for it, by region and name


@dataclass(frozen=True, slots=True)
class Order:
    """A drill as it was asked for."""

    kind: DrillKind
    target: str  # a region, a zone, `cluster/node`, `group/shard`, or the name of a group or a cluster
    seconds: float | None = 10.0  # how long the failure lasts; None, for zones and regions only: until it is brought up
    delay: int = 200  # of `slow-down`, in milliseconds
    account: str = ""  # empty: whichever has the target


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a drill cost one cache. None: it did not happen, or was not to be measured."""

    account: str
    region: str
    kind: str  # of the cache
    cache: str
    nodes: tuple[str, ...]  # to which it was done
    detection_ms: float | None = None  # the agent first wrote down that something is wrong
    promotion_ms: float | None = None  # another node was seen to lead
    recovery_ms: float | None = None  # everything was as desired again
    outage_ms: float | None = None  # the longest time without an acknowledged write
    writes: int | None = None  # acknowledged ones, before, during and after
    lost: int | None = None  # of those, how many could not be read back


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done or seen; `at_ms` counts from the beginning of the drill, which is before the deed."""

    at_ms: float
    what: str


@dataclass(frozen=True, slots=True)
class Writes:
    """How the client of one cache has fared since the drill began: acknowledged writes in spans of equal length."""

    cache: str
    span_ms: float
    counts: tuple[int, ...]  # the last span is not over yet while the drill goes on
    longest_ms: float  # the longest time without one so far


@dataclass(frozen=True, slots=True)
class Report:
    """A drill, as far as it is."""

    id: str
    order: Order
    progress: Progress
    reason: str = ""
    steps: tuple[Step, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    writes: tuple[Writes, ...] = ()


_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_ZONE = re.compile(rf"{_REGION.pattern}[a-z]")


def is_zone(target: str) -> bool:
    """Whether a target reads like an availability zone: `us-east-1a`."""
    return bool(_ZONE.fullmatch(target))


def is_region(target: str) -> bool:
    """Whether a target reads like a region: `us-east-1`."""
    return bool(_REGION.fullmatch(target))


def zones_meant(target: str, letters: Sequence[str]) -> tuple[str, ...]:
    """The zones that are meant by one, or by a region; none by what is neither. `letters` are those of every region's
    zones.
    """
    if is_region(target):
        return tuple(f"{target}{letter}" for letter in letters)
    return (target,) if is_zone(target) and target[-1] in letters else ()
