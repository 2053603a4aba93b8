"""Who works at a PostgreSQL: leases by its own clock, duties that one has, and the fence behind both."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue

import pytest
from sqlalchemy import text

from cachewright.controlplane.membership import Membership
from cachewright.controlplane.model.membership import LEASE, Duty, Role, chosen
from cachewright.controlplane.store.beside import Taken
from cachewright.controlplane.store.caches import Outdated
from cachewright.controlplane.store.database import Store
from cachewright.controlplane.store.exclusive import exclusive, together
from cachewright.controlplane.store.members import Expired, Register
from tests.contract import postgresql
from tests.contract.test_store import SOON, add, group, held
from tests.contract.test_store_exclusive import never
from tests.contract.test_store_ownership import report
from tests.e2e.waiting import until


@pytest.fixture
def url(server: Path) -> str:
    """The URL of an empty PostgreSQL."""
    return postgresql.new_database(server)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store in which nothing is remembered."""
    with closing(Store(url)) as store:
        store.prepare()
        yield store


def join(url: str, token: str, role: Role = Role.AGENT) -> Register:
    register = Register(url)
    register.join(token, f"{token}'s", role, "here", 1)
    return register


def expire(store: Store, token: str) -> None:
    """The lease of a member is over, and nobody has noticed."""
    late = text("UPDATE members SET lease_until = clock_timestamp() - interval '1 s' WHERE token = :token")
    with store.write() as transaction:
        transaction.connection.execute(late, {"token": token})


def tokens(store: Store) -> list[str]:
    with store.read() as transaction:
        return [member.token for member in transaction.members.all()]


def test_a_lease_that_somebody_found_to_be_over_is_never_renewed(store: Store, url: str) -> None:
    with closing(join(url, "first")) as first, closing(join(url, "second")) as second:
        expire(store, "first")
        assert first.renew("first"), "nobody had noticed"
        expire(store, "first")
        assert second.renew("second")
        assert tokens(store) == ["second"]
        assert first.renew("first") is None
        assert tokens(store) == ["second"]


def test_a_token_counts_until_somebody_found_its_lease_to_be_over(store: Store, url: str) -> None:
    def counts() -> bool:
        with store.read() as transaction:
            return transaction.members.has("first")

    assert not counts()
    with closing(join(url, "first")), closing(join(url, "second")) as second:
        expire(store, "first")
        assert counts()
        second.renew("second")
        assert not counts()


def test_whoever_leaves_is_gone_at_once(store: Store, url: str) -> None:
    with closing(join(url, "first")) as first, closing(join(url, "second")):
        first.leave("first")
        assert tokens(store) == ["second"]


def test_each_duty_is_one_agents_and_goes_to_another_when_that_one_is_gone(store: Store, url: str) -> None:
    registers = {token: join(url, token) for token in ("one", "two", "three")}
    api = join(url, "api", Role.API)
    assert (word := api.renew("api"))
    assert word.duties == frozenset()
    for _ in range(2):
        own = {token: word.duties for token, register in registers.items() if (word := register.renew(token))}
        assert sorted(duty for duties in own.values() for duty in duties) == sorted(Duty)
    registers["one"].leave("one")
    left = {token: word.duties for token in ("two", "three") if (word := registers[token].renew(token))}
    assert sorted(left["two"] | left["three"]) == sorted(Duty)
    assert all(own[token] <= left[token] for token in left), "what somebody has stays there"
    for register in (*registers.values(), api):
        register.close()


def test_of_many_who_find_a_duty_free_one_gets_it(store: Store, url: str) -> None:
    registers = {f"t{number}": join(url, f"t{number}") for number in range(6)}
    for _ in range(5):
        with ThreadPoolExecutor(6) as pool:
            words = list(pool.map(lambda one: one[1].renew(one[0]), registers.items()))
        every = [duty for word in words if word for duty in word.duties]
        assert sorted(every) == sorted(Duty)
        with store.write() as transaction:
            transaction.connection.execute(text("DELETE FROM duties"))
    for register in registers.values():
        register.close()


def test_whose_lease_is_over_writes_nothing(store: Store, url: str) -> None:
    with closing(join(url, "first")), pytest.raises(Expired), store.write() as transaction:
        transaction.members.require("first")
        transaction.connection.execute(text("DELETE FROM members"))
        transaction.members.require("first")


def test_nobody_finds_a_lease_to_be_over_while_its_member_writes(store: Store, url: str) -> None:
    with closing(join(url, "first")), closing(join(url, "second")) as second:
        expire(store, "first")
        with store.write() as transaction:
            transaction.members.require("first")
            assert (word := second.renew("second"))
            assert [member.token for member in word.members] == ["first", "second"]
        assert (word := second.renew("second"))
        assert [member.token for member in word.members] == ["second"]


def test_a_cache_is_let_go_of_by_whose_it_is_and_others_hear_of_it(store: Store) -> None:
    add(store, group("rg"))
    seen = held(store, group("rg").key)
    owned = report(store, seen, "first")
    woken = Queue[object]()
    store.wake(woken.put)
    with store.write() as transaction:
        transaction.caches.release(owned)
        transaction.caches.release(owned)
    assert woken.get(timeout=SOON) == {owned.key}
    assert held(store, owned.key).ownership.owner == ""
    with pytest.raises(Outdated):
        report(store, owned, "first")


def test_processes_that_work_together_hear_of_every_commit(store: Store, url: str) -> None:
    heard = Queue[str]()
    with closing(Store(url)) as other:
        other.follow(lambda: heard.put("a commit"))
        other.work_together()
        store.work_together()
        with store.write() as transaction:
            transaction.facts.write("nobody", "is due")
        assert heard.get(timeout=SOON)


def test_several_work_together_or_one_alone(store: Store, url: str) -> None:
    with together(url, never), together(url, never), pytest.raises(Taken), exclusive(url, never):
        pass
    with exclusive(url, never), pytest.raises(Taken), together(url, never):
        pass


@pytest.mark.parametrize("off", [timedelta(hours=1), timedelta(days=-1), timedelta()])
def test_members_share_the_clock_of_the_database_whatever_theirs_say(store: Store, url: str, off: timedelta) -> None:
    member = Membership(Register(url), Role.AGENT, lambda: datetime.now(UTC) + off)
    member.start()
    assert abs(member.now() - datetime.now(UTC)) < timedelta(seconds=1)
    assert tokens(store) == [member.standing.token]
    member.stop()
    assert (tokens(store), member.standing.token) == ([], "")


def test_a_process_whose_lease_was_over_begins_anew(store: Store, url: str) -> None:
    member = Membership(Register(url), Role.AGENT, lambda: datetime.now(UTC))
    moved = Queue[str]()
    member.follow(lambda: moved.put("somebody"))
    member.start()
    before = member.standing
    with store.write() as transaction:
        transaction.connection.execute(text("DELETE FROM members"))
    assert moved.get(timeout=SOON)
    after = until("it is a member again", lambda: member.standing.token and member.standing)
    assert after
    assert after.token != before.token
    assert (after.members[0].name, after.duties) == (member.name, frozenset(Duty))
    member.stop()


def test_who_is_chosen_changes_only_for_what_comes_or_goes() -> None:
    keys, names = [str(number) for number in range(1000)], {"a", "b", "c", "d"}
    before = {key: chosen(key, names) for key in keys}
    after = {key: chosen(key, names - {"c"}) for key in keys}
    assert all(after[key] == before[key] for key in keys if before[key] != "c")
    counts = {name: list(before.values()).count(name) for name in names}
    assert min(counts.values()) > 200
    assert chosen("any", ()) == ""
    assert timedelta() < LEASE
