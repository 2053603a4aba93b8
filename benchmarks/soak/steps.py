"""What happens, in an order that follows from a seed. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

HOSTS = 3
AGENTS = 2
COMPANY = 0.25  # of the steps that are no agent's end have one as company


class Kind(StrEnum):
    """What a step does."""

    FAILOVER = "TestFailover"
    DRAIN = "drain of a host"
    REPLICAS = "another number of replicas"
    SHARDS = "another number of shards"
    AGENT = "SIGKILL for an agent"
    POWER = "power loss of a host"
    CUT = "a host is cut off"

    @property
    def is_planned(self) -> bool:
        """Whether no acknowledged write may be lost."""
        return self not in {Kind.POWER, Kind.CUT}


# Each round has all of them, those that fail more than one thing more often.
_ROUND = (*Kind, Kind.FAILOVER, Kind.POWER, Kind.CUT)


@dataclass(frozen=True, slots=True)
class Step:
    """One of them. What it does not need it has all the same, so that a kind more or less changes no other step."""

    kind: Kind
    host: int  # numbered from 1 on
    cache: int  # numbered from 0 on
    early: bool  # whether a host comes back before what was on it has its place elsewhere, and which of two numbers
    kills: int | None  # the agent, numbered from 0 on, that is killed meanwhile

    def __str__(self) -> str:
        """For a line of the log."""
        where = {
            Kind.FAILOVER: f"cache {self.cache}",
            Kind.REPLICAS: f"cache {self.cache}",
            Kind.SHARDS: "",
            Kind.AGENT: f"agent {(self.kills or 0) + 1}",
        }.get(self.kind, f"host {self.host}")
        back = (", back early" if self.early else ", back late") if not self.kind.is_planned else ""
        kills = "" if self.kills is None or self.kind is Kind.AGENT else f", SIGKILL for agent {self.kills + 1}"
        return f"{self.kind}{f' ({where})' if where else ''}{back}{kills}"


def steps(seed: int, caches: int) -> Iterator[Step]:
    """Without end."""
    chance = Random(seed)
    while True:
        for kind in chance.sample(_ROUND, len(_ROUND)):
            host, cache = chance.randint(1, HOSTS), chance.randrange(caches)
            early, killed, alone = chance.random() < 0.5, chance.randrange(AGENTS), chance.random() >= COMPANY
            yield Step(kind, host, cache, early, None if alone and kind is not Kind.AGENT else killed)
