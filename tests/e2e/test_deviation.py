"""Clients that may do everything tell nodes otherwise; within seconds all is as it was decided, or decided anew."""

import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Any

import docker
import pytest
from redis import Redis
from redis.exceptions import RedisError

from cachewright.agents.planning.nodes.lifecycle import UNTEACHABLE
from tests.e2e.checks import check_roles
from tests.e2e.cloud import Cloud, Place, member_places, place, primary_of, redis_at
from tests.e2e.encrypted import GUARDED, PLAIN, TOKEN, Options, verifying
from tests.e2e.plane import Plane, lent
from tests.e2e.sharded import Sharded
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

QUICK = 5.0  # seconds that noticing and mending may take, on a busy machine; two on an idle one


@pytest.fixture(scope="module")
def generous(machine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A control plane that keeps no command for itself."""
    settings = {"CACHEWRIGHT_RESTRICTED_COMMANDS": "off"}
    with lent(machine, tmp_path_factory.mktemp("deviation") / "data", settings) as plane:
        yield plane


@pytest.fixture
def free(generous: Plane, machine: docker.DockerClient, account: str) -> Iterator[Cloud]:
    """An account of that control plane."""
    cloud = Cloud(generous, machine, account)
    yield cloud
    cloud.leave()


def say(where: Place, options: Options, *words: str) -> Any:
    """One command."""
    with closing(redis_at(where, **options)) as client:
        return client.execute_command(*words)


def leads(where: Place, options: Options) -> bool:
    """Whether a node calls itself a primary; no while it does not answer."""
    try:
        return bool(say(where, options, "ROLE")[0] == "master")
    except RedisError:
        return False


def mended(cloud: Cloud, options: Options, without: str = "") -> bool:
    """Whether the group is available, and just the node that is told to lead does so, which is another one than this.
    It is told once: what another answer would tell may be of another moment.
    """
    whole = cloud.whole_group("rg")
    group = whole["NodeGroups"][0]
    if whole["Status"] != "available" or primary_of(group) == without:
        return False
    return [name for name, where in member_places(group).items() if leads(where, options)] == [primary_of(group)]


def test_of_two_primaries_one_stays(free: Cloud) -> None:
    group = free.group("rg")
    primary = primary_of(group)
    rebel = next(name for name in member_places(group) if name != primary)
    say(member_places(group)[rebel], PLAIN, "REPLICAOF", "NO", "ONE")
    until("one primary is left", partial(mended, free, PLAIN), QUICK)
    assert primary_of(free.shown_group("rg")) == primary
    assert "Recovering cache nodes 0001" in {message for _, message in free.messages(rebel)}


@pytest.mark.parametrize("guarded", [False, True], ids=["plain", "guarded"])
def test_a_failover_of_a_client_stands(free: Cloud, guarded: bool) -> None:
    options = verifying(free.plane, TOKEN) if guarded else PLAIN
    group = free.group("rg", **(GUARDED if guarded else {}))
    primary = primary_of(group)
    entrance = place(group["PrimaryEndpoint"])
    say(entrance, options, "SET", "before", "1")
    say(member_places(group)[primary], options, "FAILOVER")
    until("another one leads", partial(mended, free, options, primary), QUICK)
    check_roles(free.shown_group("rg"), options)
    assert say(entrance, options, "GET", "before") == "1"
    say(entrance, options, "SET", "after", "1")


def test_a_replica_that_cannot_log_in_at_its_primary_is_seen_and_rebuilt(free: Cloud) -> None:
    group = free.group("rg")
    lost = next(name for name in member_places(group) if name != primary_of(group))
    where = member_places(group)[lost]
    say(where, PLAIN, "CONFIG", "SET", "masterauth", "another")
    say(where, PLAIN, "CLIENT", "KILL", "TYPE", "master")
    until("it is seen", lambda: free.shown_group("rg")["Status"] == "modifying", QUICK)
    until("it is rebuilt", partial(mended, free, PLAIN))
    assert say(where, PLAIN, "ROLE")[3] == "connected"
    assert {"Recovering cache nodes 0001", "Finished recovery for cache nodes 0001"} <= {
        message for _, message in free.messages(lost)
    }


ENGINES = {"redis": "7.1", "valkey": "8.0"}
LOGINS = {
    "no agent": ("ACL", "DELUSER", "cachewright"),
    "agent off": ("ACL", "SETUSER", "cachewright", "off"),
    "other password": ("ACL", "SETUSER", "cachewright", "resetpass", ">other"),
    "nobody": ("ACL", "SETUSER", "default", "off"),
    "less for clients": ("ACL", "SETUSER", "default", "-get"),
    "no name": ("ACL", "DELUSER", "cachewright:"),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_logins_that_a_client_changed_are_set_again(free: Cloud, engine: str) -> None:
    group = free.group("rg", 2, Engine=engine, EngineVersion=ENGINES[engine])
    where = member_places(group)[primary_of(group)]
    say(where, PLAIN, "SET", "key", "value")
    before = listed_logins(where)
    for words in LOGINS.values():
        marker = next(line.split()[1] for line in before if line.startswith("user cachewright:"))
        say(where, PLAIN, *(marker if word == "cachewright:" else word for word in words))
        until(f"they are as they were after {words}", lambda: listed_logins(where) == before, QUICK)
        until("the group rests", partial(mended, free, PLAIN), QUICK)
    assert say(where, PLAIN, "GET", "key") == "value", "nothing was rebuilt"
    assert sum("logins" in message for _, message in free.messages("rg")) >= len(LOGINS) - 1


def test_a_node_that_shuts_cachewright_out_is_replaced_by_a_replica(free: Cloud) -> None:
    options = verifying(free.plane, TOKEN)
    group = free.group("rg", 2, **GUARDED)
    lost = primary_of(group)
    say(place(group["PrimaryEndpoint"]), options, "SET", "key", "value")
    say(member_places(group)[lost], options, "ACL", "DELUSER", "cachewright")
    until("it is told", lambda: any("does not let" in message for _, message in free.messages("rg")), QUICK)
    until("another one leads", partial(mended, free, options, lost))
    assert say(place(group["PrimaryEndpoint"]), options, "GET", "key") == "value"


def test_the_only_copy_is_kept_although_it_shuts_cachewright_out(free: Cloud) -> None:
    options = verifying(free.plane, TOKEN)
    group = free.group("rg", 1, **GUARDED)
    where = member_places(group)[primary_of(group)]
    say(where, options, "SET", "key", "value")
    say(where, options, "ACL", "DELUSER", "cachewright")
    begun = time.monotonic()
    until("it would be rebuilt", lambda: time.monotonic() - begun > 1.5 * UNTEACHABLE.seconds)
    assert free.whole_group("rg")["Status"] == "modifying"
    assert say(where, options, "GET", "key") == "value"
    assert any("nobody else holds its data" in message for _, message in free.messages("rg"))
    free.api.reboot_cache_cluster(CacheClusterId=primary_of(group), CacheNodeIdsToReboot=["0001"])
    until("it is empty", partial(mended, free, options))


def listed_logins(where: Place) -> list[str]:
    """What the node says of its logins; nothing to those who cannot enter."""
    try:
        return sorted(say(where, PLAIN, "ACL", "LIST"))
    except RedisError:
        return []


@pytest.mark.parametrize("version", ["6.0", "7.1"])
def test_values_that_a_client_set_are_set_again(free: Cloud, version: str) -> None:
    group = free.group("rg", 2, EngineVersion=version)
    where = member_places(group)[primary_of(group)]
    before = say(where, PLAIN, "CONFIG", "GET", "maxmemory*")
    say(where, PLAIN, "CONFIG", "SET", "maxmemory-policy", "allkeys-random")
    until("they are as they were", lambda: say(where, PLAIN, "CONFIG", "GET", "maxmemory*") == before, QUICK)
    until("the group rests", partial(mended, free, PLAIN), QUICK)
    assert any("parameters" in message for _, message in free.messages("rg"))


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_client_did_to_slots_and_members_is_undone(free: Cloud, engine: str) -> None:
    cluster = Sharded(free, "rg").create(2, 1, Engine=engine, EngineVersion=ENGINES[engine])
    (one, _), (other, _) = cluster.members["0001"], cluster.members["0002"]
    here, there = cluster.places[one], cluster.places[other]
    far = say(there, PLAIN, "CLUSTER", "MYID")
    before = cluster.told_slots()
    for words in (
        ("SETSLOT", "7", "MIGRATING", far),
        ("SETSLOT", "16000", "IMPORTING", far),
        ("DELSLOTS", "8", "9"),
    ):
        _say_and_hear(free, here, "slots", *words)
        cluster.available()
        cluster.check()
        assert "->-" not in str(say(here, PLAIN, "CLUSTER", "NODES"))
        assert "-<-" not in str(say(here, PLAIN, "CLUSTER", "NODES"))
    _say_and_hear(free, here, "known cluster nodes", "FORGET", far)
    until("all know each other", lambda: cluster.told_slots() == before, QUICK)


def _say_and_hear(cloud: Cloud, where: Place, what: str, *words: str) -> None:
    """Tell a node something of its cluster, until the group's events say what was changed once more. A node that was
    told to forget another goes on telling others to do so for a minute, so that this comes again after it is mended.
    """
    told = [message for _, message in cloud.messages("rg")]
    say(where, PLAIN, "CLUSTER", *words)
    until(f"{words} is told", lambda: any(what in message for _, message in cloud.messages("rg")[len(told) :]), QUICK)


@pytest.mark.parametrize("way", ["SOFT", "HARD"])
def test_a_cluster_node_that_was_reset_comes_back(free: Cloud, way: str) -> None:
    cluster = Sharded(free, "rg").create(3, 1)
    before = {name: say(where, PLAIN, "CLUSTER", "MYID") for name, where in cluster.places.items()}
    lost = cluster.members["0001"][1]
    say(cluster.places[lost], PLAIN, "CLUSTER", "RESET", way)
    until("it knows everybody", lambda: knows_all(cluster, lost))
    cluster.available()
    cluster.check()
    assert {name: say(where, PLAIN, "CLUSTER", "MYID") for name, where in cluster.places.items()} == before


def knows_all(cluster: Sharded, name: str) -> bool:
    """Whether a node knows the six of them."""
    try:
        return "cluster_known_nodes:6" in str(say(cluster.places[name], PLAIN, "CLUSTER", "INFO"))
    except RedisError:
        return False


def test_shards_that_come_again_at_once_are_known_to_everybody(free: Cloud) -> None:
    cluster = Sharded(free, "rg").create(2, 1)
    cluster.reshard(3)
    cluster.reshard(2, NodeGroupsToRemove=["0003"])
    cluster.ask_shards(3)
    for moment in (0.7, 2.0):
        begun = time.monotonic()
        until("time has passed", lambda: time.monotonic() - begun > moment)  # noqa: B023 - looked at in this turn
        free.plane.kill()
        free.plane.up()
    cluster.available()
    for name, where in cluster.places.items():
        assert listed(where) == 6, name


def listed(where: Place) -> int:
    """How many nodes a node tells clients of."""
    with closing(Redis(*where)) as client:
        rows = client.connection_pool.get_connection()
        rows.send_command("CLUSTER", "SLOTS")
        answer: Any = rows.read_response()
        client.connection_pool.release(rows)
    return len({node[2] for row in answer for node in row[2:]})


def test_every_replica_is_listed_as_soon_as_the_group_is_available(free: Cloud) -> None:
    cluster = Sharded(free, "rg").create(3, 1)
    assert [listed(where) for where in cluster.places.values()] == [6] * 6
    free.api.increase_replica_count(ReplicationGroupId="rg", NewReplicaCount=2, ApplyImmediately=True)
    cluster.available()
    assert [listed(where) for where in cluster.places.values()] == [9] * 9


def test_a_container_that_was_renamed_is_replaced_when_it_hangs(free: Cloud, machine: docker.DockerClient) -> None:
    free.cluster("one")
    container = next(iter(free.containers().values()))
    container.rename(f"{container.name}-mine")
    machine.containers.get(container.id).kill("SIGSTOP")
    until(
        "it is replaced", lambda: named(machine, container.labels["cachewright.node"], free.account) == [container.name]
    )
    free.available_cluster("one")
    free.containers()


def named(machine: docker.DockerClient, node: str, account: str) -> list[str]:
    """The names of all containers of a node."""
    every = machine.containers.list(all=True, filters={"label": f"cachewright.node={node}"}, ignore_removed=True)
    return [one.name for one in every if one.labels["cachewright.cache"].startswith(f"{account}/")]
