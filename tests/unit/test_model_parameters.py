"""The catalogue of parameters: every one of every family, and what a cache makes of them."""

from dataclasses import replace

import pytest

from cachewright.controlplane.model.cache import ClusterMode, Spec
from cachewright.controlplane.model.fingerprints import fingerprints_of
from cachewright.controlplane.model.global_replication_groups import Membership, Role
from cachewright.controlplane.model.node_types import NODE_TYPES
from cachewright.controlplane.model.parameters import (
    DataType,
    Effect,
    Modifiable,
    Parameter,
    effective,
    family_parameters,
    needs_reboot,
    node_type_parameters,
    order,
)
from cachewright.controlplane.model.parameters.grammar import allows
from cachewright.controlplane.model.versions import (
    FAMILIES,
    VERSIONS,
    Engine,
    EngineVersion,
    numbers,
    requested_version,
)

EVERY = [(family, row) for family in sorted(FAMILIES) for row in family_parameters(family)]
COUNTS = {
    "memcached1.4": 32,
    "memcached1.5": 32,
    "memcached1.6": 32,
    "redis2.6": 29,
    "redis2.8": 36,
    "redis3.2": 39,
    "redis4.0": 53,
    "redis5.0": 58,
    "redis6.x": 63,
    "redis7": 64,
    "valkey7": 64,
    "valkey8": 67,
    "valkey9": 68,
}


def row(family: str, name: str) -> Parameter:
    return {each.name: each for each in family_parameters(family)}[name]


def spec(engine: Engine, version: str, node_type: str = "cache.t3.micro") -> Spec:
    release = requested_version(engine, version)
    return Spec(engine, release.described, node_type, 6379, release.default_group, ())


def flaws(family: str, parameter: Parameter) -> list[str]:
    """What is wrong with a row of the tables."""
    versions = [version.described for version in VERSIONS if version.family == family]
    rules = {
        "its own value is refused": parameter.accepts(parameter.value or ""),
        "its description is no sentence": parameter.description.endswith("."),
        "it is older than its family": numbers(parameter.since)[:2] >= numbers(versions[0])[:2],
        "no version has it": any(parameter.exists_in(version) for version in versions),
        "a word is taken": parameter.data_type is DataType.STRING or not parameter.accepts("many"),
        "unused, but at once": parameter.modifiable is not Modifiable.UNUSED or parameter.effect is Effect.REBOOT,
    }
    return [f"{family}/{parameter.name}: {flaw}" for flaw, kept in rules.items() if not kept]


def test_no_parameter_has_a_flaw() -> None:
    assert [flaw for family, parameter in EVERY for flaw in flaws(family, parameter)] == []


def test_the_families_are_whole() -> None:
    assert {family: len(family_parameters(family)) for family in FAMILIES} == COUNTS


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_names_are_given_once_and_in_order(family: str) -> None:
    names = [each.name for each in family_parameters(family)]
    assert names == sorted(set(names), key=order)
    assert not set(names) & {each.name for each in node_type_parameters(family)}


@pytest.mark.parametrize(
    ("allowed", "data_type", "yes", "no"),
    [
        ("yes,no", "string", ["yes", "no"], ["", "maybe", "yes,no", "YES"]),
        ("tls-dynamic,ip", "string", ["tls-dynamic"], ["tls"]),
        ("", "string", ["", "anything"], []),
        ("1-75", "integer", ["1", "75"], ["0", "76", "x", "", "1.5", "01", "٣"]),
        ("1048576-", "integer", ["1048576", str(2**63 - 1)], ["1048575", "-1", str(2**63)]),
        ("-", "integer", ["-1", "0", "10000"], ["", "-", "1e3"]),
        ("0,20-", "integer", ["0", "20", "500"], ["1", "19", "-0.5"]),
        ("-5,-4,-3,-2,-1,1-", "integer", ["-5", "-1", "1", "9"], ["0", "-6"]),
        ("5000", "integer", ["5000"], ["4999"]),
        ("0,1", "boolean", ["0", "1"], ["2"]),
        ("1-1024", "float", ["1.25", "1", "1024"], ["0.9", "1024.5", "1.", "NaN", "Infinity"]),
    ],
)
def test_the_notation_of_allowed_values(allowed: str, data_type: str, yes: list[str], no: list[str]) -> None:
    assert [value for value in (*yes, *no) if allows(allowed, data_type, value)] == yes


@pytest.mark.parametrize(
    ("family", "name", "yes", "no"),
    [
        ("redis7", "notify-keyspace-events", ["", "KEA", "Kg$"], ["KEQ", "yes"]),
        (
            "redis5.0",
            "rename-commands",
            ["", "KEYS mykeys", "keys K2 FLUSHALL F2"],
            ["KEYS", "CONFIG c", "KEYS a KEYS b"],
        ),
        ("redis5.0", "maxmemory-policy", ["allkeys-lfu"], ["lfu"]),
        ("redis3.2", "maxmemory-policy", ["allkeys-lru"], ["allkeys-lfu"]),
        ("valkey8", "maxmemory-samples", ["64"], ["65", "0"]),
        ("redis6.x", "databases", ["10000"], ["10001"]),
        ("memcached1.6", "cas_disabled", ["0", "1"], ["yes", "2"]),
    ],
)
def test_values_of_single_parameters(family: str, name: str, yes: list[str], no: list[str]) -> None:
    assert [value for value in (*yes, *no) if row(family, name).accepts(value)] == yes


@pytest.mark.parametrize(
    ("family", "has", "lacks"),
    [
        ("redis2.6", "reserved-memory", "repl-backlog-size"),
        ("redis2.8", "min-slaves-to-write", "cluster-enabled"),
        ("redis3.2", "reserved-memory-percent", "activedefrag"),
        ("redis4.0", "slave-lazy-flush", "replica-lazy-flush"),
        ("redis4.0", "repl-timeout", "rename-commands"),
        ("redis6.x", "active-expire-effort", "lua-replicate-commands"),
        ("redis7", "hash-max-listpack-value", "activerehashing"),
        ("valkey8", "commandlog-reply-larger-than", "lazyfree-lazy-user-del"),
        ("valkey9", "cluster-databases", "list-max-ziplist-size"),
        ("memcached1.4", "modern", "no_modern"),
        ("memcached1.5", "no_modern", "modern"),
    ],
)
def test_what_came_and_what_went(family: str, has: str, lacks: str) -> None:
    names = {each.name for each in family_parameters(family)}
    assert has in names
    assert lacks not in names


@pytest.mark.parametrize(
    ("family", "name", "expected"),
    [
        ("redis7", "timeout", False),
        ("redis7", "databases", True),
        ("valkey8", "cluster-enabled", True),
        ("memcached1.6", "max_item_size", True),
        ("memcached1.6", "watch", True),
    ],
)
def test_what_needs_a_reboot(family: str, name: str, expected: bool) -> None:
    assert needs_reboot(family, name) is expected


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_node_types_have_values(family: str) -> None:
    known = {each.name: each for each in NODE_TYPES}
    for parameter in node_type_parameters(family):
        assert parameter.description
        assert parameter.values
        assert {name for name, _ in parameter.values} <= set(known)
        assert all(int(value) > 0 for _, value in parameter.values)


def test_a_cache_has_what_its_node_type_has() -> None:
    values = effective(spec(Engine.REDIS, "7.1"))
    assert values["maxmemory"] == "536870912"
    assert values["client-output-buffer-limit-replica-hard-limit"] == "53687091"
    assert values["maxclients"] == "20000"
    assert effective(spec(Engine.REDIS, "7.1", "cache.m5.large"))["maxclients"] == "65000"
    memcached = effective(spec(Engine.MEMCACHED, "1.6.22", "cache.m5.large"))
    assert (memcached["max_cache_memory"], memcached["num_threads"]) == ("6537", "2")


@pytest.mark.parametrize("release", VERSIONS, ids=lambda release: f"{release.engine}-{release.version}")
def test_every_version_has_values(release: EngineVersion) -> None:
    values = effective(spec(release.engine, release.version, "cache.m5.large"))
    later = {each.name for each in family_parameters(release.family) if not each.exists_in(release.described)}
    named = {each.name for each in family_parameters(release.family)}
    by_node_type = {each.name for each in node_type_parameters(release.family)}
    assert set(values) == (named - later) | by_node_type


def test_a_parameter_is_there_from_its_version_on() -> None:
    name = "commandlog-reply-larger-than"
    assert name not in effective(spec(Engine.VALKEY, "8.0"))
    assert name in effective(spec(Engine.VALKEY, "8.1"))


def test_the_group_has_the_last_word() -> None:
    own = (("maxmemory-policy", "noeviction"), ("commandlog-reply-larger-than", "5"))
    values = effective(replace(spec(Engine.VALKEY, "8.0"), parameters=own))
    assert values["maxmemory-policy"] == "noeviction"
    assert "commandlog-reply-larger-than" not in values


def test_cluster_mode_is_a_parameter() -> None:
    plain = spec(Engine.REDIS, "7.1")
    assert effective(plain)["cluster-enabled"] == "no"
    assert effective(replace(plain, parameter_group="default.redis7.cluster.on"))["cluster-enabled"] == "yes"
    assert effective(replace(plain, cluster_mode=ClusterMode.ENABLED))["cluster-enabled"] == "yes"


def test_members_of_global_datastores_answer_reads_while_their_cluster_is_down() -> None:
    plain = spec(Engine.VALKEY, "8.1")
    clustered = replace(plain, cluster_mode=ClusterMode.ENABLED)
    member = Membership("ldgnf-world", Role.SECONDARY)
    made = (clustered, replace(clustered, datastore=member), replace(plain, datastore=member))
    assert [effective(one)["cluster-allow-reads-when-down"] for one in made] == ["no", "yes", "no"]
    before, joined, other = (fingerprints_of(one) for one in made)
    assert before.immediate != joined.immediate, "running nodes are told"
    assert before.immediate == other.immediate
    assert before.fingerprint == joined.fingerprint, "nobody is rebuilt"


def test_no_node_is_told_of_reads_while_its_cluster_is_down_that_does_not_know_them() -> None:
    """Redis 5.0 does not start with options that it does not know."""
    plain = replace(spec(Engine.REDIS, "5.0.6"), cluster_mode=ClusterMode.ENABLED)
    member = replace(plain, datastore=Membership("ldgnf-world", Role.SECONDARY))
    assert "cluster-allow-reads-when-down" not in effective(member)
    assert fingerprints_of(member) == fingerprints_of(plain)
