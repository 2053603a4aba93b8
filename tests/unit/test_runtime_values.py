"""The runtime's pure parts: network layout, archives, verdicts, what the engine says."""

import io
import tarfile
from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from cachewright.agents.memory.machine import Machine
from cachewright.agents.planning.containers import Blueprint, Container, File, Port, State
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.runtime.archive import archive
from cachewright.agents.runtime.failures import unreachable, verdict
from cachewright.agents.runtime.network import CANDIDATES, Network, free_subnets, local_subnet, routes
from cachewright.agents.runtime.translation import container_config, last_words, seen, unloadable

BEGUN = "2026-01-01T00:00:00Z"
BLUEPRINT = Blueprint("node", "image", ("redis-server", "/cache/x"), "10.200.4.0", 1 << 20, {"cachewright.node": "1"})


def test_every_address_of_the_network_has_one_use() -> None:
    network = Network("n", IPv4Network("10.207.0.0/16"))
    assert (str(network.host), str(network.gateway)) == ("10.207.0.1", "10.207.0.2")
    assert (str(network.first_node), str(network.last_node)) == ("10.207.4.0", "10.207.127.255")
    assert (str(network.endpoints), str(network.guests)) == ("10.207.128.0/18", "10.207.192.0/18")


def test_whoever_has_an_address_has_its_twin() -> None:
    network = Network("n", IPv4Network("10.207.0.0/16"), local_subnet("n"))
    assert network.six is not None
    assert network.six.is_private
    assert local_subnet("n") == network.six != local_subnet("m")
    start = str(network.six[0])
    assert network.twin("10.207.4.0") == f"{start}400"
    assert network.twin(f"{start}400") == "10.207.4.0"
    assert network.endpoints6 == f"{start}8000/114"
    assert Network("n", IPv4Network("10.207.0.0/16")).endpoints6 == ""


def test_a_container_has_both_addresses() -> None:
    config = container_config(BLUEPRINT, "net", {}, twin="fd00::400")
    (place,) = config["NetworkingConfig"]["EndpointsConfig"].values()
    assert place == {"IPAMConfig": {"IPv4Address": "10.200.4.0", "IPv6Address": "fd00::400"}}


def test_taken_subnets_are_avoided_and_the_preferred_comes_first() -> None:
    taken = [IPv4Network("10.200.0.0/15"), IPv4Network("10.202.77.0/24")]
    assert str(next(free_subnets(taken))) == "10.203.0.0/16"
    assert str(next(free_subnets(taken, "10.240.0.0/16"))) == "10.240.0.0/16"
    assert str(next(free_subnets(taken, "10.201.0.0/16"))) == "10.203.0.0/16"
    assert list(free_subnets([IPv4Network("10.0.0.0/8")])) == []
    assert len(list(free_subnets([]))) == len(CANDIDATES) == 50


def test_the_hosts_routes_are_read_but_for_the_default_one() -> None:
    table = (
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "br-1\t0000FB0A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
    )
    assert routes(table) == (IPv4Network("10.251.0.0/16"),)


def test_files_and_their_directories_belong_to_the_containers_user() -> None:
    content = archive([File("/cache/node.conf", b"port 1"), File("/cache/tls/key", b"k", 0o440)], "10001:10002")
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        entries = {entry.name: (entry.isdir(), entry.mode, entry.uid, entry.gid) for entry in tar}
    assert entries == {
        "cache": (True, 0o700, 10001, 10002),
        "cache/tls": (True, 0o700, 10001, 10002),
        "cache/node.conf": (False, 0o400, 10001, 10002),
        "cache/tls/key": (False, 0o440, 10001, 10002),
    }


@pytest.mark.parametrize(
    ("status", "complaint", "kind", "reason"),
    [
        (500, "write /x: no space left on device", Later, "cannot start container n: no space left on device"),
        (403, "Address already in use", Later, "cannot start container n: its address is in use"),
        (500, "Bind for 127.0.0.1:1 failed: port is already allocated", Later, "a published port is in use"),
        (404, "No such image: x:1", Later, "its image is not on the engine"),
        (404, "No such container: n", Later, "it does not exist"),
        (404, "network cachewright-i not found", Later, "its network does not exist"),
        (400, "Minimum memory limit allowed is 6MB", Never, "cannot start container n: Minimum memory limit"),
        (500, "something new", Later, "cannot start container n: something new"),
    ],
)
def test_complaints_become_verdicts(status: int, complaint: str, kind: type[Later | Never], reason: str) -> None:
    told = verdict("start container n", complaint, status)
    assert isinstance(told, kind)
    assert reason in told.reason


def test_no_permission_is_told_apart_from_no_engine() -> None:
    assert "no permission" in unreachable("list containers", PermissionError(13, "Permission denied")).reason
    assert "does not answer" in unreachable("list containers", ConnectionRefusedError()).reason


def test_nodes_run_with_next_to_no_privileges_and_no_secrets() -> None:
    blueprint = Blueprint(
        "n", "i", ("a", "b"), "10.200.4.0", 9 << 20, {}, (File("/c/f", b"hush"),), (Port(1, 2),), ("NET_ADMIN",)
    )
    config = container_config(blueprint, "net", {"owner": "me"})
    host = config["HostConfig"]
    assert (host["CapDrop"], host["CapAdd"], host["SecurityOpt"]) == (["ALL"], ["NET_ADMIN"], ["no-new-privileges"])
    assert host["Memory"] == host["MemorySwap"] == 9 << 20
    assert host["PortBindings"] == {"1/tcp": [{"HostIp": "127.0.0.1", "HostPort": "2"}]}
    assert host["RestartPolicy"] == {"Name": "no"}
    assert (config["Entrypoint"], config["Cmd"], config["Labels"]) == (["a"], ["b"], {"owner": "me"})
    assert "hush" not in f"{config}{blueprint}"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"Status": "running"}, Container("n", State.RUNNING, {"a": "b"}, BEGUN)),
        ({"Status": "exited", "ExitCode": 137}, Container("n", State.EXITED, {"a": "b"}, BEGUN, "exit code 137")),
        ({"Status": "exited", "OOMKilled": True}, Container("n", State.EXITED, {"a": "b"}, BEGUN, "out of memory")),
        ({"Status": "created", "StartedAt": "0001-01-01T00:00:00Z"}, Container("n", State.CREATED, {"a": "b"})),
    ],
)
def test_what_the_engine_says_of_a_container(state: dict[str, object], expected: Container) -> None:
    known = {"StartedAt": BEGUN, "ExitCode": 0, "OOMKilled": False, "Error": ""}
    place = {"HostConfig": {"NetworkMode": "net"}, "NetworkSettings": {"Networks": {"net": {}}}}
    details = {"Name": "/n", "Image": "i", "Config": {"Labels": {"a": "b"}}, "State": {**known, **state}, **place}
    assert seen(details, "net") == replace(expected, image="i")


REFUSED = """*** FATAL CONFIG FILE ERROR (Redis 7.0.15) ***
Reading the configuration file, at line 2
>>> '%s'
argument(s) must be one of the following: volatile-lru, allkeys-lru
"""
BROKEN = """1:M 28 Nov 2026 22:39:47.857 # Short read or OOM loading DB. Unrecoverable error, aborting now.
[offset 0] Checking RDB file dump.rdb
--- RDB ERROR DETECTED ---
[offset 9] Wrong signature trying to load DB from file
[additional info] While doing: start
[info] 0 keys read
[info] 0 expires
[info] 0 already expired
"""
NEWER = """1:M 28 Nov 2026 22:40:15.905 # Can't handle RDB format version 99
1:M 28 Nov 2026 22:40:15.905 # Fatal error loading the DB, check server logs. Exiting.
"""
ALLOWED = "argument(s) must be one of the following: volatile-lru, allkeys-lru"


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("", ""),
        (REFUSED % 'maxmemory-policy "foo"', f"maxmemory-policy: {ALLOWED}"),
        (REFUSED % "user x on >secret", "user is refused"),
        (REFUSED % "requirepass secret", "requirepass is refused"),
        ("1:M 21 Nov 2026 12:32:23.001 # Fatal: no room\n", "Fatal: no room"),
        (">>> 'daemonize maybe'", "daemonize"),
        (BROKEN, "Wrong signature trying to load DB from file"),
        (NEWER, "Can't handle RDB format version 99"),
        ("failed to listen on TCP port 1: Permission denied\n\n", "failed to listen on TCP port 1: Permission denied"),
    ],
)
def test_what_a_process_said_at_its_end(log: str, expected: str) -> None:
    assert last_words(log) == expected


MODULE = """1:M 29 Nov 2026 02:57:26.171 * Server initialized
1:M 29 Nov 2026 02:57:26.172 # Internal error in RDB reading offset 0, function at rdb.c:2939 -> The RDB file contains \
module data I can't load: no matching module type 'EhISEhISE'
[offset 0] Checking RDB file dump.rdb
1:M 29 Nov 2026 02:57:26.172 * Cleaning slot migration log in anticipation of a load operation.
[offset 31] \\o/ RDB looks OK! \\o/
[info] 1 keys read
"""
LOADED = (
    "1:M 29 Nov 2026 02:57:27.171 * Server initialized\n1:M 29 Nov 2026 02:57:27.175 # Redis is now ready to exit\n"
)


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("", ""),
        (LOADED, ""),
        (MODULE, "The RDB file contains module data I can't load: no matching module type 'EhISEhISE'"),
        (MODULE + LOADED, ""),  # another start
    ],
)
def test_what_an_engine_said_that_ended_well_and_loaded_nothing(log: str, expected: str) -> None:
    assert unloadable(log) == expected


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        *(("", False), ("exit code 0", False), ("exit code 137", False), ("out of memory", False)),
        *(("exit code 1", True), ("exit code 1: no room", True), ("exit code 0: no matching module type", True)),
    ],
)
def test_who_is_asked_for_last_words(ending: str, *, expected: bool) -> None:
    assert Container("n", State.EXITED, {}, ending=ending).failed is expected


def machine(*addresses: str) -> Machine:
    made = Machine()
    for number, address in enumerate(addresses):
        made.create(Blueprint(f"n{number}", "i", ("x",), address, 0, {"number": str(number)}), {"number": str(number)})
        made.start(f"n{number}")
    return made


def test_pretend_replicas_have_what_the_primary_has() -> None:
    world = machine("a", "b")
    world.processes.write("a", "k", "1")
    world.processes.follow("b", "a")
    world.processes.write("a", "k", "2")
    replica = world.processes.at("b")
    assert (replica.data, replica.offset, replica.linked, replica.leader) == ({"k": "2"}, 2, True, "a")


def test_a_pretend_failover_keeps_the_data_and_a_restart_loses_it() -> None:
    world = machine("a", "b")
    world.processes.follow("b", "a")
    world.processes.write("a", "k", "1")
    world.kill("n0")
    assert world.processes.at("b").linked is False
    world.processes.follow("b", "")
    world.start("n0")
    assert (world.processes.at("b").data, world.processes.at("a").data) == ({"k": "1"}, {})
    assert world.processes.at("a").boot == 2


def test_stalled_replicas_fall_behind_and_paused_processes_do_not_answer() -> None:
    world = machine("a", "b")
    world.processes.follow("b", "a")
    world.processes.at("b").stalled = True
    world.processes.write("a", "k", "1")
    assert (world.processes.at("b").offset, world.processes.at("b").linked) == (0, False)
    world.pause("n0")
    with pytest.raises(ConnectionError, match="nobody answers at a"):
        world.processes.at("a")
    world.unpause("n0")
    assert world.processes.at("a").data == {"k": "1"}


def test_the_pretend_machine_refuses_launches_on_request() -> None:
    world = Machine()
    world.refusal = lambda blueprint: Later(f"cannot create container {blueprint.name}: no space left on device")
    with pytest.raises(Later, match="no space left"):
        world.create(BLUEPRINT, BLUEPRINT.labels)
    assert world.containers({}) == []
