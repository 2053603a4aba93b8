"""The network of one instance on several hosts: an attachable overlay network of the Swarm that they are in."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network
from time import monotonic, sleep
from typing import Any

from cachewright.agents.planning.labels import INSTANCE
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.connection import Complaint, Engine
from cachewright.agents.runtime.failures import verdict
from cachewright.agents.runtime.network import Network, free_subnets
from cachewright.agents.runtime.networks import Networks, subnets
from cachewright.agents.runtime.runtime import Razed

_SETTLING = 10.0  # seconds that a Swarm has to notice that the guests of a network are gone


Swarm = Mapping[str, Any]  # in the engine's words


def swarm_of(engine: Engine) -> Swarm:
    """What an engine says of the Swarm that it is in."""
    with engine.asked("look at the Swarm", look=True) as client:
        found: Swarm = client.info()["Swarm"]
    return found


@dataclass(frozen=True, slots=True)
class Overlay:
    """One for each instance. Its engines are those of the hosts that answer, by name; networks are made and removed by
    one that is a manager of the Swarm, and seen by all.
    """

    engines: Mapping[str, Engine]
    swarms: Mapping[str, Swarm]  # what each says of its Swarm
    instance: str
    name: str

    def open(self, preferred: str) -> Network:
        """See Runtime: made on first use, on a subnet that no network of any host has. Never where hosts are in no
        Swarm, or in different ones.
        """
        manager, deadline = self._manager(), monotonic() + _SETTLING
        while monotonic() < deadline:  # of two instances that choose the same subnet, the later one chooses again
            if known := self._known(manager):
                return known
            subnet = next(free_subnets(self._taken(), preferred), None)
            if subnet is None:
                raise Later("cannot open network: no /16 between 10.200.0.0 and 10.249.0.0 is free on every host", 30.0)
            self._create(manager, subnet)
            self._give_way(manager, subnet)
        raise Later("cannot open network: the Swarm does not make it", 5.0)

    def remove(self) -> Razed:
        """Remove the network, once the Swarm knows that nobody is on it; it is stuck when that takes too long, such as
        after a host's death.
        """
        manager, deadline = self._manager(), monotonic() + _SETTLING
        rows = self._rows(manager)
        for engine in self.engines.values():
            self._evict(engine)
        gone = [self._removed(manager, row["Id"], deadline) for row in rows]
        return Razed(*(tuple({self.name for each in gone if each is how}) for how in (True, None)))

    def _evict(self, engine: Engine) -> None:
        """Whoever else joined the network on a host leaves it."""
        with suppress(Complaint), engine.complaining("list who is on the network", look=True) as client:
            for guest in client.inspect_network(self.name)["Containers"] or {}:
                with suppress(Complaint), engine.complaining("take a guest off the network") as engines:
                    engines.disconnect_container_from_network(guest, self.name, force=True)

    def _removed(self, manager: Engine, network: str, deadline: float) -> bool | None:
        """Whether it was there; a Swarm learns a moment later that somebody has left. None when it does not."""
        deed = f"remove network {self.name}"
        while True:
            try:
                with manager.complaining(deed) as client:
                    client.remove_network(network)
            except Complaint as complaint:
                if complaint.status == 404:
                    return False
                if "in use" not in complaint.words:
                    raise verdict(deed, complaint.words, complaint.status) from complaint
                if monotonic() > deadline:
                    return None
            else:
                return True
            sleep(0.1)

    def _manager(self) -> Engine:
        """The engine of a manager; every host is a node of its Swarm, or Never."""
        every = self.swarms
        for name, swarm in every.items():
            if swarm["LocalNodeState"] != "active":
                raise Never(f"cannot open network: host {name} is in no Swarm; `docker swarm join` it to the others'")
        manager = next((name for name, swarm in every.items() if swarm["ControlAvailable"]), None)
        if manager is None:
            raise Later("cannot open network: no host that answers is a manager of the Swarm", 5.0)
        with self.engines[manager].asked("list the nodes of the Swarm", look=True) as client:
            nodes = {row["ID"] for row in client.nodes()}
        for name, swarm in every.items():
            if swarm["NodeID"] not in nodes:
                raise Never(f"cannot open network: hosts {manager} and {name} are in different Swarms")
        return self.engines[manager]

    def _rows(self, manager: Engine) -> Sequence[Mapping[str, Any]]:
        with manager.asked("find network", look=True) as client:
            rows = client.networks(filters={"label": [f"{INSTANCE}={self.instance}"], "driver": ["overlay"]})
        return sorted(rows, key=lambda row: (str(row["Created"]), str(row["Id"])))

    def _known(self, manager: Engine) -> Network | None:
        return next((Network(row["Name"], subnet) for row in self._rows(manager) for subnet in subnets([row])), None)

    def _taken(self) -> Iterator[IPv4Network]:
        for engine in self.engines.values():
            with engine.asked("list networks", look=True) as client:
                yield from subnets(client.networks())

    def _create(self, manager: Engine, subnet: IPv4Network) -> None:
        made = Network(self.name, subnet)
        pool = {"Subnet": str(subnet), "Gateway": str(made.host), "IPRange": str(made.guests)}
        try:
            with manager.complaining("create network") as client:
                client.create_network(
                    self.name,
                    driver="overlay",
                    attachable=True,
                    ipam={"Driver": "default", "Config": [pool]},
                    check_duplicate=True,
                    labels={INSTANCE: self.instance},
                )
        except Complaint as complaint:
            if "already exists" not in complaint.words:
                raise verdict("create network", complaint.words, complaint.status) from complaint
            sleep(0.1)  # it was made a moment ago, and is not in the list yet

    def _give_way(self, manager: Engine, subnet: IPv4Network) -> None:
        """A Swarm makes networks of one subnet without a word: the one that was there first stays."""
        with manager.asked("list networks", look=True) as client:
            rows = client.networks(filters={"driver": ["overlay"]})
        rivals = [row for row in rows if any(subnet.overlaps(other) for other in subnets([row]))]
        first = min(rivals, key=lambda row: (str(row["Created"]), str(row["Id"])), default=None)
        if first and first["Labels"].get(INSTANCE) != self.instance:
            own = (row["Id"] for row in rivals if row["Labels"].get(INSTANCE) == self.instance)
            for network in own:
                with suppress(Complaint), manager.complaining("give way with a network") as client:
                    client.remove_network(network)


@dataclass(frozen=True, slots=True)
class Joined(Networks):
    """The networks of an instance on one of several hosts: all that it has to do with the overlay is who is on it."""

    def open(self, preferred: str, *, ipv6: bool) -> Network:  # noqa: ARG002 - an overlay is of IPv4
        """What all hosts have is there already."""
        with self.engine.asked("find network", look=True) as client:
            found = client.inspect_network(self.name)
        return Network(self.name, next(subnets([found])))

    def every(self) -> Mapping[str, str]:
        """None is this host's own."""
        return {}
