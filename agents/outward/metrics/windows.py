"""What nodes have counted in about a minute, however often they are looked at. Not safe to share among threads."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from cachewright.controlplane.model.metrics.samples import Place
from cachewright.controlplane.model.metrics.terms import Figures, since

MINUTE = 60.0  # seconds
APART = 10.0  # seconds between two looks that are remembered; each takes some 20 KB


@dataclass(slots=True)
class Windows:
    """Remembers some looks at each node."""

    _looks: dict[str, deque[tuple[float, Figures]]] = field(default_factory=dict)

    def counted(self, place: Place, moment: float, now: Figures) -> Figures:
        """What came since the last look that is a minute old, or since the oldest; empty at the first."""
        looks = self._looks.setdefault(place.name, deque())
        while len(looks) > 1 and moment - looks[1][0] >= MINUTE:
            looks.popleft()
        found = since(now, looks[0][1]) if looks else {}
        if not looks or moment - looks[-1][0] >= APART:
            looks.append((moment, now))
        return found

    def forget_others(self, places: Collection[Place]) -> None:
        """Remember nothing of nodes that are no more."""
        for gone in self._looks.keys() - {place.name for place in places}:
            del self._looks[gone]
