"""Service updates: what is offered, since when, and until when it is recommended to have it.

One is offered for each build that is better than what some node runs. Source: the ElastiCache API reference, and the
user guide, "Self-service updates".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cachewright.controlplane.model.builds import Build, Builds
from cachewright.controlplane.model.versions import Engine

FORGOTTEN = timedelta(days=90)  # after its end


class Severity(StrEnum):
    """AWS's words."""

    CRITICAL = "critical"
    IMPORTANT = "important"
    MEDIUM = "medium"
    LOW = "low"


RECOMMENDED: Mapping[Severity, timedelta] = {  # after the release
    Severity.CRITICAL: timedelta(days=14),
    Severity.IMPORTANT: timedelta(days=30),
    Severity.MEDIUM: timedelta(days=60),
    Severity.LOW: timedelta(days=90),
}


class UpdateStatus(StrEnum):
    """AWS's words. Only what is available can be applied."""

    AVAILABLE = "available"
    CANCELLED = "cancelled"  # its image is gone, or examples were switched off
    EXPIRED = "expired"  # a better build took its place


@dataclass(frozen=True, slots=True)
class ServiceUpdate:
    """An update of the installation, offered in every account and region."""

    name: str
    key: str  # the image that nodes get by it, or the name of an example, by which they get the one that is at hand
    released_at: datetime
    engines: tuple[Engine, ...]
    description: str
    versions: tuple[str, ...] = ()  # as AWS describes them, of the caches that it is for; none: all of these engines
    severity: Severity = Severity.IMPORTANT
    automatic: bool = False  # it applies itself in the first maintenance window after the recommended date
    status: UpdateStatus = UpdateStatus.AVAILABLE
    ended_at: datetime | None = None

    @property
    def recommended_by(self) -> datetime:
        """Until when nodes should have it."""
        return self.released_at + RECOMMENDED[self.severity]

    @property
    def is_example(self) -> bool:
        """Whether it is not about an image."""
        return self.key in EXAMPLES


@dataclass(frozen=True, slots=True)
class Example:
    """An update that changes nothing: nodes are rebuilt with the image that is at hand."""

    severity: Severity
    automatic: bool
    released: timedelta  # so long before it is switched on


EXAMPLES: Mapping[str, Example] = {
    "example-of-the-future": Example(Severity.IMPORTANT, automatic=False, released=timedelta()),
    "example-of-the-past": Example(Severity.CRITICAL, automatic=True, released=timedelta(days=15)),
}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All service updates, in the order in which they were offered first."""

    updates: tuple[ServiceUpdate, ...] = field(default=())

    def named(self, name: str) -> ServiceUpdate | None:
        """The update of that name."""
        return next((update for update in self.updates if update.name == name), None)


def advanced(
    catalogue: Catalogue, builds: Builds, outdated: Iterable[str], now: datetime, *, examples: bool
) -> Catalogue:
    """The catalogue by now. Each of the `outdated` images, which some node runs an older build of, is an update."""
    updates = [_advanced(update, builds, now, examples=examples) for update in catalogue.updates]
    updates = [update for update in updates if update.ended_at is None or now - update.ended_at < FORGOTTEN]
    known = {update.key for update in updates if update.status is UpdateStatus.AVAILABLE}
    for name, example in EXAMPLES.items() if examples else ():
        if name not in known:
            updates.append(_example(name, example, updates, now))
    for build in builds.every:
        if build.image in outdated and build.image not in known:
            updates.append(_of(build, updates, now))
    return Catalogue(tuple(updates))


def _advanced(update: ServiceUpdate, builds: Builds, now: datetime, *, examples: bool) -> ServiceUpdate:
    if update.ended_at:
        return update
    if update.is_example:
        return update if examples else replace(update, status=UpdateStatus.CANCELLED, ended_at=now)
    build = builds.of(update.key)
    if build and build.serves:
        return replace(update, versions=build.serves)
    return replace(update, status=UpdateStatus.EXPIRED if build else UpdateStatus.CANCELLED, ended_at=now)


def _of(build: Build, others: Iterable[ServiceUpdate], now: datetime) -> ServiceUpdate:
    words = f"Nodes get the build of {build.engine} {build.version} that was made on {build.created_at:%Y-%m-%d}."
    return ServiceUpdate(_name(others, now), build.image, now, (Engine(build.engine),), words, build.serves)


def _example(name: str, row: Example, others: Iterable[ServiceUpdate], now: datetime) -> ServiceUpdate:
    released = now - row.released
    words = "An example: nodes are replaced, and get the build that is at hand."
    made = ServiceUpdate(_name(others, released), name, released, tuple(Engine), words)
    return replace(made, severity=row.severity, automatic=row.automatic)


def _name(others: Iterable[ServiceUpdate], released: datetime) -> str:
    """Of AWS's form: the day, and the number of the update on it."""
    day = f"elc-{released:%Y%m%d}-"
    number = max((int(one.name.rpartition("-")[2]) for one in others if one.name.startswith(day)), default=0)
    return f"{day}{number + 1:03}"
