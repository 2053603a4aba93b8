"""Users of user groups: how soon nodes enforce another access string, and what users cost those who send commands."""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from redis import Redis
from redis.exceptions import NoPermissionError, ReadOnlyError

from benchmarks.docker import PORT, Model, address_of, docker, model
from benchmarks.figures import Row, alternated
from benchmarks.plane import WATCH, Plane
from benchmarks.process import data_directory, serving
from benchmarks.waiting import CannotMeasure, milliseconds, until
from benchmarks.wire import told

NODES, MEMBERS = 20, 5  # altogether, and of each replication group
PASSWORD = "correct-horse-battery-staple"
USER, GROUP = "bench-app", "bench-users"
ENFORCED_BAR, RATE_BAR = 1.2, 1 / 0.95
GLANCE = 0.0005  # seconds between two looks at a node
AGENT = "cachewright"
TLS: Mapping[str, str | int] = {"TransitEncryptionEnabled": "true"}
GUARDED: Mapping[str, str | int] = {**TLS, "UserGroupIds.member.1": GROUP}
ALONE: Mapping[str, str | int] = {"NumCacheClusters": 1, "AutomaticFailoverEnabled": "false"}

_READS, _WRITES = "on ~* +@read +ping", "on ~* +@read +ping +@write"


def users(rounds: int) -> Iterator[Row]:
    """A user of four groups of five nodes, and one of a node that another one is compared with."""
    with data_directory() as directory, serving(directory) as served:
        _create_user(served)
        yield _enforced(served, directory, rounds)
        yield from _rates(served, rounds)


def _enforced(served: Plane, directory: Path, rounds: int) -> Row:
    names = [f"bench-five-{number}" for number in range(NODES // MEMBERS)]
    for name in names:
        served.create_group(name, {"NumCacheClusters": MEMBERS, **GUARDED})
    hosts = [address_of(f"{name}-{number:03}.0001") for name in names for number in range(1, MEMBERS + 1)]
    with ExitStack() as stack:
        clients = [stack.enter_context(closing(_client(directory, host, USER, PASSWORD))) for host in hosts]
        nodes = _Nodes(served, directory, hosts, clients, cycle((True, False)))
        ours, floor = alternated(rounds, nodes.ours, nodes.floor)
    for name in names:
        served.delete("ReplicationGroup", name)
    what = f"ModifyUser of an access string, until {NODES} nodes of {len(names)} groups of {MEMBERS} enforce it"
    floor_is = f"{NODES} `ACL SETUSER` one after another, each from a fresh redis-py client"
    return Row(what, "ms", ours, floor, floor_is, ENFORCED_BAR)


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Connections of the user, which are kept: looking costs next to nothing."""

    served: Plane
    directory: Path
    hosts: Sequence[str]
    clients: Sequence[Redis]
    turns: Iterator[bool]

    def ours(self) -> float:
        """One change through the API, and a rest that does not count."""
        writes = next(self.turns)
        took = milliseconds(lambda: self._change(writes=writes))
        until(self._is_active, f"user {USER} active", WATCH)
        return took

    def floor(self) -> float:
        """The same by hand, of somebody who is nobody's."""
        return milliseconds(self._set_all)

    def _change(self, *, writes: bool) -> None:
        asked = {"UserId": USER, "AccessString": _WRITES if writes else _READS}
        self.served.client.call("ModifyUser", asked)
        for client in self.clients:
            until(lambda: _may_write(client) is writes, "the access string", GLANCE)  # noqa: B023 - called at once

    def _is_active(self) -> bool:
        return told(self.served.client.call("DescribeUsers", {"UserId": USER}), "Status") == "active"

    def _set_all(self) -> None:
        secret = (self.directory / "agent.secret").read_text()
        for host in self.hosts:
            with closing(_client(self.directory, host, AGENT, secret)) as client:
                client.execute_command("ACL", "SETUSER", "by-hand", "reset", *_WRITES.split())


def _may_write(client: Redis) -> bool:
    """Whether its user may; a replica refuses writes after it has let the user do so."""
    try:
        client.execute_command("SET", "measured", "1")
    except NoPermissionError:
        return False
    except ReadOnlyError:
        return True
    return True


def _client(directory: Path, host: str, user: str, password: str) -> Redis:
    return Redis(
        host,
        PORT,
        username=user,
        password=password,
        ssl=True,
        ssl_ca_certs=str(directory / "ca.pem"),
        ssl_min_version=ssl.TLSVersion.TLSv1_2,
    )


def _rates(served: Plane, rounds: int) -> Iterator[Row]:
    """redis-benchmark, run in a container on the same network: time for each command."""
    served.create_group("bench-guarded", {**ALONE, **GUARDED})
    served.create_group("bench-open", {**ALONE, **TLS})
    served.client.call("ModifyUser", {"UserId": USER, "AccessString": _WRITES})
    guarded, free = model("bench-guarded-001.0001"), address_of("bench-open-001.0001")
    login = ("--user", USER, "-a", PASSWORD)
    ours, floor = alternated(
        rounds,
        lambda: _take(guarded, address_of("bench-guarded-001.0001"), login),
        lambda: _take(guarded, free, ()),
    )
    name = "SET of a user with a password, 50 clients, pipeline 16, encrypted"
    yield Row(name, "us/command", ours, floor, "the same node without users", RATE_BAR)


def _take(node: Model, host: str, login: Sequence[str]) -> float:
    inside = ("--rm", f"--network={node.network}", "--entrypoint=redis-benchmark", node.image)
    size = ("-n", "300000", "-c", "50", "-P", "16", "--tls", "--insecure")
    return _said(docker("run", *inside, "-h", host, "-p", str(PORT), *login, "-t", "set", *size, "--csv"))


def _said(table: str) -> float:
    for line in table.splitlines():
        name, rate, *_ = line.replace('"', "").split(",")
        if name == "SET":
            return 1e6 / float(rate)
    raise CannotMeasure("cannot read what redis-benchmark says")


def _create_user(served: Plane) -> None:
    asked: Mapping[str, str | int] = {"UserId": USER, "UserName": USER, "Engine": "redis", "AccessString": _READS}
    served.client.call("CreateUser", {**asked, "Passwords.member.1": PASSWORD})
    group: Mapping[str, str | int] = {"UserGroupId": GROUP, "Engine": "redis", "UserIds.member.1": "default"}
    served.client.call("CreateUserGroup", {**group, "UserIds.member.2": USER})
