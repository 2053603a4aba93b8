"""Who may go on when hosts do not hear each other: of two halves that cannot talk, at most one acts. Pure.

A host that dies and one that is only cut off look alike from outside. So the gateway of each host serves on a lease: it
serves as long as it has just heard an agent, or so many other hosts that they are most of all with itself. An agent
takes silent hosts for dead only while half of all answer it at least, and not before its patience is over, which is
longer than any lease. See decision 78.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

SHARE = 2  # a lease is that part of the patience: the agent counts silence from a second before it at most

LEAST_PATIENCE = timedelta(seconds=2.5)  # with which a lease is over in time


def lease_of(patience: timedelta) -> timedelta:
    """How long a host may serve after it heard somebody last."""
    return patience / SHARE


def serves(agents: Iterable[datetime], others: Iterable[datetime], hosts: int, since: datetime) -> bool:
    """Whether a host may serve: `agents` and `others` is when it heard each agent and each other host last, `hosts` how
    many there are with itself, `since` when its lease began that ends now.
    """
    if any(moment > since for moment in agents):
        return True
    return 2 * (1 + sum(moment > since for moment in others)) > hosts


def judges(answering: int, hosts: int) -> bool:
    """Whether an agent that so many hosts answer may take the others for dead. Of two equal halves it is the one with
    the agent that goes on: the hosts of the other lack one for most.
    """
    return 2 * answering >= hosts
