"""The hosts as they stand in the database."""

from collections.abc import Mapping
from dataclasses import dataclass

from cachewright.agents.tools import HostList, NoHosts
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.store.database import Store


@dataclass(frozen=True, slots=True)
class StoredHosts:
    """See HostList. What is drained or removed counts from the next look on, what is added from the next start on: the
    runtime works with the hosts that there were at the start.
    """

    store: Store
    names: frozenset[str]  # of those

    def known(self) -> Mapping[str, Host]:
        """See HostList."""
        with self.store.read() as transaction:
            every = transaction.hosts.all()
        return {name: host for name, host in every.items() if name in self.names}


def hosts_in(store: Store) -> HostList:
    """The hosts that a database knows; where there are none nobody asks again."""
    with store.read() as transaction:
        names = frozenset(transaction.hosts.all())
    return StoredHosts(store, names) if names else NoHosts()
