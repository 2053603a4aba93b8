"""What every engine can be asked and told."""

from typing import Protocol

from agents.planning.world import Answer
from controlplane.model.cache import Address


class Driver(Protocol):
    """One kind of engine, at any number of addresses. A call that the engine does not take raises Later."""

    def look(self, address: Address) -> Answer | None:
        """What the engine says about itself; None when it does not answer in time."""

    def ping(self, address: Address) -> bool:
        """Whether it answers at all; as cheap as can be."""

    def follow(self, address: Address, primary: Address) -> None:
        """Become a replica of `primary`."""

    def promote(self, address: Address) -> None:
        """Follow nobody any more, and take writes."""

    def hand_over(self, former: Address, heir: Address) -> None:
        """Stop writes at `former` for good, wait until `heir` has all of them, and promote it."""

    def forget(self, address: Address) -> None:
        """Nothing listens there any more; let go of connections."""
