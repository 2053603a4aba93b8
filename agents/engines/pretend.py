"""Pretend engines, for tests and for `CACHEWRIGHT_RUNTIME=memory`: they talk to the processes of a pretend machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from agents.engines.settings import Configuration
from agents.planning.links import Link, Reach
from agents.planning.verdicts import Later
from agents.planning.world import Answer, Replication
from agents.pretend import Machine
from controlplane.model.cache import Address, Auth
from controlplane.model.usage import Usage
from controlplane.model.versions import Engine


@dataclass(frozen=True, slots=True)
class PretendDriver:
    """Held to the same contract as the real drivers."""

    machine: Machine
    engine: Engine

    def look(self, node: Reach) -> Answer | None:
        """The build and the place in replication."""
        try:
            process = self.machine.process_at(node.address.host)
        except ConnectionError:
            return None
        if self.engine is Engine.MEMCACHED:
            return Answer("memcached pretended")
        follows = Address(process.leader, int(process.settings["leader port"])) if process.leader else None
        place = Replication(follows is None, follows, process.linked, process.offset)
        access = process.settings.get("access", "") if node.guarded else None
        return Answer(f"{self.engine} pretended", place, access=access)

    def measure(self, node: Reach) -> Usage | None:
        """What was written, and what the command line allows."""
        try:
            process = self.machine.process_at(node.address.host)
        except ConnectionError:
            return None
        words = process.blueprint.command
        limit = int(words[words.index("--maxmemory") + 1]) if "--maxmemory" in words else 0
        return Usage(sum(map(len, process.data.values())), limit, len(process.data))

    def ping(self, node: Reach) -> bool:
        """Whether a process answers."""
        return self.look(node) is not None

    def follow(self, node: Reach, primary: Link) -> None:
        """Replicate from `primary`."""
        with _told(f"cannot make {node} a replica of {primary.address}"):
            self.machine.process_at(node.address.host).settings["leader port"] = str(primary.address.port)
            self.machine.follow(node.address.host, primary.address.host)

    def promote(self, node: Reach) -> None:
        """Replicate from nobody."""
        with _told(f"cannot promote {node}"):
            self.machine.follow(node.address.host, "")

    def hand_over(self, former: Reach, heir: Reach) -> None:
        """The pretend replica has every write at once, so that only the promotion is left."""
        with _told(f"cannot hand over from {former} to {heir}"):
            self.machine.process_at(former.address.host)
            self.machine.follow(heir.address.host, "")

    def grant(self, node: Reach, auth: Auth, access: str) -> None:  # noqa: ARG002
        """Remember which logins are known."""
        with _told(f"cannot grant logins at {node}"):
            self.machine.process_at(node.address.host).settings["access"] = access

    def configure(self, node: Reach, wanted: Configuration) -> None:
        """Remember the values, unless the machine objects to one."""
        with _told(f"cannot configure {node}"):
            process = self.machine.process_at(node.address.host)
        if complaint := self._complaint(wanted):
            raise Later(f"cannot configure {node}: {complaint}")
        process.configuration.update(wanted.directives)

    def agrees(self, node: Reach, wanted: Configuration) -> bool:
        """Whether the process has these values."""
        try:
            process = self.machine.process_at(node.address.host)
        except ConnectionError:
            return False
        return wanted.directives.items() <= process.configuration.items()

    def attempt(self, node: Reach, wanted: Configuration) -> str:  # noqa: ARG002 - every process is alike
        """What the machine says against a value."""
        return self._complaint(wanted)

    def _complaint(self, wanted: Configuration) -> str:
        said = (self.machine.objection(name, value) for name, value in wanted.directives.items())
        return next(filter(None, said), "")

    def forget(self, node: Reach) -> None:
        """Nothing is kept."""


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except ConnectionError as error:
        raise Later(f"{what}: {error}") from error
