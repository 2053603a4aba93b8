"""A container of the pretend machine."""

from dataclasses import dataclass, field

from cachewright.agents.memory.cluster import Member
from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.containers import Blueprint, Container, LoggedLine, State
from cachewright.agents.planning.labels import Labels


@dataclass(slots=True, eq=False)
class Box:
    """A container and its present."""

    blueprint: Blueprint
    labels: Labels
    state: State = State.CREATED
    started_at: str = ""
    ending: str = ""
    boots: int = 0
    twin: str = ""  # its address of the other family, where the network has both
    alone: bool = False  # off the network
    files: dict[str, bytes] = field(default_factory=dict)
    process: Process | None = None
    member: Member | None = None  # survives its processes
    log: list[LoggedLine] = field(default_factory=list)  # what its processes have said

    def seen(self) -> Container:
        """The container as the engine tells of it."""
        made = self.blueprint
        present = (made.name, self.state, self.labels, self.started_at, self.ending, not self.alone)
        return Container(*present, made.image, made.host, self.process.address if self.process else "")

    def forget(self) -> None:
        """What is in memory ends with its process."""
        roots = tuple(f"{one.path}/" for one in self.blueprint.tmpfs)
        self.files = {path: content for path, content in self.files.items() if not path.startswith(roots)}

    def settle(self) -> None:
        """Whether its process is reached follows from the state."""
        if self.process:
            self.process.reached = self.state is State.RUNNING and not self.alone
