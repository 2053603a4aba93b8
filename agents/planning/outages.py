"""What becomes of caches while what the whole installation shares serves nobody."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from cachewright.agents.planning.links import reached_at
from cachewright.controlplane.model.cache import Status

SERVED = "The endpoints are served again."
_SILENT = "Clients cannot use the endpoints: the {} does not answer."
_REASONS = frozenset(_SILENT.format(what) for what in ("gateway", "directory"))


@dataclass(frozen=True, slots=True)
class Outages:
    """Who does not answer."""

    gateway: bool = False
    directory: bool = False
    serving: frozenset[str] | None = None  # the hosts whose gateway is known to serve; None: every one does
    undiscovered: frozenset[str] = frozenset()  # the hosts whose directory does not answer

    def reason(self, status: Status) -> str:
        """Why nobody is served who uses this cache as callers are told; empty when that is not so."""
        if self.gateway and status.endpoints:
            return _SILENT.format("gateway")
        return _SILENT.format("directory") if self.directory and (status.discovery or status.named) else ""

    def of_hosts(self, status: Status) -> Iterator[str]:
        """At which hosts somebody is not served who uses this cache as callers are told, in sentences."""
        if status.discovery or status.named:
            for host in sorted(self.undiscovered):
                yield f"The directory of host {host} does not answer; those of the other hosts do."

    def hide(self, status: Status, node: str) -> bool:
        """Whether a node that does not answer may do so all the same: where endpoints are published it is asked through
        the gateway of its host.
        """
        known = status.nodes[node]
        through = reached_at(status, node) != known.address
        return through and self.serving is not None and known.host not in self.serving

    def hidden(self, status: Status, silent: Collection[str]) -> frozenset[str]:
        """The nodes of which that is so, but for those on hosts that are silent as well."""
        nodes = status.nodes.items()
        return frozenset(name for name, known in nodes if known.host not in silent and self.hide(status, name))


def is_outage(reason: str) -> bool:
    """Whether that is why a cache was not available."""
    return reason in _REASONS
