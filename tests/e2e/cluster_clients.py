"""Applications that use a group in cluster mode while something happens to it, each by way of another client library.

They stay with one client all the time: it has to find out by itself where slots and primaries have gone.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from redis.cluster import RedisCluster
from redis.exceptions import RedisClusterException, RedisError
from valkey.cluster import ValkeyCluster
from valkey.exceptions import ValkeyClusterException, ValkeyError

from tests.e2e.sharded import Sharded
from tests.e2e.waiting import until

# Both stumble over an ASK that leads to a node which they do not know yet. One that is led to a node out of reach also
# puts the connection that it has into the pool of that node, and finds it closed at some time ("on closed file").
STUMBLES = (AttributeError, ValueError)
REFUSALS = (RedisError, RedisClusterException, ValkeyError, ValkeyClusterException, OSError, *STUMBLES)
HURRY = 2.0  # seconds for an answer or a connection
BREATH = 0.003  # seconds between two writes: many nodes have to be served, too
BATCH = 1000  # keys that are read back at once

Connected = Callable[[Sharded], Any]


@dataclass(slots=True)
class Account:
    """What a client was told about its numbered keys."""

    name: str
    acknowledged: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def key(self, number: int) -> str:
        """The name of one of its keys."""
        return f"{self.name}-{number}"

    def progress(self, more: int = 100) -> None:
        """Returns when that many more writes were acknowledged."""
        enough = len(self.acknowledged) + more
        what = f"{more} more writes of {self.name} are acknowledged"
        try:
            until(what, lambda: len(self.acknowledged) >= enough)
        except AssertionError as late:
            late.add_note(f"what failed last: {self.failures[-3:]}")
            raise

    def lost(self, group: Sharded) -> list[int]:
        """The acknowledged writes that cannot be read any more."""
        with closing(redis_py(group)) as client:
            parts = range(0, len(self.acknowledged), BATCH)
            return [number for start in parts for number in self._missing(client, start)]

    def _missing(self, client: Any, start: int) -> list[int]:
        numbers = self.acknowledged[start : start + BATCH]
        values = client.mget_nonatomic([self.key(number) for number in numbers])
        return [number for number, value in zip(numbers, values, strict=True) if value != str(number)]


def redis_py(group: Sharded) -> Any:
    """A client of redis-py."""
    host, port = group.entrance
    patience: dict[str, Any] = {"socket_timeout": HURRY, "socket_connect_timeout": HURRY}
    return RedisCluster(host=host, port=port, decode_responses=True, **patience, **group.options)


def valkey_py(group: Sharded) -> Any:
    """A client of valkey-py."""
    host, port = group.entrance
    patience: dict[str, Any] = {"socket_timeout": HURRY, "socket_connect_timeout": HURRY}
    return ValkeyCluster(host=host, port=port, decode_responses=True, **patience, **group.options)


@contextmanager
def writing(group: Sharded, connected: Connected, name: str) -> Iterator[Account]:
    """A client that has begun to write one key after the other; it stops at the end of the block."""
    account, stopped = Account(name), Event()
    thread = Thread(target=_write, args=(connected(group), account, stopped), name=f"writer of {name}")
    thread.start()
    try:
        account.progress()
        yield account
    finally:
        stopped.set()
        thread.join()


def pythons(group: Sharded) -> list[AbstractContextManager[Account]]:
    """A writer for each client library in Python."""
    return [writing(group, redis_py, "redis-py"), writing(group, valkey_py, "valkey-py")]


@contextmanager
def crowding(*writers: AbstractContextManager[Account]) -> Iterator["Crowd"]:
    """Several that write at once, each given as what `writing` gives."""
    with ExitStack() as stack:
        yield Crowd(tuple(stack.enter_context(writer) for writer in writers))


@dataclass(frozen=True, slots=True)
class Crowd:
    """Several accounts."""

    accounts: tuple[Account, ...]

    def progress(self, more: int = 100) -> None:
        """Returns when that many more writes of each one were acknowledged."""
        for account in self.accounts:
            account.progress(more)

    def lost(self, group: Sharded) -> dict[str, list[int]]:
        """By name, the acknowledged writes that cannot be read any more."""
        return {one.name: lost for one in self.accounts if (lost := one.lost(group))}

    @property
    def failures(self) -> dict[str, list[str]]:
        """By name, why operations failed."""
        return {one.name: one.failures for one in self.accounts if one.failures}


def _write(client: Any, account: Account, stopped: Event) -> None:
    number = 0
    with closing(client):
        while not stopped.wait(BREATH):
            number += 1
            try:
                client.set(account.key(number), number)
                account.acknowledged.append(number)
            except REFUSALS as error:
                account.failures.append(f"{type(error).__name__}: {error}")
