"""What the gateway of one of several hosts is made from: it stands on the network that they share, and publishes ports
at the address of its host. Pure, but for the start script, read once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from string import Template
from typing import TypeVar

from cachewright.agents.administration import Administration
from cachewright.agents.gateway import blueprint, runtime_api, runtime_names
from cachewright.agents.gateway.blueprint import ADMIN, BY_NAME, DOOR, Place
from cachewright.agents.gateway.gateway import Names, Routes
from cachewright.agents.planning.containers import ANYWHERE, Blueprint, File
from cachewright.agents.planning.labels import COUNTED, SNI
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.hosts import Host

T = TypeVar("T")

_INSIDE, LEASE = 1026, 1027  # where the runtime API, and what tells of the lease, listen to HAProxy itself
_GUARD = "tcp-request connection reject unless { nbsrv(lease) gt 0 }"
_CONFIG, _START = "/gateway/haproxy.cfg", "/gateway/start.sh"
_IDENTITY, _AUTHORITY = "/gateway/administration.pem", "/gateway/administrators.pem"
_BY_NAME = Template((Path(__file__).parent / "by_name.cfg").read_text().rstrip())
_ADMINISTRATION = Template((Path(__file__).parent / "host.cfg").read_text())
_SCRIPT = Template((Path(__file__).parent / "host.sh").read_text())


@dataclass(frozen=True, slots=True)
class Lease:
    """On which the gateway of a host serves, see decision 78."""

    others: tuple[str, ...]  # where the gateways of all other hosts are administered: `10.77.0.2:16394`
    seconds: float  # for which nobody may have been heard

    @property
    def enough(self) -> int:
        """So many others are more than half of all hosts, with this one."""
        return (len(self.others) + 1) // 2

    @property
    def digest(self) -> str:
        """The same for the same lease."""
        return sha256(repr((sorted(self.others), self.seconds)).encode()).hexdigest()[:16]


def hosted(made: Blueprint, host: Host, files: tuple[File, ...], lease: Lease, sni: int = 0) -> Blueprint:
    """The gateway of one host, from that of an only one; `sni`: where it leads clients by host name, see Ports."""
    ports = tuple(replace(port, address=host.publishes_at) for port in made.ports)
    labels = {**made.labels, COUNTED: lease.digest, **({SNI: str(sni)} if sni else {})}
    return replace(made, address=ANYWHERE, host=host.name, files=files, ports=ports, labels=labels)


def files(place: Place, routes: Routes, administration: Administration, lease: Lease, names: Names) -> tuple[File, ...]:
    """As `blueprint.files`, for the gateway of a host, which leads clients by `names` where they come to that port."""
    others = (f"    server host{turn} {other} check" for turn, other in enumerate(lease.others))
    of_host = {
        "admin": ADMIN,
        "inside": _INSIDE,
        "identity": _IDENTITY,
        "authority": _AUTHORITY,
        "lease": LEASE,
        "told": runtime_api.TOLD,
        "expire": round(1000 * lease.seconds),
        "others": "\n".join(others),
        "enough": lease.enough,
    }
    values = {
        "stats": f"127.0.0.1:{_INSIDE}",
        "listen": "0.0.0.0",  # noqa: S104 - of its own network
        "called": place.address,  # whatever address a client has called, of which each host has others
        "guard": _GUARD,
        "anybody": f"{{ dst_port {BY_NAME} }} or ",
        "by_name": _BY_NAME.substitute(port=BY_NAME, names=runtime_names.NAMES, map=runtime_api.MAP),
        "leased": runtime_api.LEASED,
        "administration": _ADMINISTRATION.substitute(of_host),
    }
    own = blueprint.rendered(place, routes, values)
    start = File(_START, _SCRIPT.substitute(admin=ADMIN, door=DOOR, config=_CONFIG).encode())
    identity = administration.certificate + administration.key
    proof = (File(_IDENTITY, identity), File(_AUTHORITY, administration.authority))
    held = File(runtime_api.TOLD, f"{runtime_api.HELD} 1\n".encode())
    led = File(runtime_names.NAMES, "".join(f"{name} {to}\n" for name, to in runtime_names.led(names).items()).encode())
    return (*(file for file in own if file.path != _START), start, held, led, *proof)


def saved(place: Place, told: Mapping[Address, T]) -> dict[Address, T]:
    """Endpoints as the gateway knows them, which are told as ports of hosts."""
    return {Address(place.address, endpoint.port): of_it for endpoint, of_it in told.items()}
