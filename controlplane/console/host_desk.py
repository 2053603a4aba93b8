"""Where hosts are told, drained and removed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from cachewright.controlplane.model.drills import NoSuchTarget, Unfit
from cachewright.controlplane.model.hosts import Host, HostSeen
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class HostDesk:
    """Where hosts are told. Unfit and NoSuchTarget say what cannot be done."""

    store: Store
    silent: Callable[[], Mapping[str, str]]  # the hosts that do not answer, and why
    several: bool  # whether the control plane works with hosts: what is the first of all counts from the next start on

    def every(self) -> list[HostSeen]:
        """All of them, by name."""
        silent = self.silent()
        with self.store.read() as transaction:
            taken, nodes = transaction.hosts.taken(), transaction.hosts.nodes()
            return [
                HostSeen(
                    *(host.name, host.zone, host.address, host.engine, host.memory, taken.get(host.name, 0)),
                    *(nodes.get(host.name, 0), host.draining, silent.get(host.name, ""), self.several, host.joining),
                )
                for host in transaction.hosts.all().values()
            ]

    def add(self, host: Host) -> None:
        """A host is told, or told otherwise."""
        with self.store.write() as transaction:
            every = transaction.hosts.all()
            others = (one for one in every.values() if one.name != host.name)
            if twice := next((one for one in others if one.engine == host.engine), None):
                raise Unfit(f"{host.engine} is the engine of host {twice.name} already")
            joining = every[host.name].joining if host.name in every else self.several
            transaction.hosts.write(replace(host, joining=joining))

    def drain(self, name: str, *, draining: bool) -> None:
        """Nodes leave a host, or may come again."""
        with self.store.write() as transaction:
            transaction.hosts.write(replace(_found(transaction, name), draining=draining))
            transaction.due.update(transaction.caches.keys())

    def remove(self, name: str, *, force: bool) -> None:
        """A host that no node is on is told no more; forced, one that is gone for good with all that was on it."""
        with self.store.write() as transaction:
            _found(transaction, name)
            if not force and (count := transaction.hosts.nodes_on(name)):
                many = "a node is" if count == 1 else f"{count} nodes are"
                raise Unfit(f"{many} on host {name}, or to come: `cachewright host drain {name}` first")
            transaction.hosts.remove(name)
            transaction.due.update(transaction.caches.keys())


def _found(transaction: Transaction, name: str) -> Host:
    host = transaction.hosts.all().get(name)
    if host is None:
        raise NoSuchTarget(f"there is no host {name}; `cachewright host list` shows all that there are")
    return host
