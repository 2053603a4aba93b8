"""The clients of the caches that a drill hits: one for each, which writes all the time."""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise

from cachewright.agents.engines.redis.probe import Client, Probe, Refused, longest_gap
from cachewright.agents.planning.verdicts import Later
from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.drills import Writes

WARM = 20  # acknowledged writes before the deed
SPAN = 0.1  # seconds of which writes are counted together, and
SPANS = 600  # spans at most: of a longer drill they are longer
PATIENCE = 5.0  # seconds that a write may take before the deed, and after all is well again


@dataclass(frozen=True, slots=True)
class Cost:
    """What the client of one cache paid. None: nobody could be asked."""

    outage: float  # seconds without an acknowledged write, the longest time
    writes: int
    lost: int | None


@dataclass(frozen=True, slots=True)
class Traffic:
    """Clients that write."""

    pause: Callable[[], None]  # a moment; raises when the drill is to end
    _probes: dict[Key, Probe] = field(default_factory=dict)

    @contextmanager
    def flowing(self, clients: Mapping[Key, Client], prefix: str) -> Iterator[None]:
        """They write until the end of the block."""
        with ExitStack() as stack:
            for key, client in clients.items():
                self._probes[key] = stack.enter_context(Probe(client, f"{prefix}probe"))
            yield

    def warm(self) -> None:
        """Wait until every client was served; Later when one is not."""
        if complaint := self._await(WARM):
            raise Later(f"cannot begin: nobody takes a write: {complaint}")

    def resume(self) -> None:
        """Wait for one more write of every client: it ends an outage. Clients that are not served are left alone."""
        self._await(1)

    def costs(self, deed: float) -> dict[Key, Cost]:
        """What they paid since a moment; an outage that goes on counts until now."""
        end = time.monotonic()
        return {key: _cost(probe, deed, end) for key, probe in self._probes.items()}

    def writes(self, begin: float) -> tuple[Writes, ...]:
        """How each client has fared since a moment, so far."""
        end = time.monotonic()
        return tuple(counted(key.id, tuple(probe.acknowledged), begin, end) for key, probe in self._probes.items())

    def _await(self, more: int) -> str:
        """The complaint of a client that had not so many more writes acknowledged in time; empty when all had."""
        enough = {key: len(probe.acknowledged) + more for key, probe in self._probes.items()}
        deadline = time.monotonic() + PATIENCE
        while waiting := [probe for key, probe in self._probes.items() if len(probe.acknowledged) < enough[key]]:
            if time.monotonic() > deadline:
                return waiting[0].complaint or "it does not answer"
            self.pause()
        return ""


def counted(cache: str, moments: Sequence[float], begin: float, end: float) -> Writes:
    """Acknowledged writes at ascending moments, counted in spans from the beginning to the end."""
    span = SPAN
    while end - begin > span * SPANS:
        span *= 2
    edges = [begin + span * number for number in range(int((end - begin) / span) + 2)]
    places = [bisect_left(moments, edge) for edge in edges]
    counts = tuple(after - before for before, after in pairwise(places))
    longest = longest_gap([*moments, end], moments[0]) if moments else end - begin
    return Writes(cache, 1000 * span, counts, round(1000 * longest, 1))


def swept(clients: Mapping[Key, Client], prefix: str) -> list[Key]:
    """Delete every key with that beginning; the caches where nobody answers."""
    left = []
    for key, client in clients.items():
        try:
            client.sweep(prefix)
        except Refused:
            left.append(key)
    return left


def _cost(probe: Probe, deed: float, end: float) -> Cost:
    lost = None
    with suppress(Refused):
        lost = probe.lost()
    return Cost(longest_gap([*probe.acknowledged, end], deed), len(probe.acknowledged), lost)
