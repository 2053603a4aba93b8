"""The names of endpoints, in AWS's forms."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cachewright.controlplane.model.cache import (
    Address,
    Cache,
    ClusterMode,
    Key,
    Kind,
    Node,
    NodeStatus,
    Origin,
    Shard,
    Spec,
    Status,
    Transit,
)
from cachewright.controlplane.model.hostnames import Naming, region_code, token
from cachewright.controlplane.model.versions import Engine
from cachewright.controlplane.model.windows import BLOCKS

NAMING = Naming("cache.example.test", on=True)
ACCOUNT, REGION = "123456789012", "eu-west-1"
END = "euw1.cache.example.test"
# What a discovery client takes for an endpoint: labels of 1 to 62 characters, and a short one at the end.
LABELS = re.compile(r"(?:[\w-]{0,61}\w\.)+\w{1,6}")

CODES = {
    "af-south-1": "afs1",
    "ap-east-1": "ape1",
    "ap-east-2": "ape2",
    "ap-northeast-1": "apne1",
    "ap-northeast-2": "apne2",
    "ap-northeast-3": "apne3",
    "ap-south-1": "aps1",
    "ap-south-2": "aps2",
    "ap-southeast-1": "apse1",
    "ap-southeast-2": "apse2",
    "ap-southeast-3": "apse3",
    "ap-southeast-4": "apse4",
    "ap-southeast-5": "apse5",
    "ap-southeast-7": "apse7",
    "ca-central-1": "cac1",
    "ca-west-1": "caw1",
    "cn-north-1": "cnn1",
    "cn-northwest-1": "cnw1",
    "eu-central-1": "euc1",
    "eu-central-2": "euc2",
    "eu-north-1": "eun1",
    "eu-south-1": "eus1",
    "eu-south-2": "eus2",
    "eu-west-1": "euw1",
    "eu-west-2": "euw2",
    "eu-west-3": "euw3",
    "il-central-1": "ilc1",
    "me-central-1": "mec1",
    "me-south-1": "mes1",
    "mx-central-1": "mxc1",
    "sa-east-1": "sae1",
    "us-east-1": "use1",
    "us-east-2": "use2",
    "us-gov-east-1": "usge1",
    "us-gov-west-1": "usgw1",
    "us-west-1": "usw1",
    "us-west-2": "usw2",
}


def node(name: str) -> Node:
    cluster, number = name.split(".")
    return Node(cluster, number, "eu-west-1a")


def cache(kind: Kind, name: str, *nodes: str, engine: Engine = Engine.REDIS, endpoints: tuple[str, ...] = ()) -> Cache:
    shard = Shard("0001", tuple(map(node, nodes)))
    spec = Spec(engine, "1.6.22" if engine is Engine.MEMCACHED else "7.1.0", "cache.t3.micro", 6379, "", (shard,))
    status = Status(
        nodes={name: NodeStatus(Address(f"10.0.0.{number}", 6379)) for number, name in enumerate(nodes, 1)},
        endpoints={part: Address(f"10.0.1.{number}", 6379) for number, part in enumerate(endpoints, 1)},
    )
    return Cache(
        Key(ACCOUNT, REGION, kind, name),
        "i",
        datetime(2026, 1, 1, tzinfo=UTC),
        1,
        deleting=False,
        spec=spec,
        status=status,
    )


def group(*nodes: str) -> Cache:
    return cache(Kind.REPLICATION_GROUP, "rg", *(nodes or ("rg-001.0001",)), endpoints=("primary", "reader"))


def encrypted(plain: Cache) -> Cache:
    return replace(plain, spec=replace(plain.spec, transit=Transit.REQUIRED))


def clustered(plain: Cache) -> Cache:
    return replace(
        plain,
        spec=replace(plain.spec, cluster_mode=ClusterMode.ENABLED),
        status=replace(plain.status, endpoints={"configuration": Address("10.0.1.1", 6379)}),
    )


def told(named: Cache) -> dict[str, str]:
    """The names that callers are told, with T for the cache's own token and without their common end."""
    own = token(ACCOUNT, REGION, named.key.id)
    return {part: host.removesuffix(f".{END}").replace(f".{own}", ".T") for part, host in NAMING.hosts(named).items()}


def test_every_region_has_its_code() -> None:
    assert {region: region_code(region) for region in BLOCKS} == CODES
    assert len(set(CODES.values())) == len(CODES)


def test_a_region_that_nobody_knows() -> None:
    assert region_code("xx-somewhere-7") == "xxs7"


@pytest.mark.parametrize(
    ("named", "names"),
    [
        (cache(Kind.CACHE_CLUSTER, "one", "one.0001"), {"one.0001": "one.T.0001"}),
        (
            cache(
                Kind.CACHE_CLUSTER, "mc", "mc.0001", "mc.0002", engine=Engine.MEMCACHED, endpoints=("configuration",)
            ),
            {"mc.0001": "mc.T.0001", "mc.0002": "mc.T.0002", "configuration": "mc.T.cfg"},
        ),
        (group(), {"rg-001.0001": "rg-001.T.0001", "primary": "rg.T.ng.0001", "reader": "rg-ro.T.ng.0001"}),
        (
            encrypted(group()),
            {"rg-001.0001": "rg-001.rg.T", "primary": "master.rg.T", "reader": "replica.rg.T"},
        ),
        (
            clustered(group("rg-0001-001.0001")),
            {"rg-0001-001.0001": "rg-0001-001.T.0001", "configuration": "rg.T.clustercfg"},
        ),
        (
            encrypted(clustered(group("rg-0001-001.0001"))),
            {"rg-0001-001.0001": "rg-0001-001.rg.T", "configuration": "clustercfg.rg.T"},
        ),
    ],
)
def test_forms(named: Cache, names: dict[str, str]) -> None:
    assert told(named) == names


def test_tokens() -> None:
    assert re.fullmatch("[a-z2-7]{6}", token(ACCOUNT, REGION, "rg"))
    assert token(ACCOUNT, REGION, "rg") == token(ACCOUNT, REGION, "rg")
    others = {token(ACCOUNT, "us-east-1", "rg"), token("000000000000", REGION, "rg"), token(ACCOUNT, REGION, "rg-ro")}
    assert token(ACCOUNT, REGION, "rg") not in others
    assert len(others) == 3


def test_the_reader_of_one_group_is_not_the_primary_of_another() -> None:
    other = replace(group("x.0001"), key=Key(ACCOUNT, REGION, Kind.REPLICATION_GROUP, "rg-ro"))
    assert not set(NAMING.records(group())) & set(NAMING.records(other))


def test_names_stay_when_encryption_comes_and_goes() -> None:
    plain, secure = group("rg-001.0001", "rg-002.0001"), encrypted(group("rg-001.0001", "rg-002.0001"))
    assert NAMING.records(plain) == NAMING.records(secure)
    assert set(NAMING.hosts(plain).values()) | set(NAMING.hosts(secure).values()) <= set(NAMING.records(plain))


def test_names_stay_when_a_node_changes_hands() -> None:
    alone = cache(Kind.CACHE_CLUSTER, "one", "one.0001")
    joined = group("one.0001", "rg-001.0001")
    joined = replace(joined, spec=replace(joined.spec, origins=(Origin(Kind.CACHE_CLUSTER, "one", "i"),)))
    left = replace(alone, spec=replace(alone.spec, origins=(Origin(Kind.REPLICATION_GROUP, "rg", "i"),)))
    before, within, after = (NAMING.names(held, "one.0001") for held in (alone, joined, left))
    assert set(before) <= set(within) <= set(after)


def test_records_lead_where_the_addresses_lead() -> None:
    records = NAMING.records(group("rg-001.0001", "rg-002.0001"))
    own, alone = token(ACCOUNT, REGION, "rg"), token(ACCOUNT, REGION, "rg-002")
    assert {name.removesuffix(f".{END}") for name, address in records.items() if address == "10.0.0.2"} == {
        f"rg-002.{own}.0001",
        f"rg-002.{alone}.0001",
        f"rg-002.rg.{own}",
    }
    assert records[f"rg.{own}.ng.0001.{END}"] == records[f"master.rg.{own}.{END}"] == "10.0.1.1"
    assert records[f"rg-ro.{own}.ng.0001.{END}"] == "10.0.1.2"


def test_published_endpoints_are_what_the_names_lead_to() -> None:
    one = cache(Kind.CACHE_CLUSTER, "one", "one.0001", endpoints=("one.0001",))
    assert set(NAMING.records(one).values()) == {"10.0.1.1"}


def test_a_stand_in_has_a_name_of_its_own() -> None:
    """It is in a certificate, and in what a cluster says of itself, next to the node that it stands in for."""
    secure = encrypted(group("rg-001.0001", "rg-001.understudy"))
    assert len(NAMING.records(secure)) == len(NAMING.records(group())) + 3


def test_names_that_are_off_are_told_to_nobody() -> None:
    off = Naming("cache.example.test")
    assert (off.hosts(group()), off.records(group())) == ({}, {})
    assert off.names(group(), "primary") == NAMING.names(group(), "primary")


def test_discovery_clients_take_the_names() -> None:
    longest = cache(
        Kind.CACHE_CLUSTER, "a" * 50, f"{'a' * 50}.0001", engine=Engine.MEMCACHED, endpoints=("configuration",)
    )
    names = [*Naming(on=True).records(longest), *Naming("cache.amazonaws.com", on=True).records(longest)]
    assert all(LABELS.fullmatch(name) for name in names)


@pytest.mark.parametrize(
    ("engine", "version", "told"),
    [(Engine.REDIS, "6.2.6", False), (Engine.REDIS, "7.1.0", True), (Engine.VALKEY, "8.1.0", True)],
)
def test_what_nodes_of_an_encrypted_cluster_call_themselves(engine: Engine, version: str, told: bool) -> None:
    plain = clustered(group("rg-0001-001.0001"))
    plain = replace(plain, spec=replace(plain.spec, engine=engine, version=version))
    secure, name = encrypted(plain), "rg-0001-001.0001"
    assert NAMING.announced(secure, name) == (NAMING.hosts(secure)[name] if told else "")
    assert NAMING.announced(plain, name) == Naming().announced(secure, name) == ""


def test_encrypted_clients_are_led_to_each_endpoint_by_all_its_names() -> None:
    secure = encrypted(group())
    led = NAMING.led(secure)
    assert led == {to: NAMING.names(secure, part) for part, to in secure.status.endpoints.items()}
    assert {name for names in led.values() for name in names} < NAMING.records(secure).keys()


def test_the_name_of_a_serverless_cache_leads_to_where_it_writes() -> None:
    both = encrypted(cache(Kind.SERVERLESS_CACHE, "sc", "sc-001.0001", endpoints=("primary", "reader")))
    primary, reader = both.status.endpoints["primary"], both.status.endpoints["reader"]
    assert NAMING.led(both) == {primary: NAMING.names(both, "primary"), reader: ()}


def test_nobody_is_led_by_names_without_encryption_or_while_names_are_off() -> None:
    assert NAMING.led(group()) == {}
    assert replace(NAMING, on=False).led(encrypted(group())) == {}
