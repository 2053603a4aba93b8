"""What the directory is told, and how it is written down. Standard library only: part of the container's program."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A node as clients are told of it. `ip` is empty where it is not known."""

    host: str
    ip: str
    port: int


@dataclass(frozen=True, slots=True)
class Listing:
    """One Memcached cluster."""

    version: int  # rises with every node that comes or goes
    nodes: tuple[Entry, ...]
    targets: tuple[tuple[str, int], ...] = ()  # the nodes that live, where the directory reaches them
    encrypted: bool = False  # connections from clients and to nodes


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the directory knows: the clusters by its ports, and the host names of every cache."""

    discovery: Mapping[int, Listing] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # addresses by host name, by cache
    suffix: str = ""  # of every host name; empty: there are none


def listing_from(document: Mapping[str, Any]) -> Listing:
    """The listing in a JSON object; KeyError, TypeError or ValueError when there is none in it."""
    return Listing(
        version=int(document["version"]),
        nodes=tuple(Entry(str(node["host"]), str(node["ip"]), int(node["port"])) for node in document["nodes"]),
        targets=tuple((str(host), int(port)) for host, port in document["targets"]),
        encrypted=bool(document["encrypted"]),
    )


def state_to_json(state: State) -> str:
    """The document of what is known, on one line."""
    discovery = {str(port): asdict(listing) for port, listing in sorted(state.discovery.items())}
    return json.dumps(
        {
            "discovery": discovery,
            "names": {owner: dict(names) for owner, names in state.names.items()},
            "suffix": state.suffix,
        }
    )


def state_from_json(document: str | bytes) -> State:
    """What is known, out of its document; KeyError, TypeError or ValueError for any other."""
    read = json.loads(document)
    discovery = {int(port): listing_from(listing) for port, listing in read["discovery"].items()}
    return State(
        discovery, {str(owner): names_from(names) for owner, names in read["names"].items()}, str(read["suffix"])
    )


def names_from(document: Mapping[str, Any]) -> dict[str, str]:
    """Addresses by host name, in a JSON object."""
    return {str(name): str(address) for name, address in document.items()}
