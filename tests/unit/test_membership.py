"""What a process knows of its own lease."""

from datetime import UTC, datetime
from threading import Event

from cachewright.controlplane.membership import Membership
from cachewright.controlplane.model.membership import LEASE, MARGIN, Role
from cachewright.controlplane.store.members import Word

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)


class Slow:
    """A register whose second word comes after the lease was over for a moment, and renews it all the same."""

    def __init__(self) -> None:
        decided = (LEASE - MARGIN).total_seconds()  # how long a word counts from the moment before it was asked for
        self.takes, self.passed = iter((decided / 4, decided * 7 / 8)), 0.0

    def join(self, token: str, name: str, role: Role, host: str, process: int) -> None:
        """Everybody may."""

    def renew(self, token: str) -> Word | None:
        self.passed += next(self.takes, 0.0)
        return Word(MOMENT, (), frozenset())

    def leave(self, token: str) -> None:
        """Nobody minds."""

    def close(self) -> None:
        """Nothing is open."""


def test_a_lease_that_was_in_doubt_while_it_was_renewed_is_told_as_a_change() -> None:
    register, told = Slow(), Event()
    member = Membership(register, Role.AGENT, lambda: MOMENT, timer=lambda: register.passed)
    member.follow(told.set)
    member.start()
    token = member.standing.token
    assert told.wait(10.0)
    assert member.standing.token == token
    member.stop()
