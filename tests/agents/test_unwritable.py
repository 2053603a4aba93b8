"""A store that takes nothing: requests are to be tried again, and what cannot be written is neither done nor hidden."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cachewright.agents.directory.name_server import stored
from cachewright.agents.drills.clients import ENTRANCES
from cachewright.agents.drills.drills import Drills
from cachewright.agents.planning.verdicts import Later
from cachewright.agents.system.secrets import DirectorySecrets
from cachewright.controlplane.console.bodies import answered
from cachewright.controlplane.model.cache import Kind
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.hostnames import Naming
from cachewright.controlplane.settings import RuntimeKind
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.failures import Unusable
from cachewright.controlplane.store.transaction import Transaction
from tests.house import House, house

PRIMARY, REPLICA = "rg-001.0001", "rg-002.0001"


class Refusing(Store):
    """SQLite refuses every write while `refuses` is set, as it does on a file system that is read-only."""

    refuses = False

    @contextmanager
    def write(self, *, urgent: bool = False) -> Iterator[Transaction]:
        """See Store."""
        with super().write(urgent=urgent) as transaction:
            transaction.connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if self.refuses else 'OFF'}")
            try:
                yield transaction
            finally:
                transaction.connection.exec_driver_sql("PRAGMA query_only = OFF")


@pytest.fixture
def store(tmp_path: Path) -> Refusing:
    return Refusing(f"sqlite:///{tmp_path / 'house.db'}")


@pytest.fixture
def home(tmp_path: Path, store: Refusing) -> House:
    home = house(tmp_path)
    home.store = store
    home.restart()
    home.group("rg", nodes=2)
    return home


def statuses(home: House) -> set[str]:
    groups = home.call("DescribeReplicationGroups")["ReplicationGroups"]
    clusters = home.call("DescribeCacheClusters", ShowCacheNodeInfo=True)["CacheClusters"]
    nodes = [node["CacheNodeStatus"] for cluster in clusters for node in cluster["CacheNodes"]]
    return {*(group["Status"] for group in groups), *(cluster["CacheClusterStatus"] for cluster in clusters), *nodes}


def test_a_request_is_to_be_tried_again(home: House, store: Refusing) -> None:
    store.refuses = True
    with pytest.raises(Fault) as refused:
        home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    assert refused.value.shape == "ServiceUnavailable"
    assert "attempt to write a readonly database; make it and its directory writable" in refused.value.message
    assert statuses(home) == {"available"}  # that was seen, and nothing else has been since
    store.refuses = False
    home.call("DeleteReplicationGroup", ReplicationGroupId="rg")


def test_a_primary_that_dies_meanwhile_is_not_available(home: House, store: Refusing) -> None:
    cache = home.cache(Kind.REPLICATION_GROUP, "rg")
    before, routes = home.containers(), home.routes()
    store.refuses = True
    home.machine.kill(home.container(PRIMARY))
    assert home.reconcile(cache.key) is not None
    assert statuses(home) == {"modifying"}
    assert "readonly database" in home.cache(Kind.REPLICATION_GROUP, "rg").reason
    assert [each.name for each in home.containers()] == [each.name for each in before]
    assert home.routes() == routes  # nothing is done that a control plane that starts now would not know of
    store.refuses = False
    home.settle()
    assert statuses(home) == {"available"}
    assert home.cache(Kind.REPLICATION_GROUP, "rg").reason == ""
    assert home.cache(Kind.REPLICATION_GROUP, "rg").status.shards["0001"].primary == REPLICA


def test_what_comes_back_before_it_could_be_written_is_available_again(home: House, store: Refusing) -> None:
    key = home.cache(Kind.REPLICATION_GROUP, "rg").key
    store.refuses = True
    home.machine.pause(home.container(REPLICA))
    home.reconcile(key)
    home.machine.unpause(home.container(REPLICA))
    store.refuses = False
    home.settle()
    assert statuses(home) == {"available"}


def test_a_database_that_was_removed_is_not_written_into(home: House, tmp_path: Path) -> None:
    (tmp_path / "house.db").rename(tmp_path / "elsewhere.db")
    with pytest.raises(Fault, match=r"cannot write to the database .*house\.db: No such file or directory"):
        home.call("DeleteReplicationGroup", ReplicationGroupId="rg")
    (tmp_path / "house.db").write_bytes((tmp_path / "elsewhere.db").read_bytes())
    with pytest.raises(Fault, match="it is another file than before; start Cachewright again"):
        home.call("DeleteReplicationGroup", ReplicationGroupId="rg")


def test_drills_say_so(home: House, store: Refusing) -> None:
    drills = Drills(store, home.tools, ENTRANCES[RuntimeKind.MEMORY], home.clock, lambda: ("a",))
    store.refuses = True
    answer = answered(200, lambda: drills.bring_up("us-east-1a"))
    assert (answer.status_code, b"cannot write to the database" in bytes(answer.body)) == (503, True)


def test_a_query_for_a_name_is_not_answered(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'nowhere' / 'at.db'}")
    with pytest.raises(Unusable), store.read():
        pass
    assert stored(store, Naming())(b"\0" * 12) == b""


def test_secrets_that_cannot_be_kept_are_waited_for(tmp_path: Path) -> None:
    gone = DirectorySecrets(tmp_path / "gone", lambda: datetime.now(UTC))
    for wanted in (lambda: gone.credentials, lambda: gone.identity(["127.0.0.1"])):
        with pytest.raises(Later, match=r"cannot keep secrets in the data directory .*gone: No such file or directory"):
            wanted()
