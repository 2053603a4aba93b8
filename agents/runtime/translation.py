"""Containers in the engine's own words: what is asked for, and what is told."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cachewright.agents.planning.containers import ANYWHERE, OUT_OF_MEMORY, Blueprint, Container, Mount, State, Tmpfs
from cachewright.agents.planning.labels import HOLDER, ROLE, present

_PROCESSES = 256
_NEVER_STARTED = "0001-01-01"
_STAMP = re.compile(r"^\d+:[A-Z] \d+ \w+ \d+ [\d:.]+ . ")  # of a line in the log of Redis
_QUOTE = ">>> '"  # before a line of the configuration
_LOGINS = frozenset({"user", "requirepass", "masterauth", "primaryauth"})
_CHECKED = "--- RDB ERROR DETECTED ---"  # an engine has checked a file that it could not load, and says what is wrong
_STARTED = "Server initialized"  # by now the engine has not loaded anything
_UNREAD = "Internal error in RDB reading "  # the reason follows an arrow
_OFFSET = re.compile(r"^\[offset \d+\] ")
_POINTS_ABOVE = ("Fatal error loading the DB", "Critical error while loading ACLs")  # the reason is in the line before

# What is in memory stays there: beside `MemorySwap`, for where swap is not counted. A core would be a file.
_NOWHERE_ELSE: Mapping[str, Any] = {"MemorySwappiness": 0, "Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}]}


def container_config(
    blueprint: Blueprint, network: str, labels: Mapping[str, str], holder: str = "", twin: str = ""
) -> dict[str, Any]:
    """The engine's own words for a blueprint; it has the tmpfs of the container `holder`, if there is one, and
    another address, `twin`, of the other family.

    There is no nofile limit: the engines raise their soft limit to the hard one by themselves, and asking for more
    than the Docker engine has itself would make the start fail.
    """
    published = {
        f"{port.inside}/{port.protocol}": [{"HostIp": port.address, "HostPort": str(port.outside)}]
        for port in blueprint.ports
    }
    own = {"EndpointsConfig": {network: {"IPAMConfig": addresses(blueprint.address, twin)}}}
    return {
        "Image": blueprint.image,
        "Hostname": "" if blueprint.beside else blueprint.name[:63],
        "User": blueprint.user,
        "WorkingDir": blueprint.directory,
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
            "Mounts": _mounts(blueprint, labels, holder),
            "VolumesFrom": [holder] if holder else [],
            "Sysctls": dict(blueprint.sysctls),
            **(_NOWHERE_ELSE if blueprint.tmpfs else {}),
            "NetworkMode": _network(blueprint, network),
            "PidMode": "host" if blueprint.sees_processes else "",
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "5m", "max-file": "2"}},
            "RestartPolicy": {"Name": "unless-stopped" if blueprint.resurrects else "no"},
        },
        "NetworkingConfig": own if blueprint.address and not blueprint.beside else {},
    }


def addresses(*every: str) -> Mapping[str, str]:
    """Addresses of a container by family; those that are chosen for it are not said."""
    said = (address for address in every if address and address != ANYWHERE)
    return {"IPv6Address" if ":" in address else "IPv4Address": address for address in said}


def holder_of(blueprint: Blueprint) -> Blueprint:
    """What keeps a tmpfs for a container that is to be made; it is never started."""
    labels = {**blueprint.labels, ROLE: HOLDER}
    name = f"{blueprint.name}-{HOLDER}"
    return replace(blueprint, name=name, labels=labels, address="", beside="", ports=(), volumes=(), resurrects=False)


def _network(blueprint: Blueprint, network: str) -> str:
    if blueprint.beside:
        return f"container:{blueprint.beside}"
    return network if blueprint.address else "none"


def _mount(mount: Mount, labels: Mapping[str, str]) -> dict[str, Any]:
    """`NoCopy`: what the image has at that path is not put onto a new volume."""
    options = {"NoCopy": True, "Labels": dict(labels)}
    return {"Type": "volume", "Source": mount.volume, "Target": mount.path, "VolumeOptions": options}


def _mounts(blueprint: Blueprint, labels: Mapping[str, str], holder: str) -> list[dict[str, Any]]:
    memory = [] if holder else [_in_memory(one, blueprint.user, labels) for one in blueprint.tmpfs]
    return [*(_mount(mount, labels) for mount in blueprint.volumes), *memory]


def _in_memory(tmpfs: Tmpfs, user: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """A volume without a name, which goes with its container. Docker's archives show nothing of its own kind of tmpfs,
    and of this one everything as long as a container runs that has it.
    """
    uid, gid = user.split(":")
    how = f"nosuid,nodev,noexec,size={tmpfs.size},mode=0700,uid={uid},gid={gid}"
    driver = {"Name": "local", "Options": {"type": "tmpfs", "device": "tmpfs", "o": how}}
    options = {"NoCopy": True, "Labels": dict(labels), "DriverConfig": driver}
    return {"Type": "volume", "Target": tmpfs.path, "VolumeOptions": options}


def seen(details: Mapping[str, Any], network: str) -> Container:
    """A container made for that network, from what `docker inspect` says of it."""
    state, networks = details["State"], details["NetworkSettings"]["Networks"]
    begun = state["StartedAt"]
    return Container(
        name=plain(details["Name"]),
        state=State(state["Status"]),
        labels=present(details["Config"]["Labels"] or {}),
        started_at="" if begun.startswith(_NEVER_STARTED) else begun,
        ending=_ending(state),
        connected=network in networks or _is_beside(details),
        image=details["Image"],
        address=networks.get(network, {}).get("IPAddress", ""),
    )


def never_started(row: Mapping[str, Any], network: str) -> Container:
    """A container that was made only, from what `docker ps` says of it."""
    return Container(
        name=listed_name(row),
        state=State.CREATED,
        labels=present(row["Labels"] or {}),
        started_at="",
        ending="",
        connected=network in row["NetworkSettings"]["Networks"] or _is_beside(row),
        image=row["ImageID"],
    )


def listed_name(row: Mapping[str, Any]) -> str:
    """The name of a container in what `docker ps` says; one that is being removed has none."""
    return plain(row["Names"][0]) if row["Names"] else str(row["Id"])


def _is_beside(details: Mapping[str, Any]) -> bool:
    """Whether it shares the network of another container."""
    return str(details["HostConfig"]["NetworkMode"]).startswith("container:")


def _ending(state: Mapping[str, Any]) -> str:
    if state["Status"] not in (State.EXITED, State.DEAD):
        return ""
    if state["OOMKilled"]:
        return OUT_OF_MEMORY
    return str(state["Error"] or f"exit code {state['ExitCode']}")


def last_words(log: str) -> str:
    """What a process said at its end, on one line, of the last lines of its log. What Redis quotes of its configuration
    stays untold, but for the name of the directive: it may be a login.
    """
    lines = [_STAMP.sub("", line).strip() for line in log.splitlines() if line.strip()]
    if not lines:
        return ""
    quoted = next((line for line in reversed(lines) if line.startswith(_QUOTE)), "")
    name = quoted.removeprefix(_QUOTE).split(" ")[0].strip("'\"")
    if name in _LOGINS:
        return f"{name} is refused"
    reason = _reason(lines)
    return f"{name}: {reason}" if name and reason != quoted else name or reason


def _reason(lines: Sequence[str]) -> str:
    """The last line, but for what only tells of another one. What an engine's own check of a file finds comes first in
    what it prints.
    """
    if _CHECKED in lines[:-1]:
        return _OFFSET.sub("", lines[lines.index(_CHECKED) + 1])
    telling = [line for line in lines if not line.startswith(_POINTS_ABOVE)]
    return (telling or lines)[-1]


def unloadable(log: str) -> str:
    """Why an engine did not load its file, although its process ended well: it has found nothing wrong with the file
    when it checked it, such as one with the types of a module. Empty when it does not say that.
    """
    for line in reversed(log.splitlines()):
        words = _STAMP.sub("", line).strip()
        if words.startswith(_UNREAD):
            return words.partition(" -> ")[2]
        if words == _STARTED:
            break
    return ""


def plain(name: str) -> str:
    """A container's name as everybody else writes it."""
    return name.removeprefix("/")
