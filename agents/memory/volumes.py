"""The volumes of a pretend machine."""

from dataclasses import dataclass, field
from threading import Lock

from cachewright.agents.planning.containers import Volume
from cachewright.agents.planning.labels import INSTANCE, Labels
from cachewright.agents.planning.verdicts import Later, Never


@dataclass(slots=True, eq=False)
class PretendVolumes:
    """Thread-safe. A file on a volume is kept under its path in the container: every one has it at the same place."""

    _labels: dict[str, Labels] = field(default_factory=dict)
    _hosts: dict[str, str] = field(default_factory=dict)
    _files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def create(self, name: str, labels: Labels, host: str = "") -> None:
        """Add a volume to a host, if it is not there; Never when it is of another instance."""
        with self._lock:
            self._require_own(f"create volume {name}", name, labels)
            self._labels.setdefault(name, dict(labels))
            self._hosts.setdefault(name, host)
            self._files.setdefault(name, {})

    def remove(self, name: str, owner: Labels, *, used: bool) -> None:
        """Take a volume away, if it is there; Later while it is used, Never when it is of another instance."""
        with self._lock:
            self._require_own(f"remove volume {name}", name, owner)
            if name in self._labels and used:
                raise Later(f"cannot remove volume {name}: volume is in use", 2.0)
            self._labels.pop(name, None)
            self._hosts.pop(name, None)
            self._files.pop(name, None)

    def host(self, name: str) -> str:
        """On which host a volume is."""
        return self._hosts.get(name, "")

    def every(self, labels: Labels) -> list[Volume]:
        """Those that carry all these labels, by name."""
        with self._lock:
            rows = sorted(self._labels.items())
        return [Volume(name, own) for name, own in rows if labels.items() <= own.items()]

    def files(self, name: str) -> dict[str, bytes]:
        """What is on a volume, by path in the container; Later when it is not there."""
        with self._lock:
            if name not in self._files:
                raise Later(f"cannot mount volume {name}: it does not exist", 2.0)
            return self._files[name]

    def _require_own(self, deed: str, name: str, owner: Labels) -> None:
        if name in self._labels and self._labels[name].get(INSTANCE) != owner[INSTANCE]:
            raise Never(f"cannot {deed}: the name belongs to a volume of somebody else")
