"""How long Docker takes to say that a container has died: the floor of everything that waits for its event."""

import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from benchmarks.waiting import CannotMeasure

_FORMAT = "{{.TimeNano}} {{.Action}} {{.Actor.Attributes.name}}"


@dataclass(slots=True)
class Deaths:
    """What Docker said of containers that were killed; complete at the end of `listening`."""

    lines: Sequence[str] = field(default_factory=tuple)

    def of(self, names: Sequence[str]) -> tuple[float, ...]:
        """The milliseconds of each of these deaths, which came first and in this order; CannotMeasure when some were
        not told.
        """
        told = [(name, span) for name, span in spans(self.lines) if name in names][: len(names)]
        if [name for name, _ in told] != list(names):
            raise CannotMeasure(f"cannot tell how long deaths took: Docker told of {len(told)} of {len(names)}")
        return tuple(span for _, span in told)


def spans(lines: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Each container that was killed and has died, and the milliseconds from Docker's `kill` event to its `die`. A
    second signal to one that is dying does not count.
    """
    killed: dict[str, int] = {}
    for line in lines:
        moment, action, name = line.split()
        if action == "kill":
            killed.setdefault(name, int(moment))
        elif name in killed:
            yield name, (int(moment) - killed.pop(name)) / 1e6


@contextmanager
def listening() -> Iterator[Deaths]:
    """Listen to Docker meanwhile; it disturbs nobody."""
    deaths = Deaths()
    filters = [f"--filter={word}" for word in ("type=container", "event=kill", "event=die")]
    words = ["docker", "events", "--since", f"{time.time():.3f}", *filters, "--format", _FORMAT]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as listener:
        try:
            yield deaths
        finally:
            listener.terminate()
            deaths.lines = listener.communicate()[0].splitlines()
