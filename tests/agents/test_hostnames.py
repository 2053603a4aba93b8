"""Host names over a whole life: what callers are told, and what certificates are made out for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from cachewright.agents.directory.directory import Directory
from cachewright.agents.directory.program.contact import STATE
from cachewright.agents.directory.program.listing import state_from_json
from cachewright.agents.engines.tls import HOME
from cachewright.agents.memory.directory import MemoryDirectory
from cachewright.agents.planning.actions import PublishDns
from cachewright.agents.planning.images import DIRECTORY as NEED
from cachewright.agents.planning.images import Fetch
from cachewright.agents.planning.labels import DIRECTORY
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.reconcile.act.dns import owner, set_names
from cachewright.agents.system.directory import DirectoryController
from cachewright.controlplane.model.cache import Address, Key, Kind
from cachewright.controlplane.model.hostnames import Naming, token
from tests.agents.test_crashes import Crash, Fuse
from tests.house import ACCOUNT, MODES, REGION, House, house

NAMES = Naming("cache.example.test", on=True)
END = f"use1.{NAMES.suffix}"
OWN = token(ACCOUNT, REGION, "rg")
PLAIN = {f"rg.{OWN}.ng.0001.{END}", f"rg-ro.{OWN}.ng.0001.{END}", *(f"rg-00{n}.{OWN}.0001.{END}" for n in (1, 2))}
SECURE = {f"{name}.rg.{OWN}.{END}" for name in ("master", "replica", "rg-001", "rg-002")}


@pytest.fixture
def home(tmp_path: Path) -> House:
    built = house(tmp_path)
    call(built, NAMES)
    return built


def call(home: House, naming: Naming) -> None:
    """The agent begins again with another setting, and looks at everything."""
    home.naming = naming
    home.restart()
    home.settle()


def group(home: House) -> set[str]:
    """Every address that callers are told of the group."""
    (shown,) = home.call("DescribeReplicationGroups", ReplicationGroupId="rg")["ReplicationGroups"]
    (shard,) = shown["NodeGroups"]
    members = (member["ReadEndpoint"] for member in shard["NodeGroupMembers"])
    return {place["Address"] for place in (shard["PrimaryEndpoint"], shard["ReaderEndpoint"], *members)}


def cluster(home: House, name: str) -> dict[str, Any]:
    """A cache cluster with its nodes."""
    answer = home.call("DescribeCacheClusters", CacheClusterId=name, ShowCacheNodeInfo=True)
    return dict(answer["CacheClusters"][0])


def certified(home: House, node: str) -> set[str]:
    """The host names in a node's certificate."""
    content = home.machine.files(home.container(node))[f"{HOME}/node.crt"]
    certificate = x509.load_pem_x509_certificate(content)
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return set(alternatives.get_values_for_type(x509.DNSName))


def test_a_group(home: House) -> None:
    home.group(nodes=2)
    assert group(home) == PLAIN
    (node,) = cluster(home, "rg-001")["CacheNodes"]
    assert node["Endpoint"]["Address"] == f"rg-001.{OWN}.0001.{END}"


def test_a_memcached_cluster(home: House) -> None:
    home.cluster("mc", Engine="memcached", NumCacheNodes=2)
    shown, own = cluster(home, "mc"), token(ACCOUNT, REGION, "mc")
    assert shown["ConfigurationEndpoint"] == {"Address": f"mc.{own}.cfg.{END}", "Port": 11211}
    nodes = [node["Endpoint"]["Address"] for node in shown["CacheNodes"]]
    assert nodes == [f"mc.{own}.0001.{END}", f"mc.{own}.0002.{END}"]


def test_encryption_that_comes_later(home: House) -> None:
    """Callers are told other names then; those that they know already stay, in DNS and in certificates."""
    before = home.group(nodes=2)
    for mode in ("preferred", "required"):
        asked = {"TransitEncryptionEnabled": True, "TransitEncryptionMode": mode, "ApplyImmediately": True}
        home.call("ModifyReplicationGroup", ReplicationGroupId="rg", **asked)
        home.settle()
    assert group(home) == SECURE
    after = NAMES.records(home.cache(Kind.REPLICATION_GROUP, "rg"))
    assert NAMES.records(before).items() <= after.items()
    endpoints = {name for name in PLAIN | SECURE if "rg-00" not in name}
    for node in ("rg-001", "rg-002"):
        own = {name for name in PLAIN | SECURE if name.startswith(node)}
        assert certified(home, f"{node}.0001") >= endpoints | own
        assert not certified(home, f"{node}.0001") & ((PLAIN | SECURE) - endpoints - own)


def test_certificates_carry_names_that_are_not_told_yet(tmp_path: Path) -> None:
    home = house(tmp_path)
    call(home, Naming(NAMES.suffix))
    home.group(nodes=2, TransitEncryptionEnabled=True)
    assert not group(home) & SECURE
    assert SECURE - {f"rg-002.rg.{OWN}.{END}"} <= certified(home, "rg-001.0001")


def test_names_are_turned_on_and_off(home: House) -> None:
    home.group(nodes=2)
    containers = home.containers()
    call(home, Naming())
    addresses = group(home)
    assert all(address.startswith("10.") for address in addresses)
    call(home, Naming("cache.amazonaws.com", on=True))
    assert {name.replace("cache.amazonaws.com", NAMES.suffix) for name in group(home)} == PLAIN
    call(home, Naming())
    assert group(home) == addresses
    assert home.containers() == containers


def test_replicas_that_come_and_go(home: House) -> None:
    home.group(nodes=3)
    home.call("DecreaseReplicaCount", ReplicationGroupId="rg", NewReplicaCount=1, ApplyImmediately=True)
    home.settle()
    assert group(home) == PLAIN
    home.call("IncreaseReplicaCount", ReplicationGroupId="rg", NewReplicaCount=2, ApplyImmediately=True)
    home.settle()
    assert group(home) == {*PLAIN, f"rg-003.{OWN}.0001.{END}"}


def test_a_cluster_that_becomes_a_group_keeps_its_name(home: House) -> None:
    home.cluster("one")
    name = cluster(home, "one")["CacheNodes"][0]["Endpoint"]["Address"]
    home.call(
        "CreateReplicationGroup",
        ReplicationGroupId="rg",
        ReplicationGroupDescription="of a test",
        PrimaryClusterId="one",
    )
    (early,) = cluster(home, "one")["CacheNodes"]
    assert early["Endpoint"]["Address"] == name
    home.settle()
    (node,) = cluster(home, "one")["CacheNodes"]
    assert node["Endpoint"]["Address"] == f"one.{OWN}.0001.{END}"
    records = NAMES.records(home.cache(Kind.REPLICATION_GROUP, "rg"))
    assert records[name] == records[node["Endpoint"]["Address"]]


def answered(home: House) -> dict[str, str]:
    """What the directory would answer."""
    state = home.backend.directory(Address("", 0), "").state()
    return {name: address for names in state.names.values() for name, address in names.items()}


def test_the_directory_knows_the_names(home: House) -> None:
    home.group(nodes=3)
    assert answered(home) == NAMES.records(home.cache(Kind.REPLICATION_GROUP, "rg"))
    home.cluster("one")
    assert len(answered(home)) > len(NAMES.records(home.cache(Kind.REPLICATION_GROUP, "rg")))
    home.call("DecreaseReplicaCount", ReplicationGroupId="rg", NewReplicaCount=1, ApplyImmediately=True)
    home.call("DeleteCacheCluster", CacheClusterId="one")
    home.settle()
    assert answered(home) == NAMES.records(home.cache(Kind.REPLICATION_GROUP, "rg"))
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    assert answered(home) == {}


def test_names_of_a_cluster_that_becomes_a_group_end_with_the_group(home: House) -> None:
    home.cluster("one")
    before = answered(home)
    asked = {"ReplicationGroupId": "rg", "ReplicationGroupDescription": "of a test", "PrimaryClusterId": "one"}
    home.call("CreateReplicationGroup", **asked)
    home.settle()
    assert before.items() <= answered(home).items()
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    home.settle()
    assert answered(home) == {}


def test_another_directory_is_told_everything(home: House) -> None:
    home.group(nodes=2)
    known = answered(home)
    directory = home.backend.directory(Address("", 0), "")
    group = home.cache(Kind.REPLICATION_GROUP, "rg")
    directory.set_names(owner(group.key, group.incarnation), {}, NAMES.suffix)
    home.settle()
    assert answered(home) == {}  # nobody told us
    home.restart()
    home.settle()
    assert answered(home) == known


def test_a_directory_that_does_not_answer_keeps_a_cache_from_being_available(home: House) -> None:
    directory = home.backend.directory(Address("", 0), "")
    assert isinstance(directory, MemoryDirectory)
    directory.answers = False
    home.call("CreateCacheCluster", CacheClusterId="one", Engine="redis", CacheNodeType="cache.t3.micro")
    key = Key(ACCOUNT, REGION, Kind.CACHE_CLUSTER, "one")
    assert home.reconcile(key)
    assert cluster(home, "one")["CacheClusterStatus"] == "creating"
    directory.answers = True
    home.settle()
    assert cluster(home, "one")["CacheClusterStatus"] == "available"
    assert answered(home) == NAMES.records(home.cache(Kind.CACHE_CLUSTER, "one"))


def test_names_that_were_turned_off_are_forgotten(home: House) -> None:
    home.group(nodes=2)
    call(home, Naming())
    assert answered(home) == {}


def test_nodes_of_an_encrypted_cluster_call_themselves_by_name(home: House) -> None:
    home.call("CreateReplicationGroup", **CLUSTER, TransitEncryptionEnabled=True)
    home.settle()
    address = home.cache(Kind.REPLICATION_GROUP, "rg").status.nodes["rg-0001-001.0001"].address.host
    words = home.machine.processes.at(address).blueprint.command
    assert words[words.index("--cluster-announce-hostname") + 1] == f"rg-0001-001.rg.{OWN}.{END}"
    assert f"rg-0001-001.rg.{OWN}.{END}" in certified(home, "rg-0001-001.0001")


CLUSTER: dict[str, Any] = {
    "ReplicationGroupId": "rg",
    "ReplicationGroupDescription": "of a test",
    "Engine": "valkey",
    "CacheNodeType": "cache.t3.micro",
    "NumNodeGroups": 2,
    "ReplicasPerNodeGroup": 1,
    "AutomaticFailoverEnabled": True,
}


@pytest.mark.parametrize("before", [True, False])
def test_the_agent_may_die_whenever_it_tells_the_directory(home: House, before: bool) -> None:
    real = home.backend.directory(Address("", 0), "")
    for deed, asked in (("CreateReplicationGroup", GROUP), ("DeleteReplicationGroup", {"ReplicationGroupId": "rg"})):
        home.call(deed, **asked)
        fuse = Fuse(1, before)
        home.restart(replace(home.backend, directory=partial(_itself, Dying(real, fuse.wrap(real.set_names)))))
        with pytest.raises(Crash):
            home.settle()
        home.restart()
        home.settle()
        with home.store.read() as transaction:
            wanted = [NAMES.records(cache) for cache in transaction.caches.all()]
        assert answered(home) == (wanted[0] if wanted else {})


def _itself(directory: Any, _: Address, host: str) -> Any:
    return directory


@dataclass
class Dying:
    """A directory, whoever tells it a name dies."""

    real: Directory
    set_names: Callable[..., None]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


GROUP: dict[str, Any] = {
    "ReplicationGroupId": "rg",
    "ReplicationGroupDescription": "of a test",
    "Engine": "redis",
    "CacheNodeType": "cache.t3.micro",
    "NumCacheClusters": 2,
}


def test_published_endpoints_are_the_gateway_for_containers(home: House) -> None:
    home.group(nodes=2)
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    tools = home.reconciler.tools()
    names = {f"own.{NAMES.suffix}": "10.200.4.1", f"published.{NAMES.suffix}": "127.0.0.1"}
    set_names(Acting(tools, cache, cache.status), PublishDns(names, {}))
    gateway = str(tools.network.gateway)
    assert answered(home) == {f"own.{NAMES.suffix}": "10.200.4.1", f"published.{NAMES.suffix}": gateway}


@pytest.mark.parametrize("mode", MODES)
def test_a_new_directory_begins_with_what_was_told(tmp_path: Path, mode: str) -> None:
    home = house(tmp_path, MODES[mode])
    call(home, NAMES)
    home.group(nodes=2)
    home.cluster("mc", Engine="memcached")
    home.cluster("gone")
    home.call("DeleteCacheCluster", CacheClusterId="gone")  # nobody has carried it out yet
    known = home.backend.directory(Address("", 0), "").state()
    controller = DirectoryController(home.store, home.tools, "run", lambda: None)
    assert controller.ensure({}) == Fetch(NEED)
    assert controller.ensure({NEED: home.backend.images.directory()}) is None
    (container,) = home.backend.runtime.containers(DIRECTORY)
    begun = state_from_json(home.machine.files(container.name)[str(STATE)])
    names = {owner: told for owner, told in known.names.items() if "gone" not in owner}
    assert begun == replace(known, names=names)
    assert any("rg" in owner for owner in names)
