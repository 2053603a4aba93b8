"""What the gateway's container is made from. Pure, but for the two templates next to this file, read once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from cachewright.agents.gateway import runtime_api
from cachewright.agents.gateway.gateway import Routes
from cachewright.agents.planning.containers import Blueprint, File, Port
from cachewright.controlplane.model.cache import Address

# Below every port that ElastiCache allows for a cache (1150 and up), above those that need a privilege.
DOOR, ADMIN = 1024, 1025
BY_NAME = 1028  # of a gateway of a host: where all encrypted clients are led by host name
MEMORY = 256 * 1024 * 1024

_CONFIG, _START = "/gateway/haproxy.cfg", "/gateway/start.sh"
_TEMPLATES = {path: Template((Path(__file__).parent / Path(path).name).read_text()) for path in (_CONFIG, _START)}


_OF_HOSTS = dict.fromkeys(("guard", "anybody", "by_name", "administration"), "")  # what only their gateways have


@dataclass(frozen=True, slots=True)
class Place:
    """Where the gateway stands on Cachewright's network."""

    address: str  # its own
    host: str  # the engine's machine; only from there may it be administered
    endpoints: str  # the range in CIDR notation that it answers for
    endpoints6: str = ""  # the same of IPv6; empty: there is none

    @property
    def admin(self) -> Address:
        """Where its runtime API listens."""
        return Address(self.address, ADMIN)


def blueprint(
    image: str,
    place: Place,
    name: str,
    labels: Mapping[str, str],
    routes: Routes,
    ports: tuple[Port, ...] = (),
) -> Blueprint:
    """A gateway that begins with `routes`. A published port leads where endpoint (its address, inside port) leads."""
    return Blueprint(
        name=name,
        image=image,
        command=("/bin/sh", _START),
        address=place.address,
        memory=MEMORY,
        labels=labels,
        files=files(place, routes),
        ports=ports,
        capabilities=("NET_ADMIN", "SETGID", "SETUID"),
        user="0:0",  # until HAProxy has bound its ports
        resurrects=True,
    )


def files(place: Place, routes: Routes) -> tuple[File, ...]:
    """The files with which a restarted container begins with `routes`; upload them after every change."""
    address = place.address
    own = {"stats": f"{address}:{ADMIN}", "listen": address, "called": "%[dst]", **_OF_HOSTS}
    return rendered(place, routes, own)


def rendered(place: Place, routes: Routes, own: Mapping[str, str]) -> tuple[File, ...]:
    """The files, with what is each kind's `own`: where it is told routes and takes connections, how endpoints are
    called, and whether their servers are `leased`.
    """
    values = {
        **own,
        "address": place.address,
        "host": place.host,
        "endpoints": place.endpoints,
        "door": DOOR,
        "admin": ADMIN,
        "config": _CONFIG,
        "map": runtime_api.MAP,
        "servers": "\n".join(f"{server}{own.get('leased', '')}" for server in _servers(routes)),
    }
    made = (File(path, template.substitute(values).encode()) for path, template in _TEMPLATES.items())
    return (*made, File(runtime_api.MAP, "".join(_entries(routes)).encode()))


def _entries(routes: Routes) -> Iterator[str]:
    for endpoint, targets in routes.items():
        for key, value in runtime_api.entries(endpoint, targets).items():
            yield f"{key} {value}\n"


def _servers(routes: Routes) -> Iterator[str]:
    for endpoint, targets in routes.items():
        for target in dict.fromkeys(targets):
            yield f"    server {runtime_api.server(endpoint, target)} {target} weight 0"
