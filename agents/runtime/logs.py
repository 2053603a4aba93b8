"""Docker's logs: each line begins with the moment at which the engine took it. Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from cachewright.agents.planning.containers import LoggedLine

SECOND = 10**9  # nanoseconds
LONGEST = 1 << 16  # bytes of a line that are kept


def lines(pieces: Iterable[bytes]) -> Iterator[LoggedLine]:
    """The lines in what comes piece by piece. One that has no end yet will have one next time; what is longer than
    LONGEST is cut off.
    """
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from filter(None, map(_line, whole))
        rest = rest[: 2 * LONGEST]


def _line(raw: bytes) -> LoggedLine | None:
    """None for one that does not begin with a moment."""
    stamp, _, text = raw.partition(b" ")
    moment = _moment(stamp.decode("ascii", "replace"))
    return None if moment is None else LoggedLine(moment, text.rstrip(b"\r")[:LONGEST])


def _moment(stamp: str) -> int | None:
    """Nanoseconds of `2026-11-29T06:48:12.123456789Z`; Docker leaves out zeroes at the end."""
    whole, _, fraction = stamp.removesuffix("Z").partition(".")
    try:
        seconds = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC).timestamp()
        return int(seconds) * SECOND + int(fraction.ljust(9, "0")[:9])
    except ValueError:
        return None
