"""Containers in the engine's own words: what is asked for, and what is told."""

from collections.abc import Mapping
from typing import Any

from agents.planning.containers import Blueprint, Container, State

_PROCESSES = 256
_NEVER_STARTED = "0001-01-01"


def container_config(blueprint: Blueprint, network: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """The engine's own words for a blueprint.

    There is no nofile limit: the engines raise their soft limit to the hard one by themselves, and asking for more
    than the Docker engine has itself would make the start fail.
    """
    published = {
        f"{port.inside}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port.outside)}] for port in blueprint.ports
    }
    own = {"EndpointsConfig": {network: {"IPAMConfig": {"IPv4Address": blueprint.address}}}}
    return {
        "Image": blueprint.image,
        "Hostname": "" if blueprint.beside else blueprint.name[:63],
        "User": blueprint.user,
        "Entrypoint": list(blueprint.command[:1]),  # the image's own never runs
        "Cmd": list(blueprint.command[1:]),
        "Labels": {**blueprint.labels, **labels},
        "ExposedPorts": {key: {} for key in published},
        "HostConfig": {
            "CapDrop": ["ALL"],
            "CapAdd": list(blueprint.capabilities),
            "SecurityOpt": ["no-new-privileges"],
            "PidsLimit": _PROCESSES,
            "Memory": blueprint.memory,
            "MemorySwap": blueprint.memory,
            "PortBindings": published,
            "NetworkMode": f"container:{blueprint.beside}" if blueprint.beside else network,
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "5m", "max-file": "2"}},
            "RestartPolicy": {"Name": "unless-stopped" if blueprint.resurrects else "no"},
        },
        "NetworkingConfig": {} if blueprint.beside else own,
    }


def seen(details: Mapping[str, Any]) -> Container:
    """A container, from what `docker inspect` says of it."""
    state = details["State"]
    begun = state["StartedAt"]
    return Container(
        name=plain(details["Name"]),
        state=State(state["Status"]),
        labels=details["Config"]["Labels"] or {},
        started_at="" if begun.startswith(_NEVER_STARTED) else begun,
        ending=_ending(state),
    )


def _ending(state: Mapping[str, Any]) -> str:
    if state["Status"] not in (State.EXITED, State.DEAD):
        return ""
    if state["OOMKilled"]:
        return "out of memory"
    return str(state["Error"] or f"exit code {state['ExitCode']}")


def plain(name: str) -> str:
    """A container's name as everybody else writes it."""
    return name.removeprefix("/")
