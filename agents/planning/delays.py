"""How late everything arrives that one region sends another: by drills that slow regions down."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Delays:
    """By region, in milliseconds; a region that is not among them is as near as can be."""

    of: Mapping[str, int] = field(default_factory=dict)

    def between(self, one: str, other: str) -> int:
        """How late it arrives in one region what another one sends, either way: the slower of the two decides."""
        return 0 if one == other else max(self.of.get(one, 0), self.of.get(other, 0))


NEAR = Delays()
