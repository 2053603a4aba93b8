"""The clock on the wall."""

from datetime import UTC, datetime


def now() -> datetime:
    """The moment."""
    return datetime.now(UTC)
