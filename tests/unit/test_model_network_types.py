"""Who may be reached by IPv6, and which addresses are told."""

import pytest

from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.network_types import check_network, first_network, next_discovery
from cachewright.controlplane.model.subnet_groups import Subnet, SubnetGroup
from cachewright.controlplane.model.versions import Engine, requested_version

EVERYWHERE = SubnetGroup("mine", "", "vpc-1", (Subnet("subnet-1", "us-east-1a"),))
MIXED = SubnetGroup(
    "mixed",
    "",
    "vpc-1",
    (Subnet("subnet-1", "us-east-1a", ("ipv4", "dual_stack")), Subnet("subnet-2", "us-east-1b", ("ipv4",))),
)
NATIVE = SubnetGroup("native", "", "vpc-1", (Subnet("subnet-1", "us-east-1a", ("ipv6",)),))


@pytest.mark.parametrize(
    ("asked", "network"),
    [
        (("", ""), ("ipv4", "ipv4")),
        (("ipv4", "ipv4"), ("ipv4", "ipv4")),
        (("ipv6", ""), ("ipv6", "ipv6")),
        (("ipv6", "ipv6"), ("ipv6", "ipv6")),
        (("dual_stack", ""), ("dual_stack", "ipv4")),
        (("dual_stack", "ipv6"), ("dual_stack", "ipv6")),
    ],
)
def test_what_a_new_cache_has(asked: tuple[str, str], network: tuple[str, str]) -> None:
    assert first_network(*asked) == network


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("x", ""), "Invalid value x for NetworkType. Must be one of: ipv4, ipv6, dual_stack"),
        (("", "dual_stack"), "Invalid value dual_stack for IpDiscovery. Must be one of: ipv4, ipv6"),
        (("", "ipv6"), "IpDiscovery ipv6 is not supported for network type ipv4."),
        (("ipv6", "ipv4"), "IpDiscovery ipv4 is not supported for network type ipv6."),
    ],
)
def test_what_contradicts_itself(asked: tuple[str, str], message: str) -> None:
    with pytest.raises(Fault) as refused:
        first_network(*asked)
    assert refused.value.message == message


def test_the_discovery_may_be_asked_for_again() -> None:
    assert next_discovery("ipv6", "ipv6") == "ipv6"
    assert next_discovery("dual_stack", "ipv4") == "ipv4"


@pytest.mark.parametrize(
    ("network_type", "engine", "version", "node_type", "group", "message"),
    [
        ("ipv4", Engine.REDIS, "5.0.6", "cache.m3.medium", EVERYWHERE, ""),
        ("ipv6", Engine.REDIS, "6.2", "cache.t3.micro", EVERYWHERE, ""),
        ("ipv6", Engine.VALKEY, "7.2", "cache.t3.micro", EVERYWHERE, ""),
        ("dual_stack", Engine.MEMCACHED, "1.6.6", "cache.t3.micro", EVERYWHERE, ""),
        ("ipv6", Engine.VALKEY, "8.0", "cache.t3.micro", NATIVE, ""),
        (
            "ipv6",
            Engine.REDIS,
            "6.0",
            "cache.t3.micro",
            EVERYWHERE,
            "The network type ipv6 is not supported for redis version 6.0. Please use version 6.2 or later.",
        ),
        (
            "dual_stack",
            Engine.MEMCACHED,
            "1.5.16",
            "cache.t3.micro",
            EVERYWHERE,
            "The network type dual_stack is not supported for memcached version 1.5.16. Please use version 1.6.6 or"
            " later.",
        ),
        (
            "ipv6",
            Engine.REDIS,
            "6.2",
            "cache.m4.large",
            EVERYWHERE,
            "The network type ipv6 is not supported for cache node type cache.m4.large.",
        ),
        (
            "dual_stack",
            Engine.VALKEY,
            "8.0",
            "cache.t3.micro",
            MIXED,
            "The network type dual_stack is not supported by the cache subnet group mixed.",
        ),
        (
            "ipv4",
            Engine.REDIS,
            "7.1",
            "cache.t3.micro",
            NATIVE,
            "The network type ipv4 is not supported by the cache subnet group native.",
        ),
    ],
)
def test_who_may_have_it(
    network_type: str, engine: Engine, version: str, node_type: str, group: SubnetGroup, message: str
) -> None:
    try:
        check_network(network_type, requested_version(engine, version), node_type, group)
        said = ""
    except Fault as refused:
        said = refused.message
    assert said == message
