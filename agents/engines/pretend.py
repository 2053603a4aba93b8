"""Pretend engines, for tests and for `CACHEWRIGHT_RUNTIME=memory`: they talk to the processes of a pretend machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from agents.planning.verdicts import Later
from agents.planning.world import Answer, Replication
from agents.pretend import Machine
from controlplane.model.cache import Address
from controlplane.model.versions import Engine


@dataclass(frozen=True, slots=True)
class PretendDriver:
    """Held to the same contract as the real drivers."""

    machine: Machine
    engine: Engine

    def look(self, address: Address) -> Answer | None:
        """The build and the place in replication."""
        try:
            process = self.machine.process_at(address.host)
        except ConnectionError:
            return None
        if self.engine is Engine.MEMCACHED:
            return Answer("memcached pretended")
        follows = Address(process.leader, address.port) if process.leader else None
        place = Replication(follows is None, follows, process.linked, process.offset)
        return Answer(f"{self.engine} pretended", place)

    def ping(self, address: Address) -> bool:
        """Whether a process answers."""
        return self.look(address) is not None

    def follow(self, address: Address, primary: Address) -> None:
        """Replicate from `primary`."""
        with _told(f"cannot make {address} a replica of {primary}"):
            self.machine.follow(address.host, primary.host)

    def promote(self, address: Address) -> None:
        """Replicate from nobody."""
        with _told(f"cannot promote {address}"):
            self.machine.follow(address.host, "")

    def hand_over(self, former: Address, heir: Address) -> None:
        """The pretend replica has every write at once, so that only the promotion is left."""
        with _told(f"cannot hand over from {former} to {heir}"):
            self.machine.follow(former.host, heir.host)
            self.machine.follow(heir.host, "")

    def forget(self, address: Address) -> None:
        """Nothing is kept."""


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except ConnectionError as error:
        raise Later(f"{what}: {error}") from error
