"""What every engine can be asked and told."""

from typing import Protocol

from agents.planning.links import Link, Reach
from agents.planning.world import Answer
from controlplane.model.cache import Auth


class Driver(Protocol):
    """One kind of engine, at any number of addresses. A call that the engine does not take raises Later."""

    def look(self, node: Reach) -> Answer | None:
        """What the engine says about itself; None when it does not answer in time."""

    def ping(self, node: Reach) -> bool:
        """Whether it answers at once; as cheap as can be. No is a reason to look, not a verdict."""

    def follow(self, node: Reach, primary: Link) -> None:
        """Become a replica of `primary`."""

    def promote(self, node: Reach) -> None:
        """Follow nobody any more, and take writes."""

    def hand_over(self, former: Reach, heir: Reach) -> None:
        """Stop writes at `former` for good, wait until `heir` has all of them, and promote it."""

    def grant(self, node: Reach, auth: Auth, access: str) -> None:
        """Let in whoever `auth` lets in, and nobody else; `access` names it."""

    def forget(self, node: Reach) -> None:
        """Nothing listens there any more; let go of connections."""
