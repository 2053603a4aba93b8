"""The commands that clients are refused, as rules of logins."""

from dataclasses import replace
from hashlib import sha256

import pytest

from cachewright.agents.engines.command_lines import command
from cachewright.agents.engines.redis.acl_rules import AGENT, AclRules, acl_rules, marked, rows, users
from cachewright.agents.engines.redis.restricted_commands import LEFT, restrictions
from cachewright.agents.engines.start import Start
from cachewright.agents.planning.sizing import Size
from cachewright.controlplane.model.auth import Auth
from cachewright.controlplane.model.cache import Spec
from cachewright.controlplane.model.fingerprints import RESTRICTIONS, fingerprints_of
from cachewright.controlplane.model.restricted_commands import KEPT
from cachewright.controlplane.model.versions import Engine

OLD, NEW = (6, 0), (7, 0)
SPEC = Spec(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "own", ())
RESTRICTED = Spec(Engine.REDIS, "7.1.0", "cache.t3.micro", 6379, "own", (), restricted=True)
REFUSED = (
    "acl|setuser acl|load acl|save acl|deluser bgrewriteaof bgsave cluster|addslots cluster|bumpepoch cluster|delslots"
    " cluster|failover cluster|flushslots cluster|forget cluster|links cluster|meet cluster|setslot config|get"
    " config|set debug migrate replicaof save slaveof shutdown sync cluster|addslotsrange cluster|delslotsrange"
)  # as the user guide lists them
TAKEN = (
    "get set psync replconf info client|list acl|whoami acl|list acl|users acl|getuser acl|cat cluster|slots"
    " cluster|nodes cluster|info cluster|myid cluster|keyslot cluster|countkeysinslot restore-asking"
)  # by clients, replicas, and those who bring keys


def takes(rules: tuple[str, ...], wanted: str) -> bool:
    """Whether the last rule about a command, or about all of its parts, is for it; at first everything is allowed."""
    names = (wanted, wanted.partition("|")[0])
    last = [rule for rule in rules if rule[1:] in names]
    return not last or last[-1].startswith("+")


@pytest.mark.parametrize("version", [OLD, (6, 2), NEW, (8, 1)])
def test_what_aws_keeps_for_itself_is_refused(version: tuple[int, ...]) -> None:
    rules = restrictions(version)
    assert [name for name in REFUSED.split() if takes(rules, name)] == []
    assert [name for name in TAKEN.split() if not takes(rules, name)] == []


@pytest.mark.parametrize("version", [OLD, (6, 2), NEW, (8, 1), (9, 1)])
def test_roles_membership_and_slots_are_not_for_clients_to_change(version: tuple[int, ...]) -> None:
    rules = restrictions(version)
    known = [name for name, since in KEPT.items() if version >= since]
    assert [name for name in known if takes(rules, name)] == []
    assert [name for name in LEFT if not takes(rules, name) and version >= NEW] == []
    assert {"cluster|reset", "cluster|replicate", "replicaof"} <= set(known)
    assert ("failover" in known) is (version >= (6, 2))


def test_engines_are_told_no_rules_about_what_they_do_not_know() -> None:
    assert [rule for rule in restrictions((8, 1)) if "migrateslots" in rule] == []
    assert "-cluster|migrateslots" in restrictions((9, 0))
    assert "-failover" not in restrictions(OLD)


def test_another_table_is_told_to_running_nodes() -> None:
    """Who changes the table raises the number, and then this: running nodes are told by it."""
    told = "\n".join(f"{name} {since}" for name, since in sorted(KEPT.items()))
    assert (RESTRICTIONS, sha256(told.encode()).hexdigest()[:12]) == (2, "c94aad145387")


def test_redis_6_knows_no_rules_that_take_away_parts_of_a_command() -> None:
    assert [rule for rule in restrictions(OLD) if rule.startswith("-") and "|" in rule] == []


def test_only_clients_are_restricted() -> None:
    wanted = acl_rules(RESTRICTED)
    own = {name: rules for _, name, _, *rules in rows(wanted, "secret", NEW)}
    assert own["default"] == ["on", "nopass", "~*", "&*", "+@all", *restrictions(NEW)]
    assert own[AGENT] == ["on", f"#{sha256(b'secret').hexdigest()}", "~*", "&*", "+@all"]
    assert marked(own) == fingerprints_of(RESTRICTED).access
    assert "-config" not in users(acl_rules(SPEC), NEW)["default"]


def test_a_token_does_not_lift_restrictions() -> None:
    rules = users(AclRules(Auth(("a" * 64,), required=True), restricted=True, name="x"), NEW)["default"]
    assert rules[:2] == ("on", f"#{'a' * 64}")
    refused = restrictions(NEW, hashes=False)
    assert rules[-len(refused) :] == refused


@pytest.mark.parametrize("version", [OLD, (6, 2), NEW, (8, 1)])
def test_clients_of_a_cache_with_tokens_are_shown_no_hashes(version: tuple[int, ...]) -> None:
    tokens = AclRules(Auth(("a" * 64,), required=True), restricted=True, name="x")
    rules = users(tokens, version)["default"]
    showing = ("acl|list", "acl|getuser")
    assert [name for name in showing if takes(rules, name)] == []
    assert [name for name in TAKEN.split() if not takes(rules, name) and name not in showing] == []
    assert [name for name in REFUSED.split() if takes(rules, name)] == []


def test_nodes_that_run_are_told_that_hashes_are_not_shown() -> None:
    tokens = Auth(("a" * 64,), required=True)
    before = sha256("\n".join(("a" * 64, "True", "restricted")).encode()).hexdigest()[:12]
    assert fingerprints_of(replace(RESTRICTED, auth=tokens)).access != before


def test_a_node_is_told_its_logins_as_it_starts() -> None:
    told = rows(acl_rules(RESTRICTED), "secret", NEW)
    words = command(RESTRICTED, Start(Size(1, 1), NEW, 6379, logins=told))
    for _, *rest in told:
        start = words.index(rest[0])
        assert words[start - 1 : start + len(rest)] == ("--user", *rest)
    assert "secret" not in " ".join(words)


@pytest.mark.parametrize(
    ("spec", "version", "allowed"), [(SPEC, NEW, True), (SPEC, OLD, False), (RESTRICTED, NEW, False)]
)
def test_debug_is_for_those_who_are_not_restricted(spec: Spec, version: tuple[int, ...], allowed: bool) -> None:
    """Before Redis 7 everybody may, and the option is unknown."""
    words = command(spec, Start(Size(1, 1), version, 6379))
    assert ("--enable-debug-command" in words) is allowed


def test_restrictions_are_a_matter_of_logins_alone() -> None:
    open_, closed = fingerprints_of(SPEC), fingerprints_of(RESTRICTED)
    assert open_.access != closed.access
    assert open_.fingerprint == closed.fingerprint


@pytest.mark.parametrize(
    ("engine", "version", "login"),
    [
        (Engine.REDIS, "5.0.6", False),
        (Engine.REDIS, "6.0.5", True),
        (Engine.VALKEY, "7.2.6", True),
        (Engine.MEMCACHED, "1.6.22", False),
    ],
)
def test_who_knows_logins(engine: Engine, version: str, login: bool) -> None:
    assert fingerprints_of(Spec(engine, version, "cache.t3.micro", 6379, "own", ())).login is login
