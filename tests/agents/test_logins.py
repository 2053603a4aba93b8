"""The logins of nodes: who is told what, from the first moment on, and how that changes."""

from dataclasses import replace
from pathlib import Path

import pytest

from cachewright.agents.engines.redis.acl_rules import AGENT
from cachewright.agents.planning.labels import LOGIN
from cachewright.controlplane.model.cache import Kind, Spec
from cachewright.controlplane.model.fingerprints import fingerprints_of
from tests.agents.test_changes import asked, assert_kept, group, newer, write
from tests.house import House, house


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A new house."""
    return house(tmp_path)


def words(home: House, name: str) -> tuple[str, ...]:
    """The command line of a node."""
    return home.machine.processes.at(group(home).status.nodes[name].address.host).blueprint.command


def settings(home: House, name: str) -> dict[str, str]:
    """What a node was told while it ran."""
    return home.machine.processes.at(group(home).status.nodes[name].address.host).settings


def test_every_node_knows_its_logins_from_the_first_moment(home: House) -> None:
    cache = home.group(nodes=2)
    assert cache.spec.restricted
    for name in cache.status.nodes:
        assert AGENT in words(home, name)
        assert "-config" in words(home, name)
        assert "access" not in settings(home, name)


def test_restrictions_come_and_go_while_nodes_run(home: House) -> None:
    before = home.group(nodes=2)
    write(home, before)
    for restricted in (False, True):
        asked(home, lambda spec: replace(spec, restricted=restricted))  # noqa: B023 - called at once
        after = group(home)
        assert_kept(home, before, after)
        assert {known.life for known in after.status.nodes.values()} == {1}
        access = fingerprints_of(after.spec).access
        assert [settings(home, name)["access"] for name in after.status.nodes] == [access, access]


def test_a_release_with_another_table_of_restricted_commands_tells_running_nodes(home: House) -> None:
    before = home.group(nodes=2)
    write(home, before)
    for name in before.status.nodes:
        settings(home, name)["access"] = "of the release before"
    home.restart()
    home.settle()
    after = group(home)
    assert_kept(home, before, after)
    assert {known.life for known in after.status.nodes.values()} == {1}
    access = fingerprints_of(after.spec).access
    assert [settings(home, name)["access"] for name in after.status.nodes] == [access, access]


def test_a_group_that_gets_to_know_logins(home: House) -> None:
    """Redis 5 has none: its nodes are entered as anybody enters them, until they are rebuilt one by one."""
    before = home.group(EngineVersion="5.0.6")
    write(home, before)
    assert not any(AGENT in words(home, name) for name in before.status.nodes)
    asked(home, lambda spec: newer(replace(spec, parameter_group="default.redis7")))
    after = group(home)
    assert_kept(home, before, after)
    assert all(AGENT in words(home, name) for name in after.status.nodes)
    assert {known.login for known in after.status.nodes.values()} == {True}
    assert all(LOGIN in container.labels for container in home.containers())


def test_a_new_group_takes_over_what_its_primary_refuses(home: House) -> None:
    home.cluster()
    asked(home, _open, Kind.CACHE_CLUSTER, "one")
    wanted = {"ReplicationGroupId": "rg", "ReplicationGroupDescription": "made out of it", "PrimaryClusterId": "one"}
    home.call("CreateReplicationGroup", **wanted)
    home.settle()
    assert not group(home).spec.restricted


def test_memcached_restricts_nothing(home: House) -> None:
    cache = home.cluster("web", Engine="memcached")
    assert not cache.spec.restricted
    assert not cache.status.nodes["web.0001"].login


def _open(spec: Spec) -> Spec:
    return replace(spec, restricted=False)
