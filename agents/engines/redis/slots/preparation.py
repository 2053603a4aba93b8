"""What both ends of a move are made ready with; it says of itself that it is there, so that whoever comes after a crash
takes it back.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from cachewright.agents.engines.facets import Move
from cachewright.agents.engines.redis.slots.arrival_limits import restore

TICKS = (250, 10)  # how often in a second the source looks whether the wait is over: while slots move, and else
MIGRATION_USER = "cachewright-carrier"  # the login with which keys arrive, and behind it whose they were


@contextmanager
def hurried(source: Redis) -> Iterator[None]:
    """A source that looks ten times in a second, as it does by itself, would keep its clients waiting for long."""
    source.execute_command("CONFIG", "SET", "hz", TICKS[0])
    try:
        yield
    finally:
        with suppress(RedisError, OSError):  # what went wrong before is the one to tell
            source.execute_command("CONFIG", "SET", "hz", TICKS[1])


@contextmanager
def migration_user(target: Redis, move: Move) -> Iterator[tuple[str, str]]:
    """A login that is good for nothing but to bring keys to the target, and only for the moment; the source writes it
    where clients can read it. Empty where there are no logins: there the ticks tell that there is a move.
    """
    if not move.target.login:
        with hurried(target):
            yield "", ""
        return
    user, password = f"{MIGRATION_USER}-{move.ids[0]}", secrets.token_hex(16)
    target.execute_command("ACL", "SETUSER", user, "reset", "on", f">{password}", "~*", "+select", "+restore-asking")
    try:
        yield user, password
    finally:
        with suppress(RedisError, OSError):
            target.execute_command("ACL", "DELUSER", user)


def is_prepared(server: Mapping[str, Any], users: Iterable[str | bytes]) -> bool:
    """Whether a node was made ready for a move and not set back, from INFO and the names of its users."""
    return int(server["configured_hz"]) == TICKS[0] or bool(_migration_users(users))


def end(client: Redis, limits: Mapping[str, str], *, login: bool) -> None:
    """Set a node back, whichever end of a move it was, to these limits; what tells of the move goes last."""
    restore(client, limits)
    client.execute_command("CONFIG", "SET", "hz", TICKS[1])
    names: Any = client.execute_command("ACL", "USERS") if login else ()
    if left := _migration_users(names):
        client.execute_command("ACL", "DELUSER", *left)


def _migration_users(users: Iterable[str | bytes]) -> list[str]:
    names = (name.decode() if isinstance(name, bytes) else name for name in users)
    return [name for name in names if name.startswith(MIGRATION_USER)]
