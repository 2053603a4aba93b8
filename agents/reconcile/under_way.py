"""What is remembered of a cache from one turn to the next, and what is under way meanwhile."""

from concurrent.futures import Future
from dataclasses import dataclass

from cachewright.agents.planning.actions import Action
from cachewright.agents.planning.images import Job
from cachewright.agents.planning.plan import Plan
from cachewright.agents.planning.world import World
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.reconcile.observe import Look
from cachewright.agents.reconcile.setbacks import Undone, Verdict


@dataclass(frozen=True, slots=True)
class Deeds:
    """Actions under way."""

    acting: Acting
    actions: tuple[Action, ...]
    done: tuple[Future[Verdict | None], ...]
    decision: Plan
    failed: tuple[tuple[Job, Verdict], ...] = ()

    def undone(self) -> list[tuple[Undone, Verdict]]:
        """What failed, and why, once all are done."""
        tried = zip(self.actions, self.done, strict=True)
        return [*self.failed, *((action, verdict) for action, future in tried if (verdict := future.result()))]


@dataclass(frozen=True, slots=True)
class Listing:
    """The container engine is being asked what there is; a look at it follows."""

    begun: Future[Look]


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a cache from one turn to the next."""

    world: World | None = None  # whose containers are asked once more
    polls: int = 0  # looks at which there was nothing to do, one after the other
    woken: bool = False  # there were news since what is under way began
    concluded: bool = False  # engines were not asked again after the last deeds
    under_way: Listing | Look | Deeds | None = None
