"""What every engine can be asked, and which facets it may have besides."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from cachewright.agents.engines.facets import (
    Acl,
    ClusterMode,
    Contents,
    Parameters,
    Persistence,
    Renewal,
    Replication,
    SlowLog,
)
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.pulse import Inquiry, Pulse
from cachewright.agents.planning.verdicts import Never
from cachewright.agents.planning.world import Answer
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.metrics.terms import Figures
from cachewright.controlplane.model.usage import Usage
from cachewright.controlplane.model.versions import Engine

F = TypeVar("F")


class Driver(Protocol):
    """One kind of engine, at any number of addresses."""

    @property
    def replication(self) -> Replication | None:
        """None: nodes do not copy others."""

    @property
    def cluster_mode(self) -> ClusterMode | None:
        """None: nodes do not know others."""

    @property
    def acl(self) -> Acl | None:
        """None: everybody may do everything."""

    @property
    def parameters(self) -> Parameters | None:
        """None: a node keeps the values that it was started with."""

    @property
    def persistence(self) -> Persistence | None:
        """None: what a node holds is nowhere but in its memory."""

    @property
    def contents(self) -> Contents | None:
        """None: nobody is told all that a node holds, item by item."""

    @property
    def renewal(self) -> Renewal | None:
        """None: a process ends with its container only."""

    @property
    def slow_log(self) -> SlowLog | None:
        """None: nobody remembers commands that took long."""

    def look(self, node: Reach) -> Answer | None:
        """What the engine says about itself; None when it does not answer in time."""

    def usage(self, node: Reach) -> Usage | None:
        """How full it is; None when it does not answer in time."""

    def figures(self, node: Reach) -> Figures | None:
        """All that it counts and measures, in one question: see `model.metrics.terms`; None when it does not answer in
        time.
        """

    def ping(self, node: Reach) -> bool:
        """Whether it answers at once. No is a reason to look, not a verdict."""

    def interrupt(self, node: Reach) -> None:
        """Have a node that does not answer end what keeps it from it, if that may be ended. It may not hear it."""

    def pulses(self, inquiries: Sequence[Inquiry]) -> Sequence[Pulse | None]:
        """What each of these nodes says of itself in short; None for one that does not answer at once, which is a
        reason to look and no verdict. All are asked at the same time, as cheaply as can be.
        """

    def disconnect(self, address: Address) -> None:
        """Nothing listens there any more, or something else will: let go of all connections, however made."""


def having(facet: F | None, engine: Engine, name: str) -> F:
    """A facet of an engine's driver, for an action that needs it; Never for an engine that has not got it."""
    if facet is None:
        raise Never(f"cannot use {name} of {engine}: it has none")
    return facet
