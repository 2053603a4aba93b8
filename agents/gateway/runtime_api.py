"""What is said to HAProxy's runtime API and how its answers are read. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cachewright.controlplane.model.cache import Address

MAP = "/gateway/routes.map"
BACKEND = "targets"
TOLD, HELD = "/gateway/lease.map", "held"  # the gateway of a host forgets that it holds its lease when that is over
LEASED = " track lease/held on-marked-down shutdown-sessions"
NOWHERE = "nowhere"
LOOK = (f"show map {MAP}", f"show servers conn {BACKEND}")
LINE = 12_000  # bytes; HAProxy reads a line of commands into one buffer of 16 KiB

_EXPECTED = (
    "New server registered.",
    "Server deleted.",
    # It is tried again by the next call: the sessions were told to end and are about to.
    "Server still has connections attached to it, cannot remove it.",
)


@dataclass(frozen=True, slots=True)
class Held:
    """What HAProxy holds: the entries of the map and the names of the servers."""

    entries: Mapping[str, str]
    servers: frozenset[str]

    def routes(self) -> dict[Address, tuple[Address, ...]]:
        """Where every endpoint leads."""
        endpoints = [key for key in self.entries if "#" not in key]
        return {address(key): tuple(map(address, self._targets(key))) for key in endpoints}

    def _targets(self, endpoint: str) -> Iterator[str]:
        return (self.entries[f"{endpoint}#{turn}"] for turn in range(int(self.entries[endpoint])))


def read(answer: str) -> Held:
    """What HAProxy answers to `LOOK`; raises ValueError when it was cut off."""
    shown, header, servers = answer.partition("# bkname/svname")
    if not header or not answer.endswith("\n\n"):
        raise ValueError("the answer is incomplete")
    entries = dict(line.split()[1:3] for line in shown.splitlines() if line)
    names = (line.split()[0].removeprefix(f"{BACKEND}/") for line in servers.splitlines()[1:] if line)
    return Held(entries, frozenset(names) - {NOWHERE})


def entries(endpoint: Address, targets: Sequence[Address]) -> dict[str, str]:
    """The map's entries of one route; the count comes last, so that a turn that counts is always there."""
    turns = {f"{endpoint}#{turn}": str(target) for turn, target in enumerate(targets)}
    return turns | {str(endpoint): str(len(targets))}


def server(endpoint: Address, target: Address) -> str:
    """The name of the server that has the sessions of `endpoint` to `target`."""
    return f"{endpoint}-{target}"


def pointing(held: Held, endpoint: Address, targets: Sequence[Address], leased: str = "") -> list[str]:
    """The commands that make `endpoint` lead to `targets` only; as long as a lease is held where they are LEASED."""
    wanted = entries(endpoint, targets)
    return [
        *(command for target in targets for command in _serve(held, endpoint, target, leased)),
        *(_enter(held, key, value) for key, value in wanted.items()),
        *_drop(held, endpoint, wanted),
        *_sweep(held, endpoint, targets),
    ]


def forgetting(held: Held, endpoint: Address) -> list[str]:
    """The commands that remove the route of `endpoint`."""
    return [*_drop(held, endpoint, {}), *_sweep(held, endpoint, ())]


def lines(commands: Iterable[str]) -> Iterator[str]:
    """The commands, as few lines as HAProxy reads."""
    line = ""
    for command in commands:
        if line and len(line) + len(command) > LINE:
            yield line
            line = ""
        line = f"{line};{command}" if line else command
    if line:
        yield line


def complaint(answer: str) -> str | None:
    """The first thing in an answer to commands that is not as expected."""
    return next((line for line in answer.splitlines() if line and line not in _EXPECTED), None)


def _serve(held: Held, endpoint: Address, target: Address, leased: str) -> Iterator[str]:
    name = server(endpoint, target)
    if name not in held.servers:
        yield f"add server {BACKEND}/{name} {target} weight 0{leased}"
    yield f"enable server {BACKEND}/{name}"


def _enter(held: Held, key: str, value: str) -> str:
    verb = "set" if key in held.entries else "add"
    return f"{verb} map {MAP} {key} {value}"


def _drop(held: Held, endpoint: Address, wanted: Mapping[str, str]) -> Iterator[str]:
    # The count goes first: the turns that are left count no more.
    for key in sorted(held.entries):
        if key.partition("#")[0] == str(endpoint) and key not in wanted:
            yield f"del map {MAP} {key}"


def _sweep(held: Held, endpoint: Address, targets: Sequence[Address]) -> Iterator[str]:
    # All servers, not only those of this endpoint: what an earlier call could not finish is finished here.
    routes = held.routes() | {endpoint: tuple(targets)}
    wanted = {server(source, target) for source, leads in routes.items() for target in leads}
    for name in sorted(held.servers - wanted):
        yield f"disable server {BACKEND}/{name}"
        yield f"shutdown sessions server {BACKEND}/{name}"
        yield f"del server {BACKEND}/{name}"


def address(text: str) -> Address:
    """What `str` has made of an address."""
    host, _, port = text.rpartition(":")
    return Address(host, int(port))
