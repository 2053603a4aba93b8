"""The hosts as they stand in the database."""

from collections.abc import Collection, Mapping
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


@dataclass(frozen=True, slots=True)
class ReachedHosts:
    """See HostList: those that are told, as far as this run knows their engines. One that is told later has neither an
    engine nor a gateway here before the next start.
    """

    told: HostList
    reached: Collection[str]

    def known(self) -> Mapping[str, Host]:
        """See HostList."""
        return {name: host for name, host in self.told.known().items() if name in self.reached}


def hosts_in(store: Store) -> HostList:
    """The hosts that a database knows; without any there will be none until the next start, and nobody asks again."""
    hosts = StoredHosts(store)
    return hosts if hosts.known() else NoHosts()
