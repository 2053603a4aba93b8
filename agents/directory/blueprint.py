"""What the directory's container is made from. Pure, but for the program, read once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from cachewright.agents.administration import Administration
from cachewright.agents.directory.program.contact import ADMIN, ADMINISTRATORS, IDENTITY, KEYS, NAMES, STATE
from cachewright.agents.directory.program.listing import State, state_to_json
from cachewright.agents.planning.containers import ANYWHERE, Blueprint, File, Port
from cachewright.agents.planning.labels import NAMING, NO, YES
from cachewright.agents.programs import home, program
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.hosts import Host

MEMORY = 256 * 1024 * 1024
USER = "10001:10001"

_PROGRAM = "directory"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the directory stands on Cachewright's network."""

    address: str  # its own
    host: str  # the engine's machine; only from there may it be told anything

    @property
    def admin(self) -> Address:
        """Where it listens to the host."""
        return Address(self.address, ADMIN)


def blueprint(
    image: str, place: Place, name: str, labels: Mapping[str, str], state: State, ports: tuple[Port, ...] = ()
) -> Blueprint:
    """A directory that begins with `state`."""
    return Blueprint(
        name=name,
        image=image,
        command=("python3", "-I", home(_PROGRAM), place.host),
        address=place.address,
        memory=MEMORY,
        labels=labels,
        files=(
            *program(_PROGRAM, _dnslib()),
            File(str(STATE), state_to_json(state).encode(), mode=0o600),
        ),
        ports=ports,
        user=USER,
        resurrects=True,
    )


def hosted(made: Blueprint, host: Host, administration: Administration, *, naming: bool) -> Blueprint:
    """The directory of one of several hosts, from that of an only one: it is told at the address of its host, by
    whoever proves to administer, and answers for host names there, if they are told.
    """
    proof = (
        File(str(IDENTITY), administration.certificate + administration.key),
        File(str(ADMINISTRATORS), administration.authority),
    )
    answering = (Port(NAMES, NAMES), Port(NAMES, NAMES, protocol="udp")) if naming else ()
    ports = tuple(replace(port, address=host.publishes_at) for port in (*made.ports, *answering))
    command, files = made.command[:-1], (*made.files, *proof)
    labels = {**made.labels, NAMING: YES if naming else NO}
    return replace(made, command=command, address=ANYWHERE, host=host.name, files=files, ports=ports, labels=labels)


def keys(port: int, certificate: bytes, key: bytes, authority: bytes) -> File:
    """What the directory proves with who it is at a port, and whom it believes. Copy it before the cluster is told."""
    return File(str(KEYS / f"{port}.pem"), certificate + key + authority)


@cache
def _dnslib() -> Path:
    """Where the library lies, which is a megabyte that is not needed here."""
    found = find_spec("dnslib")
    assert found and found.origin
    return Path(found.origin).parent
