"""What answers for the members of Memcached clusters, and for host names."""

from collections.abc import Mapping
from typing import Protocol

from cachewright.agents.directory.program.listing import Listing, State
from cachewright.agents.planning.containers import File


class Directory(Protocol):
    """Answers clients by itself, and remembers what it was told. Every method raises `Later` when the directory does
    not answer, and doing it twice is doing it once.
    """

    def publish(self, port: int, listing: Listing, keys: File | None = None) -> None:
        """Answer for a cluster at this port; sessions that were led to nodes that are no targets any more end. `keys`:
        see `blueprint.keys`, for an encrypted one.
        """
        ...

    def withdraw(self, port: int) -> None:
        """A cluster is no more: end its sessions and refuse connections."""
        ...

    def set_names(self, owner: str, names: Mapping[str, str], suffix: str) -> None:
        """These host names, in lower case and under the suffix, are those of a cache, and no others."""
        ...

    def state(self) -> State:
        """Everything that it knows: asked, not remembered."""
        ...

    def probe(self) -> None:
        """Whether it can be told something, and takes clients. Cheap, and done within seconds. After a probe that
        failed everything fails at once, until another one does not.
        """
        ...
