"""The processes that work at one database: who does what, and who is chosen to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b

RENEWAL = timedelta(seconds=0.5)  # between two words of a process that it is there
LEASE = timedelta(seconds=2.5)  # without one, by the database's clock, after which it is none of them any more
MARGIN = timedelta(seconds=0.5)  # before the end of its lease in which a process begins nothing that others could


class Role(StrEnum):
    """What a process of Cachewright does."""

    BOTH = "both"  # everything, alone
    API = "api"  # answers the API and the console
    AGENT = "agent"  # looks after caches


class Duty(StrEnum):
    """What one agent at a time does for the whole installation."""

    GATEWAY = "gateway"
    DIRECTORY = "directory"
    WARM_POOL = "warm pool"
    IMAGES = "images"  # tells which builds of engines are at hand
    SNAPSHOTS = "snapshots"
    NOTIFICATIONS = "notifications"
    METRICS = "metrics"  # puts them to CloudWatch
    CLOCK = "clock"  # maintenance windows, automatic snapshots, cutovers, service updates


@dataclass(frozen=True, slots=True)
class Member:
    """A process as the others know it. `token` names this time that it joined: a lease that has ended is never
    renewed, so that whoever was told that a token is gone is told the truth for ever. `name` stays as long as the
    process.
    """

    token: str
    name: str
    role: Role
    host: str
    process: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What a process knew of itself and the others when it renewed its lease last."""

    token: str = ""  # empty: it is no member
    members: tuple[Member, ...] = ()
    duties: frozenset[Duty] = frozenset()  # that are its own

    @property
    def agents(self) -> frozenset[str]:
        """The names of those who look after caches."""
        return frozenset(member.name for member in self.members if member.role is Role.AGENT)


def chosen(what: str, names: Collection[str]) -> str:
    """Who of all these is to do something, without a word between them; empty without anybody. When one comes or goes
    only what becomes or was its own moves (rendezvous hashing).
    """
    return max(names, key=lambda name: (_weight(what, name), name), default="")


def _weight(what: str, name: str) -> bytes:
    return blake2b(f"{name} {what}".encode(), digest_size=8).digest()
