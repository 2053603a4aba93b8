"""Parameter values in the words of the engines."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cachewright.agents.engines.command_lines import command
from cachewright.agents.engines.memcached import flags
from cachewright.agents.engines.redis import directives, driver
from cachewright.agents.engines.redis.config import same
from cachewright.agents.engines.start import Start
from cachewright.agents.planning.sizing import Size, size_of
from cachewright.controlplane.model.cache import ClusterMode, Spec
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.fingerprints import fingerprints_of, waits_for_start
from cachewright.controlplane.model.node_types import MIB
from cachewright.controlplane.model.parameters import effective, family_parameters
from cachewright.controlplane.model.parameters.commands import RENAMEABLE
from cachewright.controlplane.model.parameters.fitting import check_fit
from cachewright.controlplane.model.parameters.refusals import NEEDED
from cachewright.controlplane.model.versions import FAMILIES, VERSIONS, Engine, EngineVersion

GIB = 1 << 30
MAXMEMORY = 536_870_912  # of the smallest node type
SIZE = Size(300 * MIB, 500 * MIB)
OTHER_WORDS = frozenset({"GET", "KEYS"})  # CONFIG GET, MIGRATE ... KEYS


def spec(version: str = "7.1.0", engine: Engine = Engine.REDIS, **parameters: str) -> Spec:
    values = tuple(sorted((name.replace("_", "-"), value) for name, value in parameters.items()))
    return Spec(engine, version, "cache.t3.micro", 6379, "own", (), parameters=values)


def memcached(version: str = "1.6.22", **parameters: str) -> Spec:
    values = tuple(sorted(parameters.items()))
    return Spec(Engine.MEMCACHED, version, "cache.t3.micro", 11211, "own", (), parameters=values)


@pytest.mark.parametrize(
    ("desired", "version", "name", "value"),
    [
        (spec(), (7, 0), "timeout", "0"),
        (spec(timeout="30"), (7, 0), "timeout", "30"),
        (spec(), (7, 0), "notify-keyspace-events", ""),
        (spec(), (7, 0), "maxmemory", str(SIZE.items)),
        (spec(maxmemory_policy="noeviction"), (7, 0), "maxmemory-policy", "noeviction"),
        (
            spec(client_output_buffer_limit_pubsub_soft_seconds="5"),
            (7, 0),
            "client-output-buffer-limit",
            f"normal 0 0 0 slave {MAXMEMORY // 10} {MAXMEMORY // 10} 60 pubsub 33554432 8388608 5",
        ),
        (
            spec(client_output_buffer_limit_normal_hard_limit="1", client_output_buffer_limit_normal_soft_limit="2"),
            (7, 0),
            "client-output-buffer-limit",
            f"normal 1048576 1048576 0 slave {MAXMEMORY // 10} {MAXMEMORY // 10} 60 pubsub 33554432 8388608 60",
        ),
        (
            spec("4.0.10", client_output_buffer_limit_normal_hard_limit="7000000"),
            (4, 0),
            "client-output-buffer-limit",
            f"normal 7000000 0 0 slave {MAXMEMORY // 10} {MAXMEMORY // 10} 60 pubsub 33554432 8388608 60",
        ),
        (spec("6.2.6"), (6, 2), "acl-pubsub-default", "allchannels"),
        (spec("8.1.0", Engine.VALKEY), (8, 1), "commandlog-reply-larger-than", "1048576"),
        (spec("8.0.1", Engine.VALKEY), (8, 1), "extended-redis-compatibility", "yes"),
    ],
)
def test_what_a_running_node_is_told(desired: Spec, version: tuple[int, ...], name: str, value: str) -> None:
    assert directives.immediate(desired, SIZE, version)[name] == value


@pytest.mark.parametrize(
    ("desired", "version", "name"),
    [
        (spec("6.2.6"), (6, 0), "acl-pubsub-default"),
        (spec("8.1.0", Engine.VALKEY), (8, 0), "commandlog-reply-larger-than"),
        (spec("8.0.1", Engine.VALKEY), (8, 1), "commandlog-reply-larger-than"),
        (spec("8.2.0", Engine.VALKEY), (8, 1), "search-fanout-target-mode"),
        (spec(), (7, 0), "reserved-memory-percent"),
        (spec(), (7, 0), "close-on-replica-write"),
        (spec("4.0.10"), (4, 0), "close-on-slave-write"),
        (spec(), (7, 0), "rename-commands"),
        (spec(), (7, 0), "databases"),
        (spec(), (7, 0), "client-output-buffer-limit-normal-hard-limit"),
    ],
)
def test_what_no_running_node_is_told(desired: Spec, version: tuple[int, ...], name: str) -> None:
    assert name not in directives.immediate(desired, SIZE, version)


def test_what_a_node_is_told_as_it_starts() -> None:
    assert directives.static(spec(databases="3"), (7, 0)) == {"databases": "3", "maxclients": "20000"}
    assert directives.static(spec("6.2.6"), (6, 0))["activerehashing"] == "yes"


def test_the_command_line_has_everything() -> None:
    desired = spec(databases="3", timeout="30", rename_commands="KEYS ALL FLUSHALL CLEAR")
    words = " ".join(command(desired, Start(SIZE, (7, 0), 6379)))
    for part in (
        "--databases 3",
        "--timeout 30",
        f"--maxmemory {SIZE.items}",
        "--client-output-buffer-limit normal 0 0 0 --client-output-buffer-limit slave",
        "--rename-command KEYS ALL --rename-command FLUSHALL CLEAR",
    ):
        assert part in words


def test_an_old_engine_is_told_nothing_that_it_does_not_know() -> None:
    """Redis does not start with an option that it does not know."""
    assert "--rdb-del-sync-files" in command(spec("6.0.5"), Start(SIZE, (6, 0), 6379))
    assert "--rdb-del-sync-files" not in command(spec("5.0.6"), Start(SIZE, (5, 0), 6379))


def test_what_a_group_sets_is_told_first() -> None:
    assert directives.of_the_group(spec(timeout="30"), SIZE, "redis 7.0.15").directives == {"timeout": "30"}
    assert directives.of_the_group(spec(timeout="0"), SIZE, "redis 7.0.15").directives == {}


@pytest.mark.parametrize(
    ("build", "version", "at_once"),
    [
        ("redis 6.0.16", (6, 0, 16), False),
        ("redis 7.0.15", (7, 0, 15), True),
        ("valkey 8.1.1", (8, 1, 1), True),
        ("redis pretended", directives.NEWEST, True),
    ],
)
def test_builds(build: str, version: tuple[int, ...], at_once: bool) -> None:
    assert directives.version_in(build) == version
    assert directives.configuration(spec(), SIZE, build).at_once is at_once


@pytest.mark.parametrize(
    ("name", "one", "other", "equal"),
    [
        ("notify-keyspace-events", "KEA", "AKE", True),
        ("notify-keyspace-events", "Kx", "xK", True),
        ("notify-keyspace-events", "Kx", "Ex", False),
        ("timeout", "30", "30", True),
        ("timeout", "30", "3", False),
    ],
)
def test_values_that_are_one(name: str, one: str, other: str, equal: bool) -> None:
    assert same(name, one, other) is equal


NO_DIRECTIVES = {
    "appendfsync",
    "appendonly",
    "close-on-replica-write",
    "close-on-slave-write",
    "cluster-enabled",
    "cluster-preferred-endpoint-type",
    "rename-commands",
    "replica-allow-chaining",
    "reserved-memory",
    "reserved-memory-percent",
    "search-default-timeout-ms",
    "search-enable-partial-results",
    "search-fanout-target-mode",
    "slave-allow-chaining",
}
OF_SERVERS = [row for row in VERSIONS if row.engine is not Engine.MEMCACHED]


@pytest.mark.parametrize("release", OF_SERVERS, ids=lambda row: f"{row.engine}-{row.version}")
def test_no_parameter_is_forgotten(release: EngineVersion) -> None:
    desired = Spec(release.engine, release.described, "cache.t3.micro", 1, "own", ())
    said = {**directives.static(desired, directives.NEWEST), **directives.immediate(desired, SIZE, directives.NEWEST)}
    silent = {name for name in effective(desired).keys() - said.keys() if not name.startswith(directives.BUFFERS)}
    assert silent <= NO_DIRECTIVES


@pytest.mark.parametrize(
    ("desired", "version", "words"),
    [
        (memcached(), (1, 6, 18), ("-m", str(SIZE.items // MIB), "-t", "2")),
        (memcached(max_item_size="2097152"), (1, 6, 18), ("-I", "2097152")),
        (memcached(cas_disabled="1"), (1, 6, 18), ("-C",)),
        (memcached(error_on_memory_exhausted="1"), (1, 6, 18), ("-M",)),
        (memcached(disable_flush_all="1"), (1, 6, 18), ("-F",)),
        (memcached(chunk_size="96", chunk_size_growth_factor="1.5"), (1, 6, 18), ("-n", "96", "-f", "1.5")),
        (memcached(watch="0"), (1, 6, 18), ("-W",)),
        (memcached(binding_protocol="ascii"), (1, 6, 18), ("-B", "ascii")),
    ],
)
def test_flags(desired: Spec, version: tuple[int, ...], words: tuple[str, ...]) -> None:
    said = flags.flags(desired, SIZE, version)
    start = said.index(words[0])
    assert said[start : start + len(words)] == words


@pytest.mark.parametrize(
    ("desired", "version", "said", "unsaid"),
    [
        (memcached(), (1, 6, 18), {"no_modern", "hash_algorithm=jenkins", "no_lru_crawler"}, {"track_sizes"}),
        (memcached(no_modern="0", track_sizes="1"), (1, 6, 18), {"track_sizes"}, {"no_modern"}),
        (memcached(slab_chunk_max="262144"), (1, 6, 18), {"slab_chunk_max=262144"}, set()),
        (memcached(worker_logbuf_size="32"), (1, 6, 18), set(), {"worker_logbuf_size=32", "worker_logbuf_size=64"}),
        (memcached(lru_crawler="1"), (1, 6, 18), {"lru_crawler"}, {"no_lru_crawler"}),
        (memcached(inline_ascii_resp="1"), (1, 6, 18), set(), {"inline_ascii_resp"}),
        (memcached("1.5.10", inline_ascii_resp="1"), (1, 5, 10), {"inline_ascii_resp"}, set()),
        (memcached("1.4.34"), (1, 4, 34), {"modern", "hashpower=16"}, {"no_modern", "no_lru_crawler"}),
    ],
)
def test_extended_options(desired: Spec, version: tuple[int, ...], said: set[str], unsaid: set[str]) -> None:
    words = flags.flags(desired, SIZE, version)
    options = set(words[words.index("-o") + 1].split(","))
    assert said <= options
    assert not unsaid & options


@pytest.mark.parametrize(
    ("desired", "items"),
    [
        (spec(), MAXMEMORY - MAXMEMORY // 4),
        (spec(reserved_memory_percent="50"), MAXMEMORY // 2),
        (spec(reserved_memory_percent="0"), MAXMEMORY),
        (spec(reserved_memory_percent="100"), MIB),
        (spec("2.8.24", reserved_memory=str(MIB)), MAXMEMORY - MIB),
        (spec(reserved_memory=str(MIB)), MAXMEMORY - MIB),
        (spec("2.8.24"), MAXMEMORY),
        (memcached(), 412 * MIB),
        (memcached(memcached_connections_overhead="12"), 500 * MIB),
    ],
)
def test_the_reservation_lowers_what_items_may_fill(desired: Spec, items: int) -> None:
    assert size_of(desired, 64 * GIB).items == items


def test_a_container_has_room_for_any_reservation() -> None:
    sizes = [size_of(spec(reserved_memory_percent=percent), 64 * GIB) for percent in ("0", "25", "100")]
    assert len({size.container for size in sizes}) == 1
    assert sizes[0].container > MAXMEMORY


def test_a_small_machine_caps_what_items_may_fill() -> None:
    big = replace(spec(), node_type="cache.m5.24xlarge")
    size = size_of(big, 8 * GIB)
    assert size.items < 4 * GIB
    assert size.container > size.items


def test_makes_tell_what_needs_a_start_from_what_does_not() -> None:
    plain, timed, based = (
        fingerprints_of(spec()),
        fingerprints_of(spec(timeout="30")),
        fingerprints_of(spec(databases="3")),
    )
    assert plain.immediate != timed.immediate
    assert plain.static == timed.static
    assert plain.immediate == based.immediate
    assert plain.static != based.static
    assert {plain.fingerprint} == {timed.fingerprint, based.fingerprint}
    assert fingerprints_of(memcached()).immediate == fingerprints_of(memcached(watch="0")).immediate == ""


def test_another_group_of_the_same_values_is_no_change() -> None:
    assert fingerprints_of(replace(spec(), parameter_group="other")) == fingerprints_of(spec())


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_parameter_is_told_at_once_or_at_a_start(family: str) -> None:
    waiting = {row.name for row in family_parameters(family) if waits_for_start(family, row.name)}
    every = {row.name for row in family_parameters(family)}
    assert waiting == every if family.startswith("memcached") else waiting < every


@pytest.mark.parametrize(
    ("desired", "words"),
    [
        (memcached(chunk_size_growth_factor="1"), "Factor must be greater than 1"),
        (memcached(slab_chunk_max="786432", max_item_size="3145728"), "must divide evenly into 1048576"),
        (spec(rename_commands="INFO TELL KEYS ALL"), "cannot rename INFO:"),
        (spec(rename_commands="AUTH ENTER"), "cannot rename AUTH:"),
    ],
)
def test_values_with_which_a_node_would_not_start(desired: Spec, words: str) -> None:
    with pytest.raises(Fault, match=words):
        check_fit(desired)


def test_cluster_mode_shows_in_the_values() -> None:
    clustered = replace(spec(), cluster_mode=ClusterMode.ENABLED)
    assert effective(clustered)["cluster-enabled"] == "yes"
    assert "cluster-enabled" not in directives.static(clustered, (7, 0))


def test_what_the_agent_says_to_nodes_cannot_be_renamed() -> None:
    """Every word in its sources that is a command, by itself in quotation marks as commands are sent."""
    sources = [path.read_text() for path in Path(driver.__file__).parent.rglob("*.py")]
    words = {word for source in sources for word in re.findall(r"""["']([A-Z]+)["']""", source)}
    assert words.intersection(RENAMEABLE) - OTHER_WORDS <= NEEDED
