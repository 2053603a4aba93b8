"""Whose containers are that were started ahead: what a container is labelled with cannot be changed."""

from dataclasses import dataclass, field

from cachewright.agents.planning.labels import AHEAD, OWNER, Labels, owned


@dataclass(frozen=True, slots=True)
class Adoptions:
    """The owners, by the name that each container was launched with, as far as this process was told. Safe to share
    among threads.
    """

    _owners: dict[str, Labels] = field(default_factory=dict)

    def recognise(self, ahead: str, owner: Labels) -> None:
        """See Runtime."""
        self._owners[ahead] = owner

    def disown(self, ahead: str) -> None:
        """See Runtime."""
        self._owners.pop(ahead, None)

    def forget(self, labels: Labels) -> None:
        """A container that says this of itself is gone."""
        self._owners.pop(labels.get(AHEAD, ""), None)

    def told(self, labels: Labels) -> Labels:
        """What a container is labelled with that says this of itself."""
        owner = self._owners.get(labels.get(AHEAD, ""))
        return owned(labels, owner) if owner else labels

    def queries(self, labels: Labels | None) -> list[Labels]:
        """What to list in place of one query, since the engine does not know whose adopted containers are."""
        wanted = {name: value for name, value in (labels or {}).items() if name in OWNER}.items()
        mine = [ahead for ahead, owner in list(self._owners.items()) if wanted and wanted <= owner.items()]
        return [labels or {}, *({AHEAD: ahead} for ahead in mine)]
