"""Nodes fail while clients write: another one leads, nothing that a replica had is lost, no address changes.

Replication is asynchronous: what only a crashed primary had is gone. So the clients wait for one replica (`WAIT 1`)
before they count a write, and every write that counts must be there in the end: the replica with most data leads.
"""

import time
from contextlib import ExitStack, closing
from typing import Any

import pytest
from redis.exceptions import RedisError

from tests.e2e.checks import CONNECTIONS, check_copies, check_roles
from tests.e2e.clients import Session, crowding, identity, idle_session, writing
from tests.e2e.cloud import Cloud, Place, addresses, member_places, place, primary_of, redis_at, roles
from tests.e2e.deeds import CUT_OFF, DEEDS, HANG, KILL, PAUSE, Deed
from tests.e2e.encrypted import PLAIN, TOKEN, Options, verifying
from tests.e2e.waiting import until

pytestmark = pytest.mark.docker

MEMBERS = ("rg-001", "rg-002", "rg-003")
NODES = tuple(f"{member}.0001" for member in MEMBERS)
PREFERRED: dict[str, Any] = {"TransitEncryptionEnabled": True, "TransitEncryptionMode": "preferred", "AuthToken": TOKEN}

breaking = pytest.mark.parametrize("deed", DEEDS, ids=str)
destroying = pytest.mark.parametrize("deed", [KILL, HANG, CUT_OFF], ids=str)


def _await_another(cloud: Cloud) -> None:
    until("another node leads", lambda: roles(cloud.shown_group("rg"))["rg-001"] == "replica")


def _check_told(cloud: Cloud, candidate: str) -> None:
    completed = f"Failover from primary node rg-001 to replica node {candidate} completed"
    told = cloud.messages("rg", "rg-001")
    assert told[told.index(("rg-001", completed)) :] == [
        ("rg-001", completed),
        ("rg", completed),
        ("rg-001", "Recovering cache nodes 0001"),
        ("rg-001", "Finished recovery for cache nodes 0001"),
    ]


def _survive(cloud: Cloud, deed: Deed, before: dict[str, Any], *ways: Options) -> None:
    broken = cloud.containers()["rg-001.0001"]
    with crowding(place(before["PrimaryEndpoint"]), ways, copies=1) as crowd:
        deed.do(broken)
        _await_another(cloud)
        after = cloud.available_group("rg")
        crowd.progress()
    assert crowd.lost() == {}
    assert addresses(after) == addresses(before)
    check_roles(after, ways[-1])
    check_copies(after, ways[-1])
    _check_told(cloud, primary_of(after))
    cloud.await_nodes(*NODES)
    assert cloud.containers()["rg-001.0001"].id != broken.id


@pytest.mark.parametrize("deed", [HANG, CUT_OFF], ids=str)  # the others are done by hand
def test_a_primary(cloud: Cloud, deed: Deed) -> None:
    _survive(cloud, deed, cloud.group("rg"), PLAIN, PLAIN)


@breaking
def test_a_primary_with_all_kinds_of_clients(cloud: Cloud, deed: Deed) -> None:
    before = cloud.group("rg", **PREFERRED)
    _survive(cloud, deed, before, {"password": TOKEN}, verifying(cloud.plane, TOKEN))


def test_the_replica_with_most_data(cloud: Cloud) -> None:
    """One replica misses some writes that another one has, and is there again just before the primary fails."""
    before = cloud.group("rg")
    containers = cloud.containers()
    with writing(place(before["PrimaryEndpoint"]), copies=1) as writer:
        CUT_OFF.do(containers["rg-002.0001"])
        writer.progress(100)  # well before its silence makes it a dead one
        CUT_OFF.try_to_undo(containers["rg-002.0001"])
        KILL.do(containers["rg-001.0001"])
        _await_another(cloud)
        after = cloud.available_group("rg")
        writer.progress()
    assert writer.lost() == []
    assert addresses(after) == addresses(before)
    check_roles(after)


@breaking
def test_a_primary_that_comes_back_takes_no_write(cloud: Cloud, deed: Deed) -> None:
    """A client that holds on to the old primary's own address is never told that its write was taken."""
    before = cloud.group("rg")
    broken = cloud.containers()["rg-001.0001"]
    with idle_session(member_places(before)["rg-001"]) as stubborn:
        deed.do(broken)
        stubborn.send(b"SET late yes\r\n")
        _await_another(cloud)
        deed.try_to_undo(broken)
        until("its connection ends without a word", lambda: _is_at_end(stubborn))
        after = cloud.available_group("rg")
    check_roles(after)
    with closing(redis_at(place(after["PrimaryEndpoint"]))) as client:
        assert client.get("late") is None
    with idle_session(member_places(after)["rg-001"]) as session:
        session.send(b"SET late yes\r\n")
        until("it refuses", lambda: b"READONLY" in session.received())


def _is_at_end(session: Session) -> bool:
    """Whether a session has ended. It goes on asking: who is silent may never hear that the other side is gone."""
    session.send(b"SET late yes\r\n")
    return session.closed()


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.05, 0.1])
def test_a_primary_that_comes_back_at_any_moment(cloud: Cloud, moment: float) -> None:
    """Whoever leads in the end, and wherever a client wrote: what it was told to be safe is there."""
    before = cloud.group("rg")
    broken = cloud.containers()["rg-001.0001"]
    own, endpoint = member_places(before)["rg-001"], place(before["PrimaryEndpoint"])
    with writing(endpoint, copies=1) as guest, writing(own, copies=1, name="stubborn") as stubborn:
        PAUSE.do(broken)
        time.sleep(moment)  # this is the fault itself; nothing waits for it
        PAUSE.try_to_undo(broken)
        guest.progress()
        after = cloud.available_group("rg")
        guest.progress()
    assert (guest.lost(), stubborn.lost()) == ([], [])
    assert addresses(after) == addresses(before)
    check_roles(after)


@destroying
def test_a_primary_that_nobody_may_replace(cloud: Cloud, deed: Deed) -> None:
    """Without automatic failover it is rebuilt empty, and its replica with it."""
    before = cloud.group("rg", nodes=2, AutomaticFailoverEnabled=False)
    with writing(place(before["PrimaryEndpoint"])) as writer:
        deed.do(cloud.containers()["rg-001.0001"])
        cloud.await_reason("rg-001", "Finished recovery for cache nodes 0001")
        after = cloud.available_group("rg")
        writer.progress()
    assert writer.lost()
    assert (roles(after), addresses(after)) == (roles(before), addresses(before))
    check_roles(after)
    assert not [message for _, message in cloud.messages("rg", *MEMBERS) if "Failover" in message]


def test_all_nodes(cloud: Cloud) -> None:
    """Everything is rebuilt, empty, at the old addresses, and that is told."""
    before = cloud.group("rg")
    with closing(redis_at(place(before["PrimaryEndpoint"]))) as client:
        client.set("written", "before")
    containers = cloud.containers()
    cloud.plane.kill()  # it finds all of them dead at once
    for container in containers.values():
        container.kill()
    cloud.plane.up()
    for member in MEMBERS:
        cloud.await_reason(member, "Recovering cache nodes 0001")
        cloud.await_reason(member, "Finished recovery for cache nodes 0001")
    after = cloud.available_group("rg")
    assert addresses(after) == addresses(before)
    check_roles(after)
    with closing(redis_at(place(after["PrimaryEndpoint"]))) as client:
        assert client.get("written") is None
        assert client.set("written", "after")


@breaking
def test_a_replica(cloud: Cloud, deed: Deed) -> None:
    """The reader endpoint leads past it until it is back; the primary serves on as if nothing had been."""
    before = cloud.group("rg")
    reader, own = place(before["ReaderEndpoint"]), member_places(before)["rg-002"]
    with ExitStack() as stack, writing(place(before["PrimaryEndpoint"])) as writer:
        sessions = [stack.enter_context(idle_session(reader)) for _ in range(CONNECTIONS)]
        deed.do(cloud.containers()["rg-002.0001"])
        until("its sessions end", lambda: any(session.closed() for session in sessions))
        assert not all(session.closed() for session in sessions)
        until("it serves readers again", lambda: _serves(own, reader))
        after = cloud.available_group("rg")
        writer.progress()
    assert (writer.lost(), writer.failures) == ([], 0)
    assert (roles(after), addresses(after)) == (roles(before), addresses(before))
    cloud.await_nodes(*NODES)


def _serves(own: Place, reader: Place) -> bool:
    """Whether readers come to a node."""
    try:
        return identity(own) in {identity(reader) for _ in range(CONNECTIONS)}
    except (RedisError, OSError):
        return False
