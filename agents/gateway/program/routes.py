"""The routes that hold, in the kernel and written down, and the end of connections that lead elsewhere."""

import json
import logging
import socket
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from threading import Lock, Timer

from cachewright.agents.gateway.program import conntrack, ruleset, segments
from cachewright.agents.gateway.program.conntrack import Flow
from cachewright.agents.gateway.program.neighbours import hold
from cachewright.agents.gateway.program.nft import Nft

# Seconds after which connections are ended again: a kernel answers such segments twice a second at most, and a
# connection may have been on its way through the kernel when its route changed.
AGAIN = (0.6, 2.0)
log = logging.getLogger(__name__)


class Routes:
    """Safe to share among threads. What is told is in the kernel and written down before a method returns."""

    def __init__(self, nft: Nft, file: Path) -> None:
        self._nft = nft
        self._file = file
        self._lock = Lock()
        self._marks = count(1)
        self._routes: dict[str, ruleset.Targets] = {}
        self._saved = True  # what holds is what is written down

    def restore(self, foundation: str) -> None:
        """Begin with what was written down, and with what is below it, all at once: nobody finds some endpoints that
        lead somewhere, and others that do not yet.
        """
        written = json.loads(self._file.read_text()) if self._file.exists() else {}
        with self._lock:
            begun = {endpoint: self._marked(targets) for endpoint, targets in written.items()}
            for endpoint in begun:
                _hold_if_six(endpoint)
            self._nft.run("".join((foundation, *(ruleset.route(endpoint, to) for endpoint, to in begun.items()))))
            self._routes = begun

    def lead(self, endpoint: str, targets: Sequence[str]) -> None:
        """Lead new connections of an endpoint to these targets; end those to any other. OSError: nothing changed, or
        it is not written down; the next thing that is told, the same or another, makes up for that.
        """
        with self._lock:
            self._lead(endpoint, targets)
            self._save()

    def drop(self, endpoint: str) -> None:
        """Refuse connections to an endpoint, and end those that there are. OSError: as for `lead`."""
        with self._lock:
            if endpoint in self._routes:
                self._nft.run(ruleset.unroute(endpoint))
                self._saved = False
                _end_others(self._routes.pop(endpoint), {})
            self._save()

    def all(self) -> Mapping[str, Sequence[str]]:
        """Where every endpoint leads."""
        with self._lock:
            return {endpoint: [*targets] for endpoint, targets in self._routes.items()}

    def _lead(self, endpoint: str, targets: Sequence[str]) -> None:
        former = self._routes.get(endpoint, {})
        wanted = {target: former.get(target) or next(self._marks) for target in targets}
        if endpoint in self._routes and [*former] == [*wanted]:
            return
        if endpoint not in self._routes:
            _hold_if_six(endpoint)
        self._nft.run(ruleset.route(endpoint, wanted))
        self._routes[endpoint], self._saved = wanted, False
        _end_others(former, wanted)

    def _marked(self, targets: Sequence[str]) -> ruleset.Targets:
        return {target: next(self._marks) for target in targets}

    def _save(self) -> None:
        if self._saved:
            return
        scratch = self._file.with_suffix(".new")
        scratch.write_text(json.dumps({endpoint: [*targets] for endpoint, targets in self._routes.items()}))
        scratch.replace(self._file)
        self._saved = True


def _hold_if_six(endpoint: str) -> None:
    if ruleset.family_of(endpoint) == "ip6":
        hold(ruleset.host_of(endpoint))


def _end_others(former: ruleset.Targets, wanted: ruleset.Targets) -> None:
    left = {target: mark for target, mark in former.items() if target not in wanted}
    if left:
        family = socket.AF_INET6 if ruleset.family_of(next(iter(left))) == "ip6" else socket.AF_INET
        _end(tuple(left.values()), family, ())


def _end(
    marks: Sequence[int], family: socket.AddressFamily, known: Sequence[Flow], again: Sequence[float] = AGAIN
) -> None:
    """End the connections of marks that no route picks any more, now and again."""
    try:
        flows = (*known, *(flow for mark in marks for flow in conntrack.forget(mark, family)))
        segments.provoke(flows)
    except OSError as error:
        flows = tuple(known)
        log.warning("cannot end the connections of marks %s: %s", marks, error)
    if again:
        timer = Timer(again[0], _end, (marks, family, flows, again[1:]))
        timer.daemon = True
        timer.start()
