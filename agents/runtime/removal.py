"""Removing a container."""

import time

from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.connection import Complaint, Engine
from cachewright.agents.runtime.failures import verdict
from cachewright.agents.runtime.razing import VANISHING


def remove(engine: Engine, name: str) -> None:
    """Remove a container, whatever its state, with its unnamed volumes, and wait until it is gone; does nothing when
    there is none. Later when the engine has not finished in time.
    """
    deadline = time.monotonic() + VANISHING
    while _remains(engine, name):
        if time.monotonic() > deadline:
            raise Later(f"cannot remove container {name}: the engine has not finished after {VANISHING:.0f} s")
        time.sleep(0.05)


def _remains(engine: Engine, name: str) -> bool:
    """Ask for the removal; whether the container is still there afterwards."""
    deed = f"remove container {name}"
    try:
        with engine.complaining(deed) as client:
            client.remove_container(name, force=True, v=True)
    except Complaint as complaint:
        if complaint.status == 409:  # removal in progress
            return True
        if complaint.status != 404:
            raise verdict(deed, complaint.words, complaint.status) from complaint
    return False
