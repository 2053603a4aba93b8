"""The floor of everything that starts containers: the docker command, with the options of ours."""

import json
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from benchmarks.waiting import CannotMeasure, until

GLANCE = 0.002  # seconds between two attempts
NOBODYS = 3 * 256  # the first address of a part of Cachewright's subnet that it gives to nobody
PORT = 6379  # of whatever was created without asking for another
_PATIENCE = 0.5  # seconds for an answer


@dataclass(frozen=True, slots=True)
class Model:
    """A container of Cachewright's, in the words of `docker run`."""

    options: tuple[str, ...]
    image: str
    arguments: tuple[str, ...]
    network: str
    subnet: IPv4Network

    def address(self, number: int) -> str:
        """The address of the copy with that number."""
        return str(self.subnet[NOBODYS + number])


def docker(*words: str) -> str:
    """What a docker command says; CannotMeasure when it fails."""
    done = subprocess.run(["docker", *words], capture_output=True, check=False, text=True)
    if done.returncode != 0:
        raise CannotMeasure(f"cannot docker {words[0]}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout


def container_of(node: str) -> str:
    """The name of the container of a node (`cluster.0001`); CannotMeasure unless exactly one runs."""
    names = docker("ps", "--filter", f"name=-{node}$", "--format", "{{.Names}}").split()
    if len(names) != 1:
        raise CannotMeasure(f"cannot find the container of {node}: {len(names)} run")
    return names[0]


def address_of(node: str) -> str:
    """The address of the container of a node."""
    template = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return docker("inspect", "--format", template, container_of(node)).strip()


def model(node: str) -> Model:
    """How the container of a node was made."""
    return modelled(container_of(node), docker)


def modelled(container: str, told: Callable[..., str]) -> Model:
    """How a container was made, as the `docker` of its engine tells."""
    (seen,) = json.loads(told("inspect", container))
    (network,) = seen["NetworkSettings"]["Networks"]
    (around,) = json.loads(told("network", "inspect", network))
    config = seen["Config"]
    return Model(
        options=(f"--entrypoint={config['Entrypoint'][0]}", *_options(config, seen["HostConfig"])),
        image=config["Image"],
        arguments=(*config["Entrypoint"][1:], *_without_logins(config["Cmd"] or ())),
        network=network,
        subnet=IPv4Network(around["IPAM"]["Config"][0]["Subnet"]),
    )


def _without_logins(words: Sequence[str]) -> Iterator[str]:
    """Ours refuse clients some commands, with which everything is done by hand here."""
    of_login = False
    for word in words:
        of_login = word == "--user" if word.startswith("--") else of_login
        if not of_login:
            yield word


def _options(config: Mapping[str, Any], host: Mapping[str, Any]) -> Iterator[str]:
    yield f"--user={config['User']}"
    yield f"--memory={host['Memory']}"
    yield f"--memory-swap={host['MemorySwap']}"
    yield f"--pids-limit={host['PidsLimit']}"
    yield f"--restart={host['RestartPolicy']['Name']}"
    yield f"--log-driver={host['LogConfig']['Type']}"
    lists: dict[str, Sequence[str]] = {
        "log-opt": [f"{name}={value}" for name, value in host["LogConfig"]["Config"].items()],
        "cap-add": host["CapAdd"] or (),
        "cap-drop": host["CapDrop"] or (),
        "security-opt": host["SecurityOpt"] or (),
    }
    yield from (f"--{option}={value}" for option, values in lists.items() for value in values)


@contextmanager
def copies(model: Model, count: int) -> Iterator[list[str]]:
    """Names for copies of a container, not started; whatever bears them at the end is removed."""
    names = [f"{model.network}-floor-{number}" for number in range(count)]
    try:
        yield names
    finally:
        with suppress(CannotMeasure):  # what was never started cannot be removed
            docker("rm", "--force", "--volumes", *names)


def run(model: Model, number: int, name: str) -> None:
    """Start a copy, and wait until it answers PING."""
    begin(model, number, name)
    until(lambda: b"PONG" in ask(model.address(number), PORT, "PING"), f"a PING of {name}", GLANCE)


def begin(model: Model, number: int, name: str) -> None:
    """Start a copy."""
    place = (f"--network={model.network}", f"--ip={model.address(number)}", f"--name={name}", f"--hostname={name[:63]}")
    docker("run", "--detach", *place, *model.options, model.image, *model.arguments)


def ask(host: str, port: int, command: str) -> bytes:
    """The first bytes of a server's answer; none when it does not answer."""
    try:
        with socket.create_connection((host, port), _PATIENCE) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(1 << 16)
    except OSError:
        return b""
