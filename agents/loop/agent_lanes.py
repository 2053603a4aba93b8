"""The lanes of an agent: how many threads each kind of its work may take."""

from cachewright.agents.loop.lanes import Lane
from cachewright.agents.reconcile.turns import Lanes

AT_A_TIME = 8  # containers that are started or removed as routine: of more, all take longer and none is there sooner


class AgentLanes:
    """Threads are started when they are needed."""

    def __init__(self) -> None:
        self.looks, self.deeds = Lane("look", 64, kept=16), Lane("deed", 32, kept=16)
        self.containers = Lane("container", AT_A_TIME + 16, kept=16)
        self.hints, self.images = Lane("hint", 1), Lane("image", 2)
        self.files, self.transfers, self.logins = Lane("snapshot", 2), Lane("transfer", 8), Lane("login", 8)

    def of_turns(self) -> Lanes:
        """Those that the loop hands work to."""
        return Lanes(self.looks.at, self.deeds.at, self.containers.at, self.transfers.at)

    def finished(self) -> tuple[Lane, ...]:
        """Those whose work under way is waited for at the end: it would be found half done."""
        return self.deeds, self.containers

    def dropped(self) -> tuple[Lane, ...]:
        """The others."""
        return self.looks, self.hints, self.images, self.files, self.transfers, self.logins
