"""The hosts as they stand in the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from cachewright.agents.tools import HostList, NoHosts
from cachewright.controlplane.model.hosts import Host, counting
from cachewright.controlplane.store.database import Store

Follower = Callable[[Mapping[str, Host]], None]


@dataclass(slots=True, eq=False)
class StoredHosts:
    """See HostList. Whoever follows them has heard of each before anybody else does."""

    store: Store
    _followers: list[Follower] = field(default_factory=list)
    _last: Mapping[str, Host] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def known(self) -> Mapping[str, Host]:
        """See HostList."""
        return counting(self.told())

    def told(self) -> Mapping[str, Host]:
        """See HostList."""
        with self.store.read() as transaction:
            every = transaction.hosts.all()
        if every != self._last:
            with self._lock:
                for follower in self._followers:
                    follower(every)
                self._last = every
        return every

    def follow(self, follower: Follower) -> None:
        """See HostList."""
        with self._lock:
            self._followers.append(follower)
            self._last = {}


def hosts_in(store: Store) -> HostList:
    """The hosts that a database knows; where there are none nobody asks again."""
    with store.read() as transaction:
        some = bool(transaction.hosts.all())
    return StoredHosts(store) if some else NoHosts()
