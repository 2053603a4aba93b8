"""Online migration of a Redis of the user's into a serverless cache."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cachewright.agents.engines.tls import SOURCE_AUTHORITIES
from cachewright.agents.memory.engines.replication import ENCRYPTED, PASSWORD, REFUSAL
from cachewright.agents.memory.processes import Process
from cachewright.agents.planning.links import reach
from cachewright.agents.queries.engines import LiveEngines
from cachewright.controlplane.automatic_cutovers import AutomaticCutovers
from cachewright.controlplane.model.cache import Cache, Kind
from cachewright.controlplane.model.faults import Fault
from tests import outside
from tests.agents.test_crashes import moments
from tests.house import MODES, House, house

CERTIFICATE = "-----BEGIN CERTIFICATE-----"
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:mine/redis-AbCdEf"
GUARDED = {
    "SourceAuthenticationConfiguration": {"SecretManagerConfig": {"SecretArn": SECRET}},
    "SourceTlsConfiguration": {"SourceTlsMode": "verify-ca", "SourceTlsCertificate": CERTIFICATE},
}
SOURCE = [{"Address": outside.HOST, "Port": outside.PORT}]
STATE, UNDER = "InvalidServerlessCacheStateFault", "ServerlessCacheAlreadyUnderMigrationFault"
NOT_UNDER, HEALTH = "ServerlessCacheNotUnderMigrationFault", "MigrationHealthFault"
VALUE, COMBINATION = "InvalidParameterValueException", "InvalidParameterCombinationException"


def asked(home: House) -> House:
    """A house whose engines can be asked, with a serverless cache."""
    home.engines = LiveEngines(home.tools, home.buckets)
    home.call("CreateServerlessCache", ServerlessCacheName="s", Engine="valkey")
    home.settle()
    return home


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new one."""
    return asked(house(tmp_path))


def call(home: House, operation: str, **params: Any) -> Any:
    """The cache that an operation answers with."""
    return home.call(operation, ServerlessCacheName="s", **params)["ServerlessCache"]


def refused(home: House, operation: str, **params: Any) -> tuple[str, str]:
    """How an operation is refused, which changes nothing."""
    before = cache(home)
    with pytest.raises(Fault) as caught:
        call(home, operation, **params)
    assert cache(home) == before
    return caught.value.shape, caught.value.message


def prepare(home: House) -> Any:
    """A migration that is prepared."""
    answer = call(home, "PrepareMigration", CustomerNodeEndpointList=SOURCE)
    home.settle()
    return answer


def start(home: House, **params: Any) -> None:
    """A migration that has come so far as to be in sync."""
    prepare(home)
    call(home, "StartMigration", **params)
    home.settle()


def described(home: House) -> Any:
    """The cache as it is shown."""
    return home.call("DescribeServerlessCaches", ServerlessCacheName="s")["ServerlessCaches"][0]


def cache(home: House) -> Cache:
    """The cache as it is."""
    return home.cache(Kind.SERVERLESS_CACHE, "s")


def held(home: House) -> list[dict[str, str]]:
    """What the nodes hold."""
    return [home.machine.processes.at(node.address.host).data for node in cache(home).status.nodes.values()]


def primary_host(home: House) -> str:
    """Where the primary listens."""
    return cache(home).status.nodes[cache(home).status.shards["0001"].primary].address.host


def assert_served(home: House) -> None:
    """Every slot has its owner, one primary takes writes, and nothing is left of a migration."""
    found = cache(home)
    assert (described(home)["Status"], "Migration" in described(home), found.reason) == ("available", False, "")
    leader = found.status.shards["0001"].primary
    answer = home.backend.drivers[found.spec.engine].look(reach(found.status, leader))
    assert answer
    assert answer.membership
    assert answer.membership.peers[answer.membership.id].slots == ((0, 16383),)
    home.machine.processes.write(primary_host(home), "mine", "x")


@pytest.mark.parametrize("mode", MODES)
def test_the_data_of_a_source_come_into_a_serverless_cache(mode: str, tmp_path: Path) -> None:
    home = asked(house(tmp_path, MODES[mode]))
    outside.source(home.machine, k="v")
    answer = prepare(home)
    status = ("modifying", "preparing", "manual")
    assert (answer["Status"], answer["Migration"]["Status"], answer["Migration"]["CutoverMode"]) == status
    assert answer["Migration"]["MigrationEndpoint"] == answer["Endpoint"]
    assert (described(home)["Status"], described(home)["Migration"]["Status"]) == ("available", "prepared")
    call(home, "StartMigration")
    home.settle()
    assert (described(home)["Status"], described(home)["Migration"]["Status"]) == ("modifying", "syncing")
    home.machine.processes.write(outside.HOST, "later", "w")
    with pytest.raises(ConnectionError, match="it takes no writes"):
        home.machine.processes.write(primary_host(home), "k", "x")
    answer = call(home, "CompleteMigration")
    assert (answer["Status"], answer["Migration"]["Status"]) == ("modifying", "cutover")
    assert refused(home, "StopMigration")[0] == refused(home, "CompleteMigration")[0] == STATE
    home.settle()
    assert held(home) == [{"k": "v", "later": "w"}] * 2
    assert_served(home)
    source = f"{outside.HOST}:{outside.PORT}"
    assert [words for words in home.messages() if "igration" in words] == [
        f"s: Prepared migration to s from {source}",
        f"s: Started migration to s from {source}",
        "s: Cutover of migration to s has begun",
        "s: Complete Migration successful for s",
    ]


def test_what_was_stopped_is_begun_anew(home: House) -> None:
    outside.source(home.machine, k="v")
    start(home)
    assert call(home, "StopMigration")["Migration"]["Status"] == "stopped"
    home.settle()
    assert described(home)["Migration"]["Status"] == "stopped"
    assert refused(home, "StopMigration")[0] == STATE
    for value in ("v", "w"):  # a pretend replica knows by its offset that it is another copy
        home.machine.processes.write(outside.HOST, "later", value)
    home.machine.processes.write(primary_host(home), "mine", "x")
    assert held(home) == [{"k": "v", "mine": "x"}] * 2
    assert refused(home, "StartMigration")[0] == COMBINATION
    call(home, "StartMigration", ClearTargetCacheData=True)
    home.settle()
    assert held(home) == [{"k": "v", "later": "w"}] * 2


def test_what_the_cache_holds_is_cleared_only_when_that_is_said(home: House) -> None:
    outside.source(home.machine, k="v", l="w")
    home.machine.processes.write(primary_host(home), "mine", "x")
    prepare(home)
    assert held(home) == [{"mine": "x"}] * 2
    assert refused(home, "StartMigration") == (
        COMBINATION,
        "ClearTargetCacheData must be true: serverless cache s holds 1 keys.",
    )
    call(home, "StartMigration", ClearTargetCacheData=True)
    home.settle()
    assert held(home) == [{"k": "v", "l": "w"}] * 2


def test_by_itself_it_is_completed_when_everything_is_there(home: House) -> None:
    source = outside.source(home.machine, k="v")
    start(home, AutoCutover=True)
    assert described(home)["Migration"]["CutoverMode"] == "automatic"
    source.settings[REFUSAL] = "it asks for a password"
    cutovers = AutomaticCutovers(home.store, lambda operation, params, _: home.call(operation, **params))
    cutovers.look()
    assert described(home)["Migration"]["Status"] == "syncing"
    source.settings.clear()
    cutovers.look()
    home.settle()
    assert held(home) == [{"k": "v"}] * 2
    assert_served(home)


def test_what_is_not_in_sync_is_not_complete_unless_by_force(home: House) -> None:
    source = outside.source(home.machine, k="v")
    start(home)
    outside.ends(home.machine, source)
    shape, words = refused(home, "CompleteMigration")
    assert shape == HEALTH
    assert "nobody listens there" in words
    call(home, "CompleteMigration", Force=True)
    home.settle()
    assert held(home) == [{"k": "v"}] * 2
    assert_served(home)


def test_by_force_a_migration_is_given_up_before_it_began(home: House) -> None:
    outside.source(home.machine)
    home.machine.processes.write(primary_host(home), "mine", "x")
    prepare(home)
    assert refused(home, "CompleteMigration")[0] == HEALTH
    call(home, "CompleteMigration", Force=True)
    home.settle()
    assert held(home) == [{"mine": "x"}] * 2
    assert_served(home)


def test_refusals(home: House) -> None:
    for operation in ("StartMigration", "StopMigration", "CompleteMigration"):
        assert refused(home, operation)[0] == NOT_UNDER
    shape, words = refused(home, "PrepareMigration", CustomerNodeEndpointList=SOURCE)
    assert shape == VALUE
    assert "nobody listens there" in words
    source = outside.source(home.machine)
    tls = {"CustomerNodeEndpointList": SOURCE, "SourceTlsConfiguration": {"SourceTlsMode": "verify"}}
    assert refused(home, "PrepareMigration", **tls)[0] == VALUE
    tls["SourceTlsConfiguration"] = {"SourceTlsMode": "none", "SourceTlsCertificate": CERTIFICATE}
    assert refused(home, "PrepareMigration", **tls)[0] == VALUE
    tls["SourceTlsConfiguration"] = {"SourceTlsMode": "verify-ca", "SourceTlsCertificate": CERTIFICATE}
    assert "it does not answer" in refused(home, "PrepareMigration", **tls)[1]
    call(home, "PrepareMigration", **tls | {"SourceTlsConfiguration": {"SourceTlsMode": "none"}})
    assert refused(home, "PrepareMigration", CustomerNodeEndpointList=SOURCE)[0] == UNDER
    assert refused(home, "StartMigration")[0] == STATE
    home.settle()
    assert refused(home, "ModifyServerlessCache", Description="other")[0] == STATE
    assert refused(home, "StartMigration", CustomerNodeEndpointList=SOURCE)[0] == COMBINATION
    outside.ends(home.machine, source)
    assert refused(home, "StartMigration")[0] == HEALTH


def keep_secret(home: House, text: str) -> None:
    """What the secret says from now on."""
    path = home.directory / "secrets" / "us-east-1" / "mine" / "redis"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def written(home: House) -> str:
    """The whole database."""
    with closing(home.keep().database) as database:
        return "\n".join(database.iterdump())


def guarded_source(home: House) -> Process:
    """A source that wants TLS and a password."""
    source = outside.source(home.machine, k="v")
    source.settings |= {PASSWORD: "hush-hush", ENCRYPTED: "yes"}
    return source


def following_guarded(home: House, secret: str) -> None:
    """Started, from such a source, with the login of a secret."""
    guarded_source(home)
    keep_secret(home, secret)
    call(home, "PrepareMigration", CustomerNodeEndpointList=SOURCE, **GUARDED)
    home.settle()
    call(home, "StartMigration")
    home.settle()


def test_a_source_with_tls_and_a_login_is_entered_and_nothing_of_it_is_kept(home: House) -> None:
    following_guarded(home, '{"username": "mover", "password": "hush-hush"}')
    assert held(home) == [{"k": "v"}] * 2
    primary = home.machine.processes.at(primary_host(home))
    entered = {"masteruser": "mover", "masterauth": "hush-hush", "tls-replication": "yes"}
    assert entered.items() <= primary.configuration.items()
    container = home.container(cache(home).status.shards["0001"].primary)
    assert home.machine.files(container)[SOURCE_AUTHORITIES].decode().endswith(CERTIFICATE)
    assert "hush-hush" not in written(home)
    assert not any("hush-hush" in word for word in primary.blueprint.command)
    assert call(home, "StopMigration")["Migration"]["Status"] == "stopped"
    home.settle()
    assert "hush-hush" not in home.machine.processes.at(primary_host(home)).configuration.values()
    call(home, "StartMigration", ClearTargetCacheData=True)
    home.settle()
    call(home, "CompleteMigration")
    home.settle()
    assert_served(home)


def test_another_primary_enters_the_source_as_well(home: House) -> None:
    following_guarded(home, '{"password": "hush-hush"}')
    before = cache(home).status.shards["0001"].primary
    home.machine.kill(home.container(before))
    home.settle()
    assert cache(home).status.shards["0001"].primary != before
    assert home.machine.processes.at(primary_host(home)).configuration["masterauth"] == "hush-hush"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "there is no file"),
        ("hush-hush", "it is no JSON object"),
        ('{"username": "mover"}', "it is no JSON object"),
        ('{"password": "wrong-one"}', "it asks for a password"),
    ],
)
def test_a_secret_that_lets_nobody_in_is_told_without_what_it_says(home: House, text: str | None, words: str) -> None:
    guarded_source(home)
    if text:
        keep_secret(home, text)
    shape, told = refused(home, "PrepareMigration", CustomerNodeEndpointList=SOURCE, **GUARDED)
    assert shape == VALUE
    assert words in told
    assert "hush-hush" not in told
    assert "wrong-one" not in told


def test_what_is_no_secret_is_refused(home: House) -> None:
    outside.source(home.machine)
    for arn in ("", "mine", "arn:aws:secretsmanager:us-east-1:000000000000:secret:../mine"):
        asked = {"SourceAuthenticationConfiguration": {"SecretManagerConfig": {"SecretArn": arn}}}
        shape, told = refused(home, "PrepareMigration", CustomerNodeEndpointList=SOURCE, **asked)
        assert (shape, told) == (VALUE, f"Invalid SecretArn in SourceAuthenticationConfiguration: {arn}")


def test_memcached_copies_nobody(home: House) -> None:
    home.call("CreateServerlessCache", ServerlessCacheName="m", Engine="memcached")
    home.settle()
    with pytest.raises(Fault, match="not supported for engine memcached"):
        home.call("PrepareMigration", ServerlessCacheName="m", CustomerNodeEndpointList=SOURCE)


def test_every_prefix_of_a_cutover_comes_to_rest(tmp_path: Path) -> None:
    home = asked(house(tmp_path))
    outside.source(home.machine, k="v")
    start(home)
    call(home, "CompleteMigration")
    for _ in moments(home, home.settle):
        home.settle()
        assert held(home) == [{"k": "v"}] * 2
        assert_served(home)
