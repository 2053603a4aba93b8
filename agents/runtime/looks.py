"""The containers of an instance, as a Docker engine tells of them."""

from collections.abc import ItemsView, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any

from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.labels import INSTANCE, ROLE, WARM, Labels
from cachewright.agents.runtime.adoptions import Adoptions
from cachewright.agents.runtime.connection import Complaint, Engine
from cachewright.agents.runtime.failures import verdict
from cachewright.agents.runtime.translation import last_words, listed_name, never_started, seen, unloadable

_LAST = 12  # lines of a log in which a process says why it ended
_EVENTS = ("create", "start", "die", "oom", "pause", "unpause", "destroy")
_NOT_LABELS = frozenset({"name", "image", "exitCode", "signal", "execID"})  # what events mix with the labels


@dataclass(frozen=True, slots=True)
class Looks:
    """One for each instance on each engine. Safe to share among threads."""

    engine: Engine
    instance: str
    network: str  # the name of the instance's
    adoptions: Adoptions = field(default_factory=Adoptions)
    _begun: dict[str, Labels] = field(default_factory=dict)  # of containers that were started since they were listed
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8, thread_name_prefix="inspect"))

    def rows(self, labels: Mapping[str, str] | None = None) -> list[Mapping[str, Any]]:
        """What `docker ps` says of containers with these labels, whatever their state."""
        return self._listed(self.mine(labels))

    def named(self, name: str) -> list[Mapping[str, Any]]:
        """What it says of the one of a name, whoever's it is. It answers also while files are put into it."""
        return self._listed({"name": f"^/{name}$"})

    def every(self, labels: Mapping[str, str] | None = None) -> list[Container]:
        """Those with these labels, by name. One listing, then a look at each that was started: the listing does not
        tell when. At one that was started a moment ago it is looked meanwhile.
        """
        wanted = (labels or {}).items()
        early = {name: self.pool.submit(self.at, name) for name in self._started(wanted)}
        listed = [row for query in self.adoptions.queries(labels) for row in self.rows(query)]
        looks = [early.get(listed_name(row)) or self.pool.submit(self._told, row) for row in listed]
        found = (look.result() for look in looks)
        mine = (container for container in found if container and wanted <= container.labels.items())
        return sorted(mine, key=lambda container: container.name)

    def expect(self, name: str, labels: Labels) -> None:
        """A container was started that is going to be looked for."""
        self._begun[name] = labels

    def at(self, name: str) -> Container | None:
        """One, by its name or id, whoever's it is; None when it does not exist."""
        try:
            with self.engine.complaining("look at a container", look=True) as client:
                container = seen(client.inspect_container(name), self.network)
                container = replace(container, labels=self.adoptions.told(container.labels))
                telling = container.failed or container.ended_well
                log = client.logs(name, tail=_LAST).decode(errors="replace") if telling else ""
        except Complaint as complaint:
            if complaint.status == 404:  # gone since the listing
                return None
            raise verdict("look at a container", complaint.words, complaint.status) from complaint
        words = unloadable(log) if container.ended_well else last_words(log)
        return replace(container, ending=f"{container.ending}: {words}") if words else container

    def changes(self, stop: Event) -> Iterator[Mapping[str, str]]:
        """See Runtime."""
        filters = {"type": "container", "event": list(_EVENTS), **self.mine()}
        for event in self.engine.events(filters, stop):
            attributes = event["Actor"]["Attributes"] if event else {}
            own = {key: value for key, value in attributes.items() if key not in _NOT_LABELS}
            labels = self.adoptions.told(own)
            if labels.get(ROLE) != WARM[ROLE]:  # what is nobody's yet is no news
                yield labels
            if event and event["Action"] == "destroy":
                self.adoptions.forget(own)

    def mine(self, labels: Mapping[str, str] | None = None) -> dict[str, list[str]]:
        """The filter of what the instance owns with these labels."""
        wanted = {INSTANCE: self.instance, **(labels or {})}
        return {"label": [f"{key}={value}" for key, value in wanted.items()]}

    def _listed(self, filters: Mapping[str, object]) -> list[Mapping[str, Any]]:
        with self.engine.asked("list containers", look=True) as client:
            return list(client.containers(all=True, filters=dict(filters)))

    def _started(self, wanted: ItemsView[str, str]) -> list[str]:
        """The names of those with these labels that are listed for the first time."""
        names = [name for name, labels in list(self._begun.items()) if wanted <= labels.items()]
        return [name for name in names if self._begun.pop(name, None) is not None]

    def _told(self, row: Mapping[str, Any]) -> Container | None:
        """What is being filled with files says nothing of itself until it is full."""
        if row["State"] != State.CREATED:
            return self.at(row["Id"])
        container = never_started(row, self.network)
        return replace(container, labels=self.adoptions.told(container.labels))
