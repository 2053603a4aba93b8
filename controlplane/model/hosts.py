"""Hosts: the machines whose container engines run the nodes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from ipaddress import ip_address
from typing import Any

ONLY = ""  # the host of an installation that was told of none: the engine that the Docker command finds
LEAST_MEMORY = 64 << 20  # bytes, which the smallest node needs

_KINDS: Mapping[str, type] = {"memory": int, "draining": bool, "joining": bool}  # of fields that are no str
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")  # a part of names of containers and volumes
_ENGINE = re.compile(r"(?:unix:///|(?:tcp|ssh)://[^/\s])\S*")
_ADDRESS = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_ZONE = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Host:
    """A machine with a container engine. Its zone is a letter, since a machine serves every region: `a` is eu-west-1a
    as well as us-east-1a.
    """

    name: str
    engine: str  # the URL of its container engine: unix, tcp or ssh
    zone: str
    address: str  # under which clients, and the agents, reach what it publishes
    memory: int = 0  # bytes that nodes may take; 0: all that the engine's machine has
    draining: bool = False  # nodes leave it, and none come
    joining: bool = False  # it came while others were there, and counts once the gateways of all know of it

    def __post_init__(self) -> None:
        """ValueError, in words for the user, for what no host can have."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of a host: up to 32 small letters, digits and hyphens")
        if not _ENGINE.fullmatch(self.engine):
            raise ValueError(f"{self.engine!r} is no engine: it is the URL of one, unix://, tcp:// or ssh://")
        if not _ZONE.fullmatch(self.zone):
            raise ValueError(f"{self.zone!r} is no zone of a host: a zone is a letter from a to z")
        if not _ADDRESS.fullmatch(self.address):
            raise ValueError(f"{self.address!r} is no address of a host: it is an IP address or a host name")
        if self.memory and self.memory < LEAST_MEMORY:
            raise ValueError(f"{self.memory} bytes of memory are too few for a node; {LEAST_MEMORY} are the least")

    @property
    def publishes_at(self) -> str:
        """The address at which it publishes ports; empty, for all that it has, where clients call it by a name."""
        return ip_of(self.address)


def ip_of(address: str) -> str:
    """The IP address that the address of a host is; empty where it is a name."""
    try:
        return str(ip_address(address))
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class HostSeen:
    """A host, and what is on it."""

    name: str
    zone: str
    address: str
    engine: str
    memory: int  # bytes that nodes may take; 0: all that its machine has
    taken: int  # bytes that they take, or are to take
    nodes: int  # that are there, or are to come
    draining: bool
    silent: str  # why it does not answer; empty when it does
    known: bool  # whether the control plane works with it; not before the next start if it is the first of all
    joining: bool = False  # see Host


def hosts_of(document: object) -> tuple[Host, ...]:
    """The hosts that a document of JSON or TOML tells of: a list, or `{"hosts": [...]}`, of objects with the fields of
    a `Host`. ValueError, in words for the user, when it is none.
    """
    rows = document.get("hosts") if isinstance(document, Mapping) else document
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise ValueError("it holds no list of hosts")
    hosts = tuple(host_of(row) for row in rows)
    for field in ("name", "engine"):
        values = [getattr(host, field) for host in hosts]
        if twice := next((value for value in values if values.count(value) > 1), None):
            raise ValueError(f"it has two hosts with the {field} {twice}")
    return hosts


def host_of(row: object) -> Host:
    """One of them."""
    if not isinstance(row, Mapping):
        raise ValueError("a host is an object with name, engine, zone and address")
    names = [field.name for field in fields(Host)]
    if unknown := sorted(set(map(str, row)) - set(names)):
        raise ValueError(f"a host has no {unknown[0]}: it has {', '.join(names)}")
    if lacking := [name for name in ("name", "engine", "zone", "address") if name not in row]:
        raise ValueError(f"a host has no {lacking[0]}")
    values: dict[str, Any] = {str(name): value for name, value in row.items()}
    for name, value in values.items():
        kind = _KINDS.get(name, str)
        if type(value) is not kind:
            raise ValueError(f"the {name} of a host is {value!r}, which is no {kind.__name__}")
    return Host(**values)


def counting(hosts: Mapping[str, Host]) -> dict[str, Host]:
    """Those that are not joining."""
    return {name: host for name, host in hosts.items() if not host.joining}


def letters(hosts: Mapping[str, Host]) -> tuple[str, ...]:
    """The letters of the zones that have a host."""
    return tuple(sorted({host.zone for host in counting(hosts).values()}))
