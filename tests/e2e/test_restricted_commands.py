"""Clients are refused the commands that AWS keeps for itself, and no others; the control plane goes on as ever."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import docker
import pytest
from redis import Redis
from redis.exceptions import NoPermissionError, ResponseError

from tests.e2e.checks import check_copies, check_roles
from tests.e2e.cloud import Cloud, Place, member_places, place, primary_of, redis_at
from tests.e2e.encrypted import GUARDED, PLAIN, TOKEN, Options, insider, verifying
from tests.e2e.plane import Plane, lent
from tests.e2e.sharded import Sharded
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

OF_THE_SERVICE = """
ACL DELUSER nobody|ACL LOAD|ACL SAVE|ACL SETUSER somebody on nopass|BGREWRITEAOF|BGSAVE|CLUSTER ADDSLOTS 1
CLUSTER BUMPEPOCH|CLUSTER DELSLOTS 1|CLUSTER FAILOVER|CLUSTER FLUSHSLOTS|CLUSTER FORGET x|CLUSTER MEET 127.0.0.1 1
CLUSTER REPLICATE x|CLUSTER RESET|CLUSTER RESET HARD|CLUSTER SAVECONFIG|CLUSTER SET-CONFIG-EPOCH 1
CLUSTER SETSLOT 1 STABLE|CONFIG GET *|CONFIG RESETSTAT|CONFIG SET timeout 7|DEBUG SLEEP 0|MIGRATE 127.0.0.1 1 key 0 1
MODULE LOAD /x|MODULE UNLOAD x|REPLICAOF NO ONE|SAVE|SHUTDOWN NOSAVE|SLAVEOF NO ONE|SYNC
"""
SINCE_7 = "CLUSTER ADDSLOTSRANGE 1 2|CLUSTER DELSLOTSRANGE 1 2|CLUSTER LINKS|FAILOVER|FAILOVER ABORT"
OF_CLIENTS = """
ACL CAT|ACL USERS|ACL WHOAMI|CLIENT GETNAME|CLIENT LIST|DBSIZE|INFO
LASTSAVE|MEMORY STATS|PING|ROLE|SCAN 0|SLOWLOG GET
"""
HASHES = "ACL GETUSER default|ACL LIST"
OF_CLUSTERS = "CLUSTER INFO|CLUSTER KEYSLOT x|CLUSTER MYID|CLUSTER NODES|CLUSTER SLOTS"
BUILDS = {"redis 6": ("redis", "6.2"), "redis 7": ("redis", "7.1"), "valkey 8": ("valkey", "8.2")}

every_build = pytest.mark.parametrize(("engine", "version"), BUILDS.values(), ids=BUILDS.keys())


def _commands(text: str) -> list[str]:
    return text.strip().replace("\n", "|").split("|")


def _restricted(version: str) -> list[str]:
    return _commands(OF_THE_SERVICE) + (_commands(SINCE_7) if version != "6.2" else [])


def _refused(client: Redis, command: str) -> bool:
    """Whether the login may not do so; what the engine says otherwise does not matter. Since Redis 7, engines refuse
    DEBUG and MODULE in words of their own before they look at logins.
    """
    try:
        client.execute_command(*command.split())
    except NoPermissionError:
        return True
    except ResponseError as error:
        return str(error).startswith(("DEBUG command not allowed", "MODULE command not allowed"))
    return False


def _check(where: Place, options: Options, version: str, *more: str, shows_none: bool = False) -> None:
    """What a client may do at one node, and what it may not, also from where it could hide. A slow log may have the
    bytes of a key that was slow to arrive.
    """
    with closing(redis_at(where, **options, encoding_errors="replace")) as client:
        assert [command for command in _restricted(version) if not _refused(client, command)] == []
        assert [_refused(client, command) for command in _commands(HASHES)] == [shows_none] * 2
        for command in (*_commands(OF_CLIENTS), *more):
            client.execute_command(*command.split())
        assert client.execute_command("ACL WHOAMI") == "default"
        hidden = client.pipeline(transaction=True)
        hidden.execute_command("CONFIG", "SET", "timeout", "7")
        with pytest.raises(NoPermissionError):
            hidden.execute()


@every_build
@pytest.mark.parametrize("guarded", [False, True], ids=["plain", "guarded"])
def test_a_group(cloud: Cloud, engine: str, version: str, guarded: bool) -> None:
    """It fails over, and takes other values of parameters, although nobody else may tell it to."""
    guest = verifying(cloud.plane, TOKEN) if guarded else PLAIN
    own: dict[str, Any] = GUARDED if guarded else {}
    family = {"6.2": "redis6.x", "7.1": "redis7", "8.2": "valkey8"}[version]
    values = [{"ParameterName": "timeout", "ParameterValue": "77"}]
    cloud.api.create_cache_parameter_group(
        CacheParameterGroupName="own", CacheParameterGroupFamily=family, Description="of a test"
    )
    group = cloud.group("rg", 2, Engine=engine, EngineVersion=version, CacheParameterGroupName="own", **own)
    for where in (*member_places(group).values(), place(group["PrimaryEndpoint"])):
        _check(where, guest, version, shows_none=guarded)
    first = primary_of(group)
    cloud.api.test_failover(ReplicationGroupId="rg", NodeGroupId=group["NodeGroupId"])
    until("another one leads", lambda: primary_of(cloud.shown_group("rg")) != first)
    after = cloud.available_group("rg")
    check_roles(after, guest)
    check_copies(after, guest)
    cloud.api.modify_cache_parameter_group(CacheParameterGroupName="own", ParameterNameValues=values)
    for where in member_places(after).values():
        until("the value is there", lambda: _timeout(cloud, where, guest) == "77")  # noqa: B023 - called at once
        _check(where, guest, version, shows_none=guarded)


def _timeout(cloud: Cloud, where: Place, guest: Options) -> str | None:
    with closing(redis_at(where, **{**guest, **insider(cloud.plane)})) as client:
        return client.config_get("timeout")["timeout"]


@every_build
def test_a_cluster(cloud: Cloud, engine: str, version: str) -> None:
    """It is resharded, although nobody else may move a slot."""
    group = Sharded(cloud, "rg").create(2, 1, Engine=engine, EngineVersion=version)
    for where in group.places.values():
        _check(where, PLAIN, version, *_commands(OF_CLUSTERS))
    group.reshard(3)
    group.check()
    for where in group.places.values():
        _check(where, PLAIN, version, *_commands(OF_CLUSTERS))


def test_tokens_come_and_go(cloud: Cloud) -> None:
    """What a login may do stays when it gets another password."""
    group = cloud.group("rg", 1, TransitEncryptionEnabled=True)
    (where,) = member_places(group).values()
    _check(where, verifying(cloud.plane), "7.1")
    cloud.modified("rg", AuthToken=TOKEN, AuthTokenUpdateStrategy="ROTATE")
    for token in (None, TOKEN):
        _check(where, verifying(cloud.plane, token), "7.1", shows_none=True)


@pytest.fixture(scope="module")
def generous(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane that keeps no command for itself."""
    settings = {"CACHEWRIGHT_RESTRICTED_COMMANDS": "off"}
    with lent(machine, tmp_path_factory.mktemp("generous") / "data", settings) as plane:
        yield plane


def test_the_switch(generous: Plane, machine: docker.DockerClient, account: str) -> None:
    """Everybody may do everything; it counts when a cache is created."""
    cloud = Cloud(generous, machine, account)
    (where,) = member_places(cloud.group("rg", 1)).values()
    with closing(redis_at(where)) as client:
        assert client.config_set("timeout", 7)  # which is set back, see test_deviation
        assert client.execute_command("DEBUG", "SLEEP", "0") == "OK"
    generous.stop()
    restricted = Plane(generous.data_dir, generous.port)
    restricted.up()
    try:
        old, new = where, *member_places(cloud.group("later", 1)).values()
        with closing(redis_at(old)) as client:
            assert client.config_set("timeout", 7)
        _check(new, PLAIN, "7.1")
    finally:
        restricted.stop()
        generous.up()
