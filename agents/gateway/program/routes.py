"""The routes that hold, in the kernel and written down, and the end of connections that lead elsewhere."""

import json
import logging
import socket
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Lock, Timer

from cachewright.agents.gateway.program import ruleset, segments
from cachewright.agents.gateway.program.conntrack import Conntrack, Flow
from cachewright.agents.gateway.program.lending import Lending
from cachewright.agents.gateway.program.marks import Block, Marks, blocks_of
from cachewright.agents.gateway.program.neighbours import hold
from cachewright.agents.gateway.program.nft import Nft

# Seconds after which connections are ended again: a kernel answers such segments twice a second at most, and a
# connection may have been on its way through the kernel when its route changed.
AGAIN = (0.6, 2.0)
_FAMILIES = {"ip": socket.AF_INET, "ip6": socket.AF_INET6}
_SOLE = "sole"  # in the file, beside the routes by endpoint
Changes = Mapping[str, Sequence[str] | None]  # of each endpoint where it is to lead; None: it ends

log = logging.getLogger(__name__)


class Routes:
    """Safe to share among threads. What is told is in the kernel and written down before a method returns."""

    def __init__(self, nft: Nft, conntrack: Conntrack, lending: Lending, file: Path) -> None:
        self._nft = nft
        self._conntrack = conntrack
        self._lending = lending
        self._file = file
        self._lock = Lock()
        self._marks = Marks()
        self._routes: dict[str, ruleset.Targets] = {}
        self._sole: frozenset[str] = frozenset()  # endpoints that lead to one target at a time
        self._saved = True  # what holds is what is written down

    def restore(self, foundation: str) -> None:
        """Begin with what was written down, and with what is below it, all at once: nobody finds some endpoints that
        lead somewhere, and others that do not yet.
        """
        written = json.loads(self._file.read_text()) if self._file.exists() else {}
        self._sole = frozenset(written.pop(_SOLE, ()))
        with self._lock:
            begun = {endpoint: self._marked(targets, {}) for endpoint, targets in written.items()}
            for endpoint in begun:
                _hold_if_six(endpoint)
            self._nft.run("".join((foundation, *(ruleset.route(endpoint, to) for endpoint, to in begun.items()))))
            self._routes = begun
            self._lend(begun)

    def change(self, changes: Changes, sole: Collection[str] = ()) -> None:
        """Lead new connections of each endpoint to its targets, or refuse them where it has none from now on (None),
        and end those to any other: all of it or nothing. OSError: nothing changed, or it is not written down; the next
        thing that is told, the same or another, makes up for that. Those that are `sole` lead to one target at a time
        as long as they live.
        """
        for endpoint in changes.keys() - self._routes.keys():
            if changes[endpoint] is not None:  # nobody else waits for what the kernel takes its time for
                _hold_if_six(endpoint)
        with self._lock:
            new = {*sole} - self._sole  # lent from now on
            if due := {one: to for one, to in changes.items() if one in new or not self._holds(one, to)}:
                self._sole = (self._sole - due.keys()) | (due.keys() & {*sole})
                self._change(due)
            self._save()
            known = [target for targets in self._routes.values() for target in targets]
        self._lending.expect({ruleset.host_of(target) for target in known})

    def all(self) -> Mapping[str, Sequence[str]]:
        """Where every endpoint leads."""
        with self._lock:
            return {endpoint: [*targets] for endpoint, targets in self._routes.items()}

    def _holds(self, endpoint: str, targets: Sequence[str] | None) -> bool:
        """Whether an endpoint leads there already."""
        if targets is None or endpoint not in self._routes:
            return targets is None and endpoint not in self._routes
        return [*self._routes[endpoint]] == [*dict.fromkeys(targets)]

    def _change(self, due: Changes) -> None:
        if len(due) > 1:
            self._marks.begin_together()
        former = {endpoint: self._routes.get(endpoint, {}) for endpoint in due}
        wanted = {endpoint: self._marked(to, former[endpoint]) for endpoint, to in due.items() if to is not None}
        ended = due.keys() - wanted.keys()
        commands = (ruleset.route(endpoint, to) for endpoint, to in wanted.items())
        self._nft.run("".join((*commands, *map(ruleset.unroute, sorted(ended)))))
        self._routes = {endpoint: to for endpoint, to in (self._routes | wanted).items() if endpoint not in ended}
        self._saved = False
        self._lend(due)
        self._end_others(former, wanted)

    def _lend(self, endpoints: Iterable[str]) -> None:
        """Whose addresses these endpoints share with nobody are lent to their nodes."""
        shared = Counter(map(ruleset.host_of, self._routes))
        alone = [endpoint for endpoint in endpoints if ruleset.family_of(endpoint) == "ip"]
        self._lending.move(
            {(host := ruleset.host_of(one)): self._borrower(one) if shared[host] == 1 else "" for one in alone}
        )

    def _borrower(self, endpoint: str) -> str:
        """The host of whom an endpoint's address can be lent to: the port is the same there. Empty: there is none."""
        targets = tuple(self._routes.get(endpoint, ()))
        same = len(targets) == 1 and targets[0].rpartition(":")[2] == endpoint.rpartition(":")[2]
        return ruleset.host_of(targets[0]) if same and endpoint in self._sole else ""

    def _marked(self, targets: Sequence[str], former: ruleset.Targets) -> ruleset.Targets:
        return {target: former.get(target) or self._marks.next() for target in targets}

    def _save(self) -> None:
        if self._saved:
            return
        scratch = self._file.with_suffix(".new")
        routes = {endpoint: [*targets] for endpoint, targets in self._routes.items()}
        sole = {_SOLE: sorted(self._sole)} if self._sole else {}
        scratch.write_text(json.dumps({**routes, **sole}))
        scratch.replace(self._file)
        self._saved = True

    def _end_others(self, former: Mapping[str, ruleset.Targets], wanted: Mapping[str, ruleset.Targets]) -> None:
        """End the connections of endpoints to what they do not lead to any more."""
        left = {
            mark: target
            for endpoint, targets in former.items()
            for target, mark in targets.items()
            if target not in wanted.get(endpoint, {})
        }
        for name, family in _FAMILIES.items():
            if marks := [mark for mark, target in left.items() if ruleset.family_of(target) == name]:
                self._end(blocks_of(marks), family, ())

    def _end(
        self,
        marks: Sequence[Block],
        family: socket.AddressFamily,
        known: Sequence[Flow],
        again: Sequence[float] = AGAIN,
    ) -> None:
        """End the connections of marks that no route picks any more, now and again."""
        try:
            flows = (*known, *(flow for block in marks for flow in self._conntrack.forget(block, family)))
            segments.provoke(flows)
        except OSError as error:
            flows = tuple(known)
            log.warning("cannot end the connections of marks %s: %s", marks, error)
        if again:
            timer = Timer(again[0], self._end, (marks, family, flows, again[1:]))
            timer.daemon = True
            timer.start()


def _hold_if_six(endpoint: str) -> None:
    if ruleset.family_of(endpoint) == "ip6":
        hold(ruleset.host_of(endpoint))
