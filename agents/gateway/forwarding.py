"""What the container is made from in which the kernel forwards. Pure, but for the program, read once."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_network

from cachewright.agents.gateway.blueprint import ADMIN, MEMORY, Place
from cachewright.agents.gateway.gateway import Routes
from cachewright.agents.gateway.program.contact import ROUTES, SOURCES
from cachewright.agents.planning.containers import Blueprint, File
from cachewright.agents.planning.labels import FORWARDER, NFTABLES
from cachewright.agents.programs import home, program

_PROGRAM = "gateway"
_SYSCTLS = {
    "net.ipv4.ip_forward": "1",
    # A packet of a connection that was forgotten is to be reset, not to begin a connection in the middle ...
    "net.netfilter.nf_conntrack_tcp_loose": "0",
    # ... and one outside of the window is still its connection's, or it would be reset.
    "net.netfilter.nf_conntrack_tcp_be_liberal": "1",
    "net.netfilter.nf_conntrack_events": "1",  # the end of a connection is told
}
_SYSCTLS6 = {"net.ipv6.conf.all.forwarding": "1"}
_OWN_NETWORK = ("NET_ADMIN", "NET_RAW")
_OTHER_NETWORKS = ("SYS_ADMIN", "SYS_PTRACE")  # of processes with no right that this one has not


def blueprint(image: str, place: Place, name: str, labels: Mapping[str, str], routes: Routes) -> Blueprint:
    """A gateway that begins with `routes`, and then writes down by itself what it begins with the next time."""
    return Blueprint(
        name=name,
        image=image,
        command=("python3", "-I", home(_PROGRAM), *_arguments(place)),
        address=place.address,
        memory=MEMORY,
        labels={**labels, FORWARDER: NFTABLES},
        files=(*program(_PROGRAM), _written(routes)),
        capabilities=(*_OWN_NETWORK, *_OTHER_NETWORKS),
        sees_processes=True,
        user="0:0",  # who else may change what the kernel does
        resurrects=True,
        sysctls={**_SYSCTLS, **(_SYSCTLS6 if place.endpoints6 else {})},
    )


def without_lending(made: Blueprint) -> Blueprint:
    """The same for an engine that lets no container see the machine's processes or enter other networks: it lends no
    addresses, and forwards everything.
    """
    return replace(made, capabilities=_OWN_NETWORK, sees_processes=False)


def forbids_lending(complaint: str) -> bool:
    """Whether a container engine complains of that."""
    return any(words in complaint for words in ("PID namespace", "apply caps"))


def lacks_setting(complaint: str) -> bool:
    """Whether a container engine complains of a setting that the kernel has not: by its name, or by its file."""
    return any(name in complaint or name.replace(".", "/") in complaint for name in _SYSCTLS)


def _arguments(place: Place) -> Iterator[str]:
    yield from (place.address, place.host, place.endpoints, _sources(place.endpoints), str(ADMIN))
    if place.endpoints6:
        yield from (place.endpoints6, _sources(place.endpoints6))


def _sources(endpoints: str) -> str:
    """The last addresses of the range: as sources they do not get in the way of an endpoint that has one."""
    every = ip_network(endpoints)
    return f"{every[-SOURCES]}-{every[-1]}"


def _written(routes: Routes) -> File:
    document = {str(endpoint): list(dict.fromkeys(map(str, targets))) for endpoint, targets in routes.items()}
    return File(str(ROUTES), json.dumps(document).encode(), mode=0o600)
