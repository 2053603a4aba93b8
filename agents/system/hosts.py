"""The hosts as they stand in the database."""

from collections.abc import Mapping
from dataclasses import dataclass

from cachewright.agents.tools import HostList, NoHosts
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.store.database import Store


@dataclass(frozen=True, slots=True)
class StoredHosts:
    """See HostList. What is told, drained or removed counts from the next look on."""

    store: Store

    def known(self) -> Mapping[str, Host]:
        """See HostList."""
        with self.store.read() as transaction:
            return transaction.hosts.all()


def hosts_in(store: Store) -> HostList:
    """The hosts that a database knows; without any there will be none until the next start, and nobody asks again."""
    hosts = StoredHosts(store)
    return hosts if hosts.known() else NoHosts()
