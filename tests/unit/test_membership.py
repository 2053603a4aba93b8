"""What a process knows of its own lease."""

from datetime import UTC, datetime
from threading import Event

from cachewright.controlplane.membership import Membership
from cachewright.controlplane.model.membership import LEASE, Role
from cachewright.controlplane.store.members import Word

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)


class Slow:
    """A register that takes as long as a lease lasts for the second word, and renews it all the same."""

    def __init__(self) -> None:
        self.words, self.passed = 0, 0.0

    def join(self, token: str, name: str, role: Role, host: str, process: int) -> None:
        """Everybody may."""

    def renew(self, token: str) -> Word | None:
        self.words += 1
        self.passed += LEASE.total_seconds() if self.words == 2 else 0.0
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
    assert member.standing.token in (token, "")
    member.stop()
