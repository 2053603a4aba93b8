"""Containers that were started ahead and are a node's since: what a container is labelled with cannot be changed, so
whose it is lies in a file in it, which is there before it has the node's name.
"""

import json
from collections.abc import Mapping
from typing import Any

from cachewright.agents.planning.containers import File
from cachewright.agents.planning.labels import ROLE, WARM, Labels
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.archive import archive, content
from cachewright.agents.runtime.connection import Complaint, Engine
from cachewright.agents.runtime.failures import verdict

LABELS = "/cachewright-adopted/labels.json"
_ROOT = "0:0"  # the engine's process cannot say otherwise


class Adoptions:
    """The adopted containers of an instance, by the identity of each. Safe to share among threads."""

    def __init__(self, engine: Engine, filters: Mapping[str, Any], prefix: str) -> None:
        self._engine, self._filters, self._prefix = engine, filters, f"/{prefix}"
        self._known: dict[str, Labels] | None = None  # None: nobody has looked since this process began

    def adopt(self, name: str, new: str, labels: Labels) -> None:
        """See Runtime. The name comes last: who dies before that leaves a container that is nobody's."""
        deed = f"adopt container {name}"
        known = self.every()
        with self._engine.asked(deed) as client:
            details = client.inspect_container(name)
            if not details["State"]["Running"]:
                raise Later(f"cannot {deed}: it does not run")
            client.put_archive(name, "/", archive([File(LABELS, json.dumps(dict(labels)).encode())], _ROOT))
            client.rename(name, new)
        known[details["Id"]] = labels

    def every(self) -> dict[str, Labels]:
        """The labels of each; only the first call asks the engine."""
        if self._known is None:
            with self._engine.asked("list adopted containers", look=True) as client:
                rows = client.containers(all=True, filters=self._filters)
            named = [row["Id"] for row in rows if not any(map(self._is_ahead, row["Names"]))]
            self._known = {identity: labels for identity in named if (labels := self._read(identity))}
        return self._known

    def told(self, identity: str, labels: Labels) -> Labels:
        """The labels of a container that says these of itself; none of one that is nobody's, or not known yet."""
        if labels.get(ROLE) != WARM[ROLE]:
            return labels
        return (self._known or {}).get(identity, labels)

    def forget(self, identity: str) -> None:
        """It is gone."""
        if self._known:
            self._known.pop(identity, None)

    def _is_ahead(self, name: str) -> bool:
        return name.startswith(self._prefix)

    def _read(self, identity: str) -> Labels:
        """What lies in it; nothing in one that somebody else has renamed."""
        deed = "read whose an adopted container is"
        try:
            with self._engine.complaining(deed) as client:
                chunks, _ = client.get_archive(identity, LABELS)
                return dict(json.loads(b"".join(content(chunks))))
        except Complaint as complaint:
            if complaint.status == 404:
                return {}
            raise verdict(deed, complaint.words, complaint.status) from complaint
