"""The network of one instance on a Docker engine."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

from cachewright.agents.planning.labels import INSTANCE
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.runtime.connection import Complaint, Engine
from cachewright.agents.runtime.failures import verdict
from cachewright.agents.runtime.network import Network, free_subnets, local_subnet, routes

_ROUTES = Path("/proc/net/route")


@dataclass(frozen=True, slots=True)
class Networks:
    """One for each instance."""

    engine: Engine
    instance: str
    name: str

    def open(self, preferred: str, *, ipv6: bool) -> Network:
        """See Runtime. The first free subnet wins; the host's own routes count when the engine is on this machine."""
        if known := self._known(preferred):
            return known
        for subnet in free_subnets(self._taken(), preferred):
            with suppress(Complaint):  # somebody took it meanwhile: the next one
                self._create_on(subnet, ipv6=ipv6)
                break
        if made := self._known(preferred):
            return made
        raise Later("cannot open network: no /16 between 10.200.0.0 and 10.249.0.0 is free", 30.0)

    def every(self) -> Mapping[str, str]:
        """The names of the instance's networks, by what the engine knows each by: two may have one name."""
        return {row["Id"]: row["Name"] for row in self._rows()}

    def miscounted(self, network: str) -> bool:
        """Remove the network of an id; True when the engine counts guests on it although it knows of none."""
        deed = f"remove network {network}"
        with self.engine.asked(deed) as client:
            guests = client.inspect_network(network)["Containers"]
            for guest in guests:
                client.disconnect_container_from_network(guest, network, force=True)
        try:
            with self.engine.complaining(deed) as client:
                client.remove_network(network)
        except Complaint as complaint:
            if not guests and "has active endpoints" in complaint.words:
                return True
            raise verdict(deed, complaint.words, complaint.status) from complaint
        return False

    def holder(self, address: str) -> str | None:
        """The name of the running container that has an address on the instance's network."""
        with self.engine.asked("find who has an address", look=True) as client:
            guests = client.inspect_network(self.name)["Containers"] or {}  # of an overlay there may be none
        field = "IPv6Address" if ":" in address else "IPv4Address"
        return next((row["Name"] for row in guests.values() if row[field].partition("/")[0] == address), None)

    def _rows(self) -> list[Mapping[str, Any]]:
        with self.engine.asked("find network", look=True) as client:
            return list(client.networks(filters={"label": [f"{INSTANCE}={self.instance}"]}))

    def _known(self, preferred: str) -> Network | None:
        """The network, alone: nothing can be started on one of two that have the same name. There are two when an
        engine made the first after whoever asked for it had given up.
        """
        rows = sorted(self._rows(), key=lambda row: (preferred not in map(str, subnets([row])), row["Created"]))
        for superfluous in rows[1:]:
            self._remove_empty(superfluous["Id"])
        return next((Network(row["Name"], subnet, _six(row)) for row in rows for subnet in subnets([row])), None)

    def _remove_empty(self, network: str) -> None:
        with suppress(Complaint), self.engine.complaining(f"remove network {network}") as client:
            client.remove_network(network)  # it refuses to remove one on which somebody is

    def _taken(self) -> list[IPv4Network]:
        with self.engine.asked("list networks", look=True) as client:
            used = list(subnets(client.networks()))
        return [*used, *(routes(_ROUTES.read_text()) if _ROUTES.exists() else ())]

    def _create_on(self, subnet: IPv4Network, *, ipv6: bool) -> None:
        if not ipv6:
            self._create(Network(self.name, subnet))
            return
        try:
            self._create(Network(self.name, subnet, local_subnet(self.name)))
        except Complaint:  # the kernel may have no IPv6; if it is the subnet that is taken, this is refused as well
            self._create(Network(self.name, subnet))

    def _create(self, network: Network) -> None:
        pools = [{"Subnet": str(network.subnet), "Gateway": str(network.host), "IPRange": str(network.guests)}]
        if network.six:
            host, guests = network.twin(str(network.host)), f"{network.twin(str(network.guests[0]))}/114"
            pools.append({"Subnet": str(network.six), "Gateway": host, "IPRange": guests})
        with self.engine.complaining("create network") as client:
            client.create_network(
                network.name,
                driver="bridge",
                ipam={"Driver": "default", "Config": pools},
                enable_ipv6=network.six is not None,
                check_duplicate=True,
                labels={INSTANCE: self.instance},
            )


def _six(row: Mapping[str, Any]) -> IPv6Network | None:
    pools = (row["IPAM"] or {}).get("Config") or ()
    return next((IPv6Network(pool["Subnet"]) for pool in pools if ":" in pool.get("Subnet", "")), None)


def subnets(networks: Iterable[Mapping[str, Any]]) -> Iterator[IPv4Network]:
    """The IPv4 subnets of networks as an engine tells them."""
    for row in networks:
        for pool in (row["IPAM"] or {}).get("Config") or ():
            if "." in pool.get("Subnet", ""):
                yield IPv4Network(pool["Subnet"])
