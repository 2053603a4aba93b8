"""The agent may die at any instruction: every plan is cut off after each of its deeds, and must come to rest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import pytest

from cachewright.agents.backends import Backend
from cachewright.agents.memory.hosts import Power
from cachewright.controlplane.model.applied_updates import Applied
from cachewright.controlplane.model.cache import Address, Kind, Transit
from cachewright.controlplane.model.hosts import Host
from cachewright.controlplane.model.upstreams import Upstream
from cachewright.controlplane.model.versions import Engine
from tests import outside
from tests.agents.test_reconcile import assert_sound, home_key
from tests.house import MODES, House, Kept, house

DEEDS = frozenset(
    {"launch", "rename", "restart", "unpause", "remove", "disconnect", "connect", "kill", "route", "unroute"}
    | {
        "replicate_from",
        "request_ack",
        "promote",
        "switchover",
        "resume_writes",
        "shut_down",
        "renew",
        "apply_acl",
        "apply_parameters",
    }
    | {
        "cluster_meet",
        "cluster_forget",
        "cluster_replicate",
        "encrypt_bus",
        "cluster_announce",
        "cluster_announce_host",
    }
    | {"assign_slots", "stabilize_slots", "migrate_slots"}
    | {"copy", "read", "begin_save", "saved", "write", "taken", "copied", "failed", "removed", "exported"}
    | {"dump", "fill", "settle"}
    | {"publish", "withdraw", "set_names"}
)
FACETS = frozenset({"replication", "cluster_mode", "acl", "parameters", "persistence", "contents", "renewal"})


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Fuse:
    """Blows before or after the deed of that number."""

    number: int
    before: bool
    done: int = 0
    lock: Lock = field(default_factory=Lock)

    def wrap(self, deed: Callable[..., Any]) -> Callable[..., Any]:
        """The same deed, behind the fuse."""

        def blowing(*args: Any) -> Any:
            with self.lock:
                if self.done >= self.number:  # whatever is dead does nothing more
                    raise Crash
                self.done += 1
                blown = self.done == self.number
            if blown and self.before:
                raise Crash
            result = deed(*args)
            if blown:
                raise Crash
            return result

        return blowing


class Moments:
    """Keeps a house as it is before and after each deed of its agent; once, where nothing was written in between. One
    deed is done at a time.
    """

    def __init__(self, home: House) -> None:
        self.kept: list[Kept] = []
        self._home, self._lock = home, Lock()
        self._changed = True
        home.store.follow(self._change)

    def wrap(self, deed: Callable[..., Any]) -> Callable[..., Any]:
        """The same deed, with what was before and after it."""

        def watched(*args: Any) -> Any:
            with self._lock:
                self._keep()
                try:
                    return deed(*args)
                finally:
                    self._change()
                    self._keep()

        return watched

    def _change(self) -> None:
        self._changed = True

    def _keep(self) -> None:
        if self._changed:
            self.kept.append(self._home.keep())
            self._changed = False


def moments(home: House, run: Callable[[], object], fewest: int = 1) -> Iterator[None]:
    """The house is as an agent leaves it that dies before or after any of its deeds while it runs, one moment after the
    other, and in the end as it is once everything was done. There are that many deeds at least.
    """
    watched = Moments(home)
    home.restart(fused(home.backend, watched))
    run()
    assert len(watched.kept) > fewest
    for kept in (*watched.kept, home.keep()):
        home.go_back(kept)
        yield


class Wrap(Protocol):
    """What something is put behind."""

    def wrap(self, deed: Callable[..., Any]) -> Callable[..., Any]:
        """The same deed, and more."""


class Fused:
    """Anything, with its deeds behind a fuse, or something else."""

    def __init__(self, real: object, fuse: Wrap) -> None:
        self._real = real
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._real, name)
        if name in FACETS and value is not None:
            return Fused(value, self._fuse)
        return self._fuse.wrap(value) if name in DEEDS else value


def fused(backend: Backend, fuse: Wrap) -> Backend:
    """A backend that fails, or is watched."""
    gateway, directory = Fused(backend.gateway(Address("", 0)), fuse), backend.directory
    drivers: Any = {engine: Fused(backend.drivers[engine], fuse) for engine in Engine}
    runtime: Any = Fused(backend.runtime, fuse)
    ways: Any = {
        "gateway": lambda _: gateway,
        "proxy": lambda admin: Fused(backend.proxy(admin), fuse),
        "directory": lambda admin, host: Fused(directory(admin, host), fuse),
    }
    return replace(backend, runtime=runtime, drivers=drivers, **ways)


def create(home: House) -> None:
    home.call("CreateReplicationGroup", ReplicationGroupId="rg", ReplicationGroupDescription="d", Engine="redis",
              CacheNodeType="cache.t3.micro", NumCacheClusters=3, AutomaticFailoverEnabled=True)  # fmt: skip


def fail_over(home: House) -> None:
    home.group("rg")
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")


def lose_primary(home: House) -> None:
    home.group("rg")
    home.machine.kill(home.container("rg-001.0001"))


def pause_primary(home: House) -> None:
    home.group("rg")
    home.machine.pause(home.container("rg-001.0001"))


def reboot(home: House) -> None:
    home.group("rg")
    home.call("RebootCacheCluster", CacheClusterId="rg-002", CacheNodeIdsToReboot=["0001"])


def asked(home: House, **change: Any) -> None:
    with home.store.write() as transaction:
        cache = home.cache(Kind.REPLICATION_GROUP, "rg")
        transaction.caches.write_spec(cache, replace(cache.spec, **change))


def roll(home: House) -> None:
    home.group("rg", nodes=2)
    asked(home, node_type="cache.m5.large")


def roll_alone(home: House) -> None:
    home.group("rg", nodes=1)
    asked(home, node_type="cache.m5.large")


def encrypt(home: House) -> None:
    home.group("rg", nodes=2)
    asked(home, transit=Transit.PREFERRED)


def dismiss_primary(home: House) -> None:
    cache = home.group("rg")
    asked(home, shards=(replace(cache.spec.shards[0], nodes=cache.spec.shards[0].nodes[1:]),))


USERS = {"UserGroupId": "users", "Engine": "redis", "UserIds": ["default", "app"]}
APP = {"UserId": "app", "UserName": "app", "Engine": "redis", "AccessString": "on ~* +@read"}


def guard(home: House) -> None:
    """Users take the place of whoever comes."""
    home.call("CreateUser", **APP, Passwords=["a-long-password-1"])
    home.call("CreateUserGroup", **USERS)
    home.group("rg", TransitEncryptionEnabled=True)
    home.call("ModifyReplicationGroup", ReplicationGroupId="rg", UserGroupIdsToAdd=["users"], ApplyImmediately=True)


def change_user(home: House) -> None:
    """A user may do something else."""
    guard(home)
    home.settle()
    home.call("ModifyUser", UserId="app", AccessString="on ~* +@write")


def dismiss_user(home: House) -> None:
    """A user is no more."""
    guard(home)
    home.settle()
    home.call("DeleteUser", UserId="app")


DAY = datetime(2026, 1, 1, tzinfo=UTC)


def update(home: House) -> None:
    """A service update is applied."""
    home.group("rg", 2)
    asked(home, updates=(Applied("elc-20260101-001", DAY),))


def stop_update(home: House) -> None:
    """It is stopped before the primary's turn: whoever was not begun stays."""
    update(home)
    home.restart(fused(home.backend, Fuse(1, before=False)))
    with pytest.raises(Crash):
        home.reconcile(home_key(home))
    home.restart()
    asked(home, updates=(Applied("elc-20260101-001", DAY, stopped_at=DAY),))


def migrate(home: House) -> None:
    """The group follows a source of the user's."""
    outside.source(home.machine, k="v")
    home.group("rg", nodes=2)
    asked(home, upstream=Upstream(outside.HOST, outside.PORT))


def lose_a_migrating_primary(home: House) -> None:
    """Another one follows the source."""
    migrate(home)
    home.settle()
    home.machine.kill(home.container("rg-001.0001"))


def end_migration(home: House) -> None:
    """The group follows nobody any more."""
    migrate(home)
    home.settle()
    asked(home, upstream=None)


def on_hosts(home: House) -> None:
    """The group is on three hosts."""
    home.tell_hosts(*(Host(f"h{zone}", f"tcp://{zone}:1", zone, f"10.77.0.{at}") for at, zone in enumerate("abc", 1)))
    home.group("rg")


def lose_host(home: House) -> None:
    """The host of the primary is cut off, and comes back once it is without nodes."""
    on_hosts(home)
    home.machine.power("ha", Power.CUT)
    home.settle()
    home.machine.power("ha", Power.ON)
    home.machine.power("hb", Power.OFF)


def drain_host(home: House) -> None:
    """The primary has to leave its host."""
    on_hosts(home)
    with home.store.write() as transaction:
        transaction.hosts.write(replace(transaction.hosts.all()["ha"], draining=True))


WAYS: tuple[Callable[[House], None], ...] = (
    create,
    fail_over,
    lose_primary,
    pause_primary,
    reboot,
    roll,
    roll_alone,
    encrypt,
    dismiss_primary,
    guard,
    change_user,
    dismiss_user,
    update,
    stop_update,
    migrate,
    lose_a_migrating_primary,
    end_migration,
    lose_host,
    drain_host,
)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_prefix_of_every_plan_comes_to_rest(way: Callable[[House], None], mode: str, tmp_path: Path) -> None:
    home = house(tmp_path, MODES[mode])
    way(home)
    for _ in moments(home, lambda: home.reconcile(home_key(home))):
        home.settle()
        assert_sound(home, home.cache(Kind.REPLICATION_GROUP, "rg"))


@pytest.mark.parametrize("nodes", [2, 3])
@pytest.mark.parametrize("fault", ["kill", "remove"])
def test_a_candidate_that_dies_before_it_leads_takes_nothing_with_it(nodes: int, fault: str, tmp_path: Path) -> None:
    home = house(tmp_path)
    cache = home.group("rg", nodes=nodes)
    home.machine.processes.write(cache.status.nodes["rg-001.0001"].address.host, "key", "value")
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    home.restart(fused(home.backend, Fuse(1, before=True)))
    with pytest.raises(Crash):
        home.reconcile(home_key(home))
    candidate = home.cache(Kind.REPLICATION_GROUP, "rg").status.shards["0001"].primary
    assert candidate == "rg-002.0001"
    getattr(home.machine, fault)(home.container(candidate))
    home.restart()
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert all(home.machine.processes.at(n.address.host).data == {"key": "value"} for n in after.status.nodes.values())


@pytest.mark.parametrize("fault", ["kill", "remove"])
@pytest.mark.parametrize("number", [1, 2], ids=["not fenced", "fenced"])
def test_a_primary_that_was_fenced_goes_on_when_nobody_else_can_lead(number: int, fault: str, tmp_path: Path) -> None:
    """It was paused, and put out of reach; then both the agent and the candidate die."""
    home = house(tmp_path)
    cache = home.group("rg", nodes=2)
    home.machine.processes.write(cache.status.nodes["rg-001.0001"].address.host, "key", "value")
    home.machine.pause(home.container("rg-001.0001"))
    home.restart(fused(home.backend, Fuse(number, before=True)))
    with pytest.raises(Crash):
        home.reconcile(home_key(home))
    assert home.cache(Kind.REPLICATION_GROUP, "rg").status.shards["0001"].primary == "rg-002.0001"
    getattr(home.machine, fault)(home.container("rg-002.0001"))
    home.restart()
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert_sound(home, after)
    assert all(home.machine.processes.at(n.address.host).data == {"key": "value"} for n in after.status.nodes.values())


@pytest.mark.parametrize("nodes", [2, 3])
def test_a_switchover_that_is_given_up_holds_no_writes_back(nodes: int, tmp_path: Path) -> None:
    """The candidate dies between the pause and its promotion."""
    home = house(tmp_path)
    cache = home.group("rg", nodes=nodes)
    fallen: list[str] = []

    def fall(_address: str) -> None:
        if not fallen:
            fallen.append(home.cache(Kind.REPLICATION_GROUP, "rg").status.shards["0001"].primary)
            home.machine.kill(home.container(fallen[0]))

    home.machine.holding = fall
    home.call("TestFailover", ReplicationGroupId="rg", NodeGroupId="0001")
    home.settle()
    after = home.cache(Kind.REPLICATION_GROUP, "rg")
    assert fallen == ["rg-002.0001"]
    assert_sound(home, after)
    leader = after.status.shards["0001"].primary
    assert leader == ("rg-001.0001" if nodes == 2 else "rg-003.0001")
    home.machine.processes.write(cache.status.nodes[leader].address.host, "key", "value")
