"""What the gateway of one of several hosts is made from: it stands on the network that they share, and publishes ports
at the address of its host. Pure, but for the start script, read once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from string import Template

from cachewright.agents.administration import Administration
from cachewright.agents.gateway import blueprint, runtime_api
from cachewright.agents.gateway.blueprint import ADMIN, DOOR, Place
from cachewright.agents.gateway.gateway import Routes
from cachewright.agents.planning.containers import ANYWHERE, Blueprint, File
from cachewright.agents.planning.labels import COUNTED
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.hosts import Host

_INSIDE, LEASE = 1026, 1027  # where the runtime API, and what tells of the lease, listen to HAProxy itself
_GUARD = "tcp-request connection reject unless { nbsrv(lease) gt 0 }"
_CONFIG, _START = "/gateway/haproxy.cfg", "/gateway/start.sh"
_IDENTITY, _AUTHORITY = "/gateway/administration.pem", "/gateway/administrators.pem"
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


def hosted(made: Blueprint, host: Host, files: tuple[File, ...], lease: Lease) -> Blueprint:
    """The gateway of one host, from that of an only one."""
    ports = tuple(replace(port, address=host.publishes_at) for port in made.ports)
    labels = {**made.labels, COUNTED: lease.digest}
    return replace(made, address=ANYWHERE, host=host.name, files=files, ports=ports, labels=labels)


def files(place: Place, routes: Routes, administration: Administration, lease: Lease) -> tuple[File, ...]:
    """As `blueprint.files`, for the gateway of a host."""
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
        "leased": runtime_api.LEASED,
        "administration": _ADMINISTRATION.substitute(of_host),
    }
    own = blueprint.rendered(place, routes, values)
    start = File(_START, _SCRIPT.substitute(admin=ADMIN, door=DOOR, config=_CONFIG).encode())
    identity = administration.certificate + administration.key
    proof = (File(_IDENTITY, identity), File(_AUTHORITY, administration.authority))
    held = File(runtime_api.TOLD, f"{runtime_api.HELD} 1\n".encode())
    return (*(file for file in own if file.path != _START), start, held, *proof)


def saved(place: Place, routes: Mapping[Address, Sequence[Address]]) -> Iterator[tuple[Address, tuple[Address, ...]]]:
    """Routes as the gateway knows them, which are told as ports of hosts."""
    for endpoint, targets in routes.items():
        yield Address(place.address, endpoint.port), tuple(targets)
