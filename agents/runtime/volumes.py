"""The volumes of one instance on a Docker engine."""

from collections.abc import Mapping
from dataclasses import dataclass

from cachewright.agents.planning.containers import Volume
from cachewright.agents.planning.labels import INSTANCE, present
from cachewright.agents.planning.verdicts import Never
from cachewright.agents.runtime.connection import Complaint, Engine
from cachewright.agents.runtime.failures import verdict


@dataclass(frozen=True, slots=True)
class Volumes:
    """See Runtime for what each method does."""

    engine: Engine
    instance: str

    def create(self, name: str, labels: Mapping[str, str]) -> None:
        """The engine gives back what is there, whoever made it."""
        with self.engine.asked(f"create volume {name}") as client:
            made = client.create_volume(name, labels={**labels, INSTANCE: self.instance})
        self._require_own(f"create volume {name}", made["Labels"] or {})

    def remove(self, name: str) -> None:
        """Never without a look: the engine would remove anybody's."""
        deed = f"remove volume {name}"
        try:
            with self.engine.complaining(deed) as client:
                self._require_own(deed, client.inspect_volume(name)["Labels"] or {})
                client.remove_volume(name)
        except Complaint as complaint:
            if complaint.status != 404:
                raise verdict(deed, complaint.words, complaint.status) from complaint

    def every(self, labels: Mapping[str, str] | None = None) -> list[Volume]:
        """Those that carry all these labels, by name."""
        wanted = {INSTANCE: self.instance, **(labels or {})}
        with self.engine.asked("list volumes", look=True) as client:
            rows = client.volumes(filters={"label": [f"{key}={value}" for key, value in wanted.items()]})["Volumes"]
        found = (Volume(row["Name"], present(row["Labels"] or {})) for row in rows or ())
        return sorted(found, key=lambda volume: volume.name)

    def _require_own(self, deed: str, labels: Mapping[str, str]) -> None:
        if labels.get(INSTANCE) != self.instance:
            raise Never(f"cannot {deed}: the name belongs to a volume of somebody else")
