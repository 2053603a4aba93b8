"""What is at a key, part by part: each type has its own windows, and none of them asks for everything."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cachewright.agents.browsing.places import leader
from cachewright.agents.browsing.redis.answers import number, pieces, text, whole
from cachewright.agents.browsing.redis.keys import SAMPLES, expiry
from cachewright.agents.browsing.redis.visit import Visit
from cachewright.agents.engines.redis.session import Words
from cachewright.controlplane.model.browsing import Refusal, Value, Window
from cachewright.controlplane.model.replies import Reply

ELEMENTS = 100  # of a window
BYTES = 1 << 16  # of a window of a string
BEGINNING = "-"  # of a stream

Items = Sequence[Sequence[bytes]]
Part = tuple[Items, str]  # and where the next one begins; empty: nowhere


@dataclass(frozen=True, slots=True)
class Reading:
    """How a type is read: how long it is, and a part of it that begins somewhere."""

    length: str
    window: Callable[[bytes, str], Words]
    part: Callable[[Reply, str], Part]


def _from(at: str) -> int:
    if at and not at.isdecimal():
        raise Refusal(f"{at} is no place to go on from")
    return int(at or 0)


def _string(reply: Reply, at: str) -> Part:
    (piece,) = pieces(reply)
    return [(piece,)], str(_from(at) + len(piece)) if len(piece) == BYTES else ""


def _scanned(width: int) -> Callable[[Reply, str], Part]:
    """Of HSCAN and its like, which tell a cursor and then items of so many strings."""

    def part(reply: Reply, _at: str) -> Part:
        assert isinstance(reply, list)
        cursor, found = number(reply[0]), reply[1]
        return in_rows(pieces(found), width), str(cursor) if cursor else ""

    return part


def in_rows(flat: Sequence[bytes], width: int) -> Items:
    """The same, so many in a row."""
    return [tuple(flat[begin : begin + width]) for begin in range(0, len(flat), width)]


def _listed(reply: Reply, at: str) -> Part:
    begin, found = _from(at), pieces(reply)
    rows = [(b"%d" % place, element) for place, element in enumerate(found, begin)]
    return rows, str(begin + len(rows)) if len(rows) == ELEMENTS else ""


def _ranked(reply: Reply, at: str) -> Part:
    rows = in_rows(pieces(reply), 2)
    return rows, str(_from(at) + len(rows)) if len(rows) == ELEMENTS else ""


def _streamed(reply: Reply, _at: str) -> Part:
    rows = [tuple(pieces(entry)) for entry in reply] if isinstance(reply, list) else []
    return rows, following(rows[-1][0].decode()) if len(rows) == ELEMENTS else ""


def following(entry: str) -> str:
    """The first id that may come after one of a stream."""
    moment, _, place = entry.partition("-")
    return f"{moment}-{int(place) + 1}"


def _range(command: str, *more: str) -> Callable[[bytes, str], Words]:
    return lambda key, at: (command, key, _from(at), _from(at) + ELEMENTS - 1, *more)


def _scan(command: str) -> Callable[[bytes, str], Words]:
    return lambda key, at: (command, key, _from(at), "COUNT", ELEMENTS)


READINGS: Mapping[str, Reading] = {
    "string": Reading("STRLEN", lambda key, at: ("GETRANGE", key, _from(at), _from(at) + BYTES - 1), _string),
    "hash": Reading("HLEN", _scan("HSCAN"), _scanned(2)),
    "list": Reading("LLEN", _range("LRANGE"), _listed),
    "set": Reading("SCARD", _scan("SSCAN"), _scanned(1)),
    "zset": Reading("ZCARD", _range("ZRANGE", "WITHSCORES"), _ranked),
    "stream": Reading("XLEN", lambda key, at: ("XRANGE", key, at or BEGINNING, "+", "COUNT", ELEMENTS), _streamed),
}


def look(visit: Visit, window: Window) -> Value:
    """A part of a value; Refusal when the key is gone, or has a type that nothing here can read."""
    where = visit.holder(leader(visit.cache, window.node), window.key)
    kind = text(visit.ask_all(where, [("TYPE", window.key)])[0])
    if kind == "none":
        raise Refusal("this key is gone: it was deleted, has expired, or was evicted")
    reading = READINGS.get(kind)
    if reading is None:
        raise Refusal(f"there is no view of the type {kind}: use the command line")
    questions = (reading.window(window.key, window.at), (reading.length, window.key), ("PTTL", window.key))
    about = (("MEMORY", "USAGE", window.key, "SAMPLES", SAMPLES), ("OBJECT", "ENCODING", window.key))
    found, length, ttl, size, encoding = visit.ask_all(where, [*questions, *about])
    items, rest = reading.part(whole(found), window.at)
    known = encoding.decode() if isinstance(encoding, bytes) else ""
    taken = size if isinstance(size, int) else None
    return Value(where.name, kind, number(length), taken, expiry(ttl), known, items, rest)
