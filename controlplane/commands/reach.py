"""Which addresses of containers can be reached from here: found out with a throw-away container."""

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread

from cachewright.agents.directory.program.dns import PROBE, PROBED
from cachewright.agents.planning.containers import Blueprint, Port
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.local_images import Shelf
from cachewright.agents.runtime.network import Network
from cachewright.agents.runtime.runtime import Runtime
from cachewright.controlplane import data_directory
from cachewright.controlplane.commands.checks import Finding, Mark
from cachewright.controlplane.model.node_types import MIB
from cachewright.controlplane.model.versions import VERSIONS
from cachewright.controlplane.settings import EndpointMode, Settings
from cachewright.controlplane.store.locks import Held, locked

SUBJECT = "network"
PORT = 6379
DEADLINE = 5.0  # seconds that the container has to answer
_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "redis": ("redis-server", "--port", str(PORT), "--protected-mode", "no", "--save", ""),
    "valkey": ("valkey-server", "--port", str(PORT), "--protected-mode", "no", "--save", ""),
    "memcached": ("memcached", "-p", str(PORT), "-c", "64"),
}


def network(shelf: Shelf, settings: Settings) -> list[Finding]:
    """Whether endpoints of the chosen kind can be reached from this machine, and whether they may be of IPv6."""
    directory = settings.data_dir
    try:
        data_directory.make(directory)
        with locked(data_directory.probing_lock(directory)):
            return _looked_at(shelf, settings)
    except Held:
        words = f"not looked at: another cachewright looks at it, or clears up, for {directory}"
        return [Finding(SUBJECT, Mark.DOUBTFUL, words, "run cachewright doctor once more")]
    except OSError as error:
        return [Finding(SUBJECT, Mark.DOUBTFUL, f"not looked at: {error.strerror}: {directory}", "see data directory")]


def _looked_at(shelf: Shelf, settings: Settings) -> list[Finding]:
    probe = _probe(shelf)
    if not probe:
        return [Finding(SUBJECT, Mark.DOUBTFUL, "not looked at: there is no engine image", "cachewright images")]
    instance = data_directory.probing(settings.data_dir)
    runtime = DockerRuntime(instance)
    try:
        runtime.raze()  # what one left that was killed
        try:
            reached = _reached(runtime, f"cachewright-{instance}-probe", *probe)
            return [verdict(reached, settings.endpoints), ipv6(answers=_answers_twin(runtime.open_network()))]
        finally:
            runtime.raze()
    except (Later, Never) as failure:
        return [Finding(SUBJECT, Mark.BAD, failure.reason, "see what the container engine logs")]


def ipv6(*, answers: bool | None) -> Finding:
    """Whether caches can have the network types ipv6 and dual_stack. None: containers get no such address."""
    if answers:
        return Finding("IPv6", Mark.GOOD, "containers can be reached by it")
    words = "containers get no address of it" if answers is None else "containers cannot be reached by it"
    remedy = "only caches with NetworkType ipv6 or dual_stack need it: sysctl net.ipv6.conf.all.disable_ipv6=0"
    return Finding("IPv6", Mark.DOUBTFUL, words, remedy)


def _answers_twin(network: Network) -> bool | None:
    """Whether the first node answers at its address of IPv6; None when it has none."""
    return _answers(network.twin(str(network.first_node)), PORT) if network.six else None


def names(settings: Settings) -> Finding:
    """Whether the host names that endpoints are told by are resolved on this machine."""
    subject, where = "host names", settings.host_suffix
    if not settings.hostnames:
        return Finding(subject, Mark.GOOD, "off: endpoints are told as IP addresses")
    if _resolved(f"{PROBE}.{where}") == PROBED:
        return Finding(subject, Mark.GOOD, f"names under {where} are resolved here")
    words = f"names under {where} are not resolved here; containers whose DNS server is the directory resolve them"
    return Finding(subject, Mark.DOUBTFUL, words, "start Cachewright, then route the suffix: cachewright dns")


def _resolved(name: str) -> str:
    """The address that the system's resolver knows; empty when it knows none, or does not answer in time."""
    found: SimpleQueue[str] = SimpleQueue()

    def ask() -> None:
        with suppress(OSError):
            found.put(socket.gethostbyname(name))

    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(DEADLINE)
    return "" if found.empty() else found.get()


def verdict(reached: Mapping[EndpointMode, str], chosen: EndpointMode) -> Finding:
    """What follows from the addresses that answered, by the mode that uses them."""
    seen = ", ".join(f"{address} answers" for address in reached.values())
    if chosen in reached:
        return Finding(SUBJECT, Mark.GOOD, f"{seen}: CACHEWRIGHT_ENDPOINTS={chosen} fits")
    if not reached:
        remedy = "look for a firewall between this machine and the container engine's networks"
        return Finding(SUBJECT, Mark.BAD, "no container can be reached from here", remedy)
    other = next(iter(reached))
    words = f"{seen}, but endpoints of the kind '{chosen}' cannot be reached from here"
    return Finding(SUBJECT, Mark.BAD, words, f"set CACHEWRIGHT_ENDPOINTS={other}")


def _probe(shelf: Shelf) -> tuple[str, tuple[str, ...]] | None:
    """An image and the command that makes it listen."""
    for engine, family in dict.fromkeys((row.engine, row.family) for row in VERSIONS):
        for stocked in shelf.stocked(engine, family):
            return stocked.reference, _COMMANDS[engine]
    return None


def _reached(runtime: Runtime, name: str, image: str, command: tuple[str, ...]) -> dict[EndpointMode, str]:
    address = str(runtime.open_network().first_node)
    outside = _free_port()
    ports = (Port(PORT, outside),)
    runtime.launch(Blueprint(name, image, command, address, 64 * MIB, {}, ports=ports))
    doors = {EndpointMode.DIRECT: (address, PORT), EndpointMode.PUBLISHED: ("127.0.0.1", outside)}
    return {mode: f"{host}:{port}" for mode, (host, port) in doors.items() if _answers(host, port)}


def _answers(host: str, port: int) -> bool:
    """A connection alone proves nothing: Docker's proxy takes it for a container that does not listen."""
    deadline = time.monotonic() + DEADLINE
    while (left := deadline - time.monotonic()) > 0:
        try:
            with socket.create_connection((host, port), left) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(1):
                    return True
        except OSError:
            time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])
