"""The hosts that were told, and what nodes take of them."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from sqlalchemy import Connection, delete, func, insert, select, update

from cachewright.controlplane.model.hosts import Host, host_of
from cachewright.controlplane.store.tables import hosts, placements

Taken = Mapping[tuple[str, str], int]  # bytes, by node and host


@dataclass(frozen=True, slots=True)
class Hosts:
    """The hosts as one transaction sees them."""

    connection: Connection

    def all(self) -> dict[str, Host]:
        """Every host, by its name."""
        rows = self.connection.execute(select(hosts.c.document).order_by(hosts.c.name))
        return {host.name: host for host in (_read(row.document) for row in rows)}

    def write(self, host: Host) -> None:
        """A host, in place of what was told of it before."""
        self.remove(host.name)
        self.connection.execute(insert(hosts).values(name=host.name, document=json.dumps(asdict(host))))

    def tell(self, listed: Iterable[Host]) -> None:
        """Hosts are as a file says from now on; one that is being drained is so still, and one that comes to others
        that are there already has to join them.
        """
        known = self.all()
        for host in listed:
            before = known.get(host.name)
            drained, joining = before is not None and before.draining, before.joining if before else bool(known)
            self.write(replace(host, draining=host.draining or drained, joining=joining))

    def remove(self, name: str) -> bool:
        """Forget a host; whether there was one."""
        return bool(self.connection.execute(delete(hosts).where(hosts.c.name == name)).rowcount)

    def taken(self) -> dict[str, int]:
        """How many bytes nodes take, or are to take, of each host."""
        total = select(placements.c.host, func.sum(placements.c.memory)).group_by(placements.c.host)
        return {str(host): int(memory) for host, memory in self.connection.execute(total)}

    def nodes(self) -> dict[str, int]:
        """How many nodes are, or are to be, on each host."""
        total = select(placements.c.host, func.count()).group_by(placements.c.host)
        return {str(host): int(count) for host, count in self.connection.execute(total)}

    def nodes_on(self, name: str) -> int:
        """How many nodes are on a host, or are to be."""
        return self.nodes().get(name, 0)

    def keep(self, incarnation: str, taken: Taken) -> None:
        """What the nodes of a cache take, in place of what they took before."""
        self.release(incarnation)
        rows = [
            {"incarnation": incarnation, "node": node, "host": host, "memory": memory}
            for (node, host), memory in taken.items()
        ]
        if rows:
            self.connection.execute(insert(placements), rows)

    def left(self, incarnation: str, places: Collection[tuple[str, str]]) -> None:
        """The nodes of a cache take nothing of any host but these, by node and host."""
        mine = select(placements.c.node, placements.c.host).where(placements.c.incarnation == incarnation)
        for node, host in self.connection.execute(mine).all():
            if (node, host) not in places:
                here = (placements.c.node == node, placements.c.host == host)
                self.connection.execute(delete(placements).where(placements.c.incarnation == incarnation, *here))

    def transfer(self, incarnation: str, candidate: str, node: str | None = None) -> None:
        """What one node of a cache takes, or what all do, is taken by the cache that was made out of it."""
        query = update(placements).where(placements.c.incarnation == incarnation).values(incarnation=candidate)
        self.connection.execute(query if node is None else query.where(placements.c.node == node))

    def release(self, incarnation: str) -> None:
        """A cache takes nothing any more."""
        self.connection.execute(delete(placements).where(placements.c.incarnation == incarnation))


@lru_cache(maxsize=1024)
def _read(document: str) -> Host:
    """Every look at a cache reads all hosts, which hardly ever change."""
    return host_of(json.loads(document))
