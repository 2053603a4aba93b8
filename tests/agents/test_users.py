"""Users reach every node: while it runs, after it was away, and in its next life."""

from pathlib import Path

import pytest

from cachewright.agents.loop.hints import Hints
from cachewright.agents.planning.labels import ACCESS
from cachewright.agents.queries.engines import LiveEngines
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.fingerprints import fingerprints_of
from tests.agents.test_changes import assert_kept, group, newer, write
from tests.agents.test_hints import Kept
from tests.agents.test_logins import settings
from tests.executors import Inline
from tests.house import House, house

GUARDED = {"TransitEncryptionEnabled": True, "UserGroupIds": ["users"]}
PASSWORD = "a-long-password-1"
APP = {"UserId": "app", "UserName": "app", "Engine": "redis", "AccessString": "on ~app:* +@read"}


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A house with a group of which `app` and `default` are users."""
    home = house(tmp_path)
    home.call("CreateUser", **APP, Passwords=[PASSWORD])
    home.call("CreateUserGroup", UserGroupId="users", Engine="redis", UserIds=["default", "app"])
    home.group("rg", nodes=2, **GUARDED)
    return home


def known(home: House) -> list[str]:
    """Which logins the nodes were last told."""
    names = group(home).status.nodes
    return [settings(home, name).get("access", "") for name in names]


def access(home: House) -> str:
    return fingerprints_of(group(home).spec).access


def status(home: House, noun: str, name: str) -> str:
    plural = f"{noun}s"
    (found,) = home.call(f"Describe{plural}", **{f"{noun}Id": name})[plural]
    return str(found["Status"])


def test_a_new_node_begins_with_its_users(home: House) -> None:
    for name in group(home).status.nodes:
        process = home.machine.processes.at(group(home).status.nodes[name].address.host)
        (text,) = [file.content.decode() for file in process.blueprint.files if file.path.endswith(".conf")]
        (line,) = [line for line in text.splitlines() if line.startswith("user app ")]
        assert line.startswith("user app reset #")
        assert "on ~app:* +@read -bgrewriteaof" in line
        assert PASSWORD not in text
        assert process.blueprint.labels[ACCESS] == access(home)


def test_a_change_rebuilds_nothing(home: House) -> None:
    before = group(home)
    write(home, before)
    home.call("ModifyUser", UserId="app", AppendAccessString="+set")
    assert (status(home, "User", "app"), status(home, "UserGroup", "users")) == ("modifying", "active")
    home.settle()
    assert status(home, "User", "app") == "active"
    assert_kept(home, before, group(home))
    assert {node.life for node in group(home).status.nodes.values()} == {1}
    assert known(home) == [access(home)] * 2
    assert all("app #" in settings(home, name)["users"] for name in group(home).status.nodes)


def test_members_that_leave_are_told_of(home: House) -> None:
    home.call("DeleteUser", UserId="app")
    assert status(home, "UserGroup", "users") == "modifying"
    home.settle()
    assert status(home, "UserGroup", "users") == "active"
    assert all("app" not in settings(home, name)["users"] for name in group(home).status.nodes)


def test_nodes_are_told_before_anything_is_looked_at(home: House) -> None:
    home.call("ModifyUser", UserId="app", AccessString="on ~other:* +get")
    Hints(home.store, home.tools, Kept(), Inline(), Inline()).give([group(home).key])
    assert all("~other:* +get" in settings(home, name)["users"] for name in group(home).status.nodes)
    assert status(home, "User", "app") == "modifying"
    home.settle()
    assert known(home) == [access(home)] * 2


@pytest.mark.parametrize("fault", ["kill", "remove", "pause"])
def test_a_node_that_was_away_knows_them(home: House, fault: str) -> None:
    getattr(home.machine, fault)(home.container("rg-002.0001"))
    home.call("ModifyUser", UserId="app", AccessString="on ~other:* +get")
    home.settle()
    assert status(home, "User", "app") == "active"
    node = group(home).status.nodes["rg-002.0001"]
    process = home.machine.processes.at(node.address.host)
    begun = process.blueprint.labels[ACCESS] == access(home)
    assert begun or process.settings["access"] == access(home)


def test_a_reboot_begins_with_the_present_users(home: House) -> None:
    home.call("ModifyUser", UserId="app", AccessString="on ~other:* +get")
    home.settle()
    home.call("RebootCacheCluster", CacheClusterId="rg-002", CacheNodeIdsToReboot=["0001"])
    home.settle()
    process = home.machine.processes.at(group(home).status.nodes["rg-002.0001"].address.host)
    assert process.blueprint.labels[ACCESS] == access(home)


def test_what_an_engine_refuses_changes_nothing(home: House) -> None:
    home.machine.objection = lambda name, value: "no such command" if (name, value) == ("user", "+nothing") else ""
    home.engines = LiveEngines(home.tools, home.buckets)
    before = group(home)
    with pytest.raises(Fault, match="no such command"):
        home.call("ModifyUser", UserId="app", AccessString="on +nothing")
    assert group(home) == before
    assert status(home, "User", "app") == "active"


def test_users_stay_when_nodes_are_rebuilt(home: House) -> None:
    home.call("ModifyReplicationGroup", ReplicationGroupId="rg", CacheNodeType="cache.m5.large", ApplyImmediately=True)
    home.settle()
    assert newer(group(home).spec) is not None
    labels = [container.labels[ACCESS] for container in home.containers() if "rg-" in container.name]
    assert labels == [access(home)] * 2
