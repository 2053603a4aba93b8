"""What each build of an engine knows is decided upon: kept from clients, or left to them. How users are sent away."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from cachewright.agents.engines.redis import info
from cachewright.agents.engines.redis.acl import RedisAcl
from cachewright.agents.engines.redis.acl_rules import Credentials, everything
from cachewright.agents.engines.redis.connections import Connections, borrowed
from cachewright.agents.engines.redis.restricted_commands import LEFT, restrictions
from cachewright.agents.planning.containers import Blueprint
from cachewright.agents.planning.links import Reach
from cachewright.agents.runtime.connection import Engine
from cachewright.agents.runtime.docker import DockerRuntime
from cachewright.agents.runtime.images import Images
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.metrics.commands import FAMILIES
from cachewright.controlplane.model.restricted_commands import KEPT
from cachewright.controlplane.model.versions import Engine as EngineName
from cachewright.controlplane.model.versions import requested_version
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

BUILDS = [
    (EngineName.REDIS, "6.2"),
    (EngineName.REDIS, "7.1"),
    (EngineName.VALKEY, "8.0"),
    (EngineName.VALKEY, "8.1"),
    (EngineName.VALKEY, "9.1"),
]
NO_COMMANDS = frozenset({"host:", "post"})  # lines of HTTP, which end a connection
DECIDED_IN_PARTS = frozenset({"acl", "cluster", "module"})
WORRYING = frozenset({"admin", "@admin", "@dangerous"})


@pytest.fixture(scope="module", params=BUILDS, ids=lambda row: f"{row[0]}-{row[1]}")
def client(request: pytest.FixtureRequest) -> Iterator[Redis]:
    """A client of a build that was started without any rule."""
    row = requested_version(*request.param)
    engine = Engine()
    image = Images(engine).find(row.engine, row.version, row.family, row.upstream).reference
    instance = f"cwrt-{uuid.uuid4().hex[:8]}"
    runtime = DockerRuntime(instance, engine)
    try:
        network = runtime.open_network()
        command = (f"{row.engine}-server", "--protected-mode", "no", "--save", "", "--cluster-enabled", "yes")
        where = str(network.first_node)
        runtime.launch(Blueprint(f"{instance}-build", image, (*command, "--dir", "/tmp"), where, 64 << 20, {}))
        found = Redis(where, protocol=2, socket_timeout=2)
        until("the engine answers", lambda: _answers(found))
        yield found
        found.close()
    finally:
        runtime.raze()


def _answers(client: Redis) -> bool:
    try:
        return bool(client.execute_command("PING"))
    except RedisError:
        return False


def _commands(client: Redis) -> Iterator[tuple[str, frozenset[str]]]:
    """Every command, and since Redis 7 every part of one, with what the engine says of it."""
    with borrowed(client) as connection:
        connection.send_command("COMMAND")
        for row in connection.read_response():
            yield from _named(row)


def _named(row: Any) -> Iterator[tuple[str, frozenset[str]]]:
    said = frozenset(word.decode() for word in (*row[2], *row[6]))
    yield row[0].decode(), said
    for part in row[9] if len(row) > 9 else ():
        yield from _named(part)


def test_every_command_that_may_do_harm_is_decided_upon(client: Redis) -> None:
    every = dict(_commands(client))
    whole = {name.partition("|")[0] for name in every if "|" in name}
    open_ = {
        name
        for name, said in every.items()
        if name not in (*KEPT, *LEFT, *DECIDED_IN_PARTS)
        and (said & WORRYING or name.partition("|")[0] in DECIDED_IN_PARTS)
        and name not in whole
        and name.partition("|")[0] not in KEPT
    }
    assert open_ == set()


def test_every_part_of_a_command_before_redis_7_is_decided_upon(client: Redis) -> None:
    """Each tells its own parts, in capitals."""
    for command in sorted(DECIDED_IN_PARTS):
        lines = [line.decode() for line in client.execute_command(command, "HELP")]
        parts = {f"{command}|{line.split()[0].lower()}" for line in lines[1:] if line[:1].isupper()}
        assert {part for part in parts if part not in (*KEPT, *LEFT)} == set()


def test_the_engine_takes_the_rules_and_refuses_what_is_kept(client: Redis) -> None:
    version = info.own_version(client)
    client.execute_command(
        "ACL", "SETUSER", "client", "reset", "on", "nopass", *everything(version), *restrictions(version)
    )
    known = [name for name, since in KEPT.items() if version >= since]
    where = client.connection_pool.connection_kwargs["host"]
    guest = Redis(where, username="client", password="x", protocol=2, socket_timeout=2)
    assert [name for name in known if not _refused(guest, name)] == []
    assert [name for name in ("cluster|info", "cluster|slots", "client|list", "info") if _refused(guest, name)] == []
    guest.close()


def _refused(client: Redis, name: str) -> bool:
    """Engines look at the number of arguments first: as many are tried as a command may want."""
    for number in range(6):
        try:
            client.execute_command(*("config|get" if name == "config" else name).split("|"), *["1"] * number)
        except NoPermissionError:
            return True
        except ResponseError as error:
            if str(error).startswith(("DEBUG command not allowed", "MODULE command not allowed")):
                return True
    return False


def test_connections_of_a_user_end_at_an_age(client: Redis) -> None:
    client.execute_command("ACL", "SETUSER", "guest", "reset", "on", "nopass", *everything(info.own_version(client)))
    where = client.connection_pool.connection_kwargs["host"]
    acl, node = RedisAcl(Connections(lambda: Credentials("", Path()))), Reach(Address(where, 6379))
    with closing(Redis(where, username="guest", password="x", protocol=2, socket_timeout=2)) as guest:
        first = guest.client_id()
        acl.end_connections(node, "guest", 3600)
        acl.end_connections(node, "default", 3600)
        assert guest.client_id() == first
        until("it is a second old", lambda: _age(client, first) >= 1)
        acl.end_connections(node, "guest", 1)
        assert _age(client, first) == -1


def _age(client: Redis, connection: int) -> int:
    """Seconds for which a connection has been there; -1 when there is none."""
    every: Any = client.client_list()
    return next((int(one["age"]) for one in every if int(one["id"]) == connection), -1)


def test_every_command_is_of_a_family_of_metrics_that_knows_what_it_does(client: Redis) -> None:
    """Since Redis 7 of a command in parts each part says by itself what it does."""
    flags = {name: said for name, said in _commands(client) if "|" not in name and name not in NO_COMMANDS}
    assert flags.keys() - frozenset[str]().union(*FAMILIES.values()) == set()
    writes, reads = ({name for name, said in flags.items() if word in said} for word in ("write", "readonly"))
    assert (writes & FAMILIES["GetTypeCmds"], reads & FAMILIES["SetTypeCmds"]) == (set(), set())
