"""At which of several hosts endpoints are told, which all of them publish."""

from collections.abc import Mapping

from cachewright.agents.planning.verdicts import Never
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Address, NodeStatus
from cachewright.controlplane.model.hosts import Host


def told_at(tools: Tools, endpoints: Mapping[str, Address], nodes: Mapping[str, NodeStatus]) -> dict[str, Address]:
    """The endpoints: those that several hosts publish at the host that a node runs on, or, if they are no node's, at
    one that there is, which stays.
    """
    if not tools.on_hosts:
        return dict(endpoints)
    hosts, there = tools.hosts.known(), _led_to(tools)
    first = next((known.host for known in nodes.values() if known.host in there), next(iter(there)))
    addresses = {host.address for host in there.values()}

    def at(name: str, told: str) -> str:
        if name in nodes and nodes[name].host in hosts:
            return hosts[nodes[name].host].address
        return told if told in addresses else there[first].address

    return {name: Address(at(name, address.host), address.port) for name, address in endpoints.items()}


def _led_to(tools: Tools) -> Mapping[str, Host]:
    """The hosts at which an endpoint may be that is no node's. Where callers are told host names, these lead to another
    host once one does not answer; an address that was told stays.
    """
    sites = tools.sites()
    if not (tools.naming.on and sites.judges):
        return sites.hosts
    return {name: host for name, host in sites.hosts.items() if name not in sites.silent} or sites.hosts


def check_names(tools: Tools) -> None:
    """Never when host names cannot lead to what the hosts publish."""
    if not (tools.on_hosts and tools.naming.on):
        return
    for host in tools.hosts.known().values():
        if not host.publishes_at:
            raise Never(
                f"cannot have host names: they lead to IP addresses, and host {host.name} was told with the address"
                f" {host.address}. Tell of it with an IP address, or set CACHEWRIGHT_HOSTNAMES=off"
            )
