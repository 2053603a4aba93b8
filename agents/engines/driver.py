"""What every engine can be asked and told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from cachewright.agents.engines.redis.acl import AclRules
from cachewright.agents.engines.settings import Configuration
from cachewright.agents.planning.links import Link, Reach
from cachewright.agents.planning.world import Answer
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.slots import Ranges
from cachewright.controlplane.model.usage import Usage


@dataclass(frozen=True, slots=True)
class Move:
    """Slots on their way from one primary to another."""

    source: Reach
    target: Reach
    address: Address  # of the target, as the source reaches it
    slots: Ranges
    ids: tuple[str, str]  # of the source and of the target in the cluster
    seconds: float = 0.25  # after which no further slot is begun


class Driver(Protocol):
    """One kind of engine, at any number of addresses. A call that the engine does not take raises Later."""

    def look(self, node: Reach) -> Answer | None:
        """What the engine says about itself; None when it does not answer in time."""

    def measure(self, node: Reach) -> Usage | None:
        """How full it is; None when it does not answer in time."""

    def ping(self, node: Reach) -> bool:
        """Whether it answers at once; as cheap as can be. No is a reason to look, not a verdict."""

    def follow(self, node: Reach, primary: Link) -> None:
        """Become a replica of `primary`."""

    def request_ack(self, node: Reach, primary: Reach) -> None:
        """Talk to the primary at once: how far it is, and what is new."""

    def promote(self, node: Reach) -> None:
        """Follow nobody any more, and take writes; in a cluster also the slots of the primary that it followed, whether
        the others agree or not.
        """

    def switchover(self, old_primary: Reach, candidate: Reach) -> None:
        """Stop writes at `former` for good, wait until `candidate` has all of them, and promote it."""

    def apply_acl(self, node: Reach, acl_rules: AclRules) -> None:
        """Let clients do what they may, and nothing else."""

    def configure(self, node: Reach, wanted: Configuration) -> None:
        """Take these parameter values; Later in the engine's words when it does not."""

    def hint(self, node: Reach, wanted: Configuration) -> None:
        """Take these few parameter values, whatever comes of it: `configure` makes sure."""

    def agrees(self, node: Reach, wanted: Configuration) -> bool:
        """Whether it has these parameter values; no when it does not answer."""

    def attempt(self, node: Reach, wanted: Configuration) -> str:
        """What the engine says against these parameter values; empty when it takes them, or does not answer. It has
        its own again afterwards.
        """

    def meet(self, node: Reach, peers: Sequence[Address]) -> None:
        """Get to know these nodes of the cluster, which listen for clients there."""

    def part(self, node: Reach, strangers: Sequence[str]) -> None:
        """Forget the nodes of these ids: they are no more in the cluster."""

    def join(self, node: Reach, primary: str) -> None:
        """Become a replica of the cluster node of that id, which this one knows already."""

    def encrypt(self, node: Reach, wanted: bool) -> None:
        """Connect to other cluster nodes encrypted from now on, or no more; connections that are there stay."""

    def own(self, node: Reach, slots: Ranges) -> None:
        """Serve these slots from now on, whoever did before: the claim is newer than every other one."""

    def close(self, node: Reach, slots: Ranges) -> None:
        """These slots are on their way no more; whoever serves them goes on."""

    def move(self, move: Move) -> Ranges:
        """Move slots with their keys, while both ends keep serving them; those that have arrived when time is up.

        What an earlier attempt left half done is finished. No acknowledged write is lost, and a client that follows
        redirections sees no failure. Never when none of them can move: a key may be too large.
        """

    def forget(self, node: Reach) -> None:
        """Nothing listens there any more; let go of connections."""
