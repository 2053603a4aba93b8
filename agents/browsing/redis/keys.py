"""Keys by SCAN, shard after shard, with what can be said of each at once."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cachewright.agents.browsing.places import Place, leading
from cachewright.agents.browsing.redis.answers import number, text, whole
from cachewright.agents.browsing.redis.visit import Visit
from cachewright.controlplane.model.browsing import KeyPage, KeySearch, KeySeen, Refusal
from cachewright.controlplane.model.replies import Failure, Reply

COUNT = 250  # that a SCAN looks at: the node serves nobody else meanwhile
ENOUGH = 100  # keys of an answer, after which no more are looked for
SECONDS = 0.5  # after which no further SCAN is begun
SAMPLES = 5  # elements by which MEMORY USAGE guesses the size of a key

_Found = tuple[Place, bytes, str]


@dataclass(frozen=True, slots=True)
class Position:
    """How far somebody has looked: the next SCAN, of which shard."""

    shard: str
    cursor: int = 0

    def __str__(self) -> str:
        return f"{self.shard}:{self.cursor}"


def position_of(cursor: str, shards: Sequence[str]) -> Position:
    """Where to go on; Refusal when the shard is gone meanwhile, or the cursor is none."""
    if not cursor:
        return Position(shards[0])
    shard, _, told = cursor.rpartition(":")
    if shard not in shards or not told.isdecimal():
        raise Refusal("the shards are other ones now; look from the beginning")
    return Position(shard, int(told))


def after(position: Position, cursor: int, shards: Sequence[str]) -> Position | None:
    """Where to go on after a SCAN that told this cursor; None: that was all."""
    if cursor:
        return Position(position.shard, cursor)
    rest = shards[shards.index(position.shard) + 1 :]
    return Position(rest[0]) if rest else None


def search(visit: Visit, wanted: KeySearch, clock: Callable[[], float] = time.monotonic) -> KeyPage:
    """Some keys, after as many SCANs as there is time for: of a rare pattern there may be none among them."""
    places = {place.shard: place for place in leading(visit.cache)}
    shards = sorted(places)
    here: Position | None = position_of(wanted.cursor, shards)
    found: dict[bytes, _Found] = {}
    stop = clock() + SECONDS
    while here and len(found) < ENOUGH and clock() < stop:
        cursor, keys = _scanned(visit, places[here.shard], here.cursor, wanted.pattern)
        found |= {each[1]: each for each in _typed(visit, places[here.shard], keys, wanted.type)}
        here = after(here, cursor, shards)
    return KeyPage(_described(visit, found.values()), str(here or ""), _total(visit, places.values()))


def _scanned(visit: Visit, place: Place, cursor: int, pattern: str) -> tuple[int, Sequence[bytes]]:
    match = ("MATCH", pattern) if pattern else ()
    reply = whole(visit.ask_all(place, [("SCAN", cursor, *match, "COUNT", COUNT)])[0])
    assert isinstance(reply, list)
    told, keys = reply
    return number(told), [key for key in whole(keys) or () if isinstance(key, bytes)]  # type: ignore[union-attr]


def _typed(visit: Visit, place: Place, keys: Sequence[bytes], wanted: str) -> Iterable[_Found]:
    """With their types, those that are still there. A key that is kept from whoever asks has none. SCAN can do this
    itself, but before Redis 6 it cannot.
    """
    types = visit.ask_all(place, [("TYPE", key) for key in keys])
    rows = ((place, key, _type(kind)) for key, kind in zip(keys, types, strict=True))
    return [row for row in rows if row[2] != "none" and wanted in ("", row[2])]


def _type(reply: Reply) -> str:
    if isinstance(reply, Failure):
        return "" if reply.code == "NOPERM" else "none"  # its slot has moved just now
    return text(reply)


def _described(visit: Visit, found: Iterable[_Found]) -> Sequence[KeySeen]:
    rows: list[KeySeen] = []
    by_place: dict[str, list[_Found]] = {}
    for each in found:
        by_place.setdefault(each[0].name, []).append(each)
    for group in by_place.values():
        rows += _with_facts(visit, group)
    return rows


def _with_facts(visit: Visit, group: Sequence[_Found]) -> Iterable[KeySeen]:
    place = group[0][0]
    asked = [(("PTTL", key), ("MEMORY", "USAGE", key, "SAMPLES", SAMPLES)) for _, key, _ in group]
    replies = visit.ask_all(place, [words for pair in asked for words in pair])
    for (_, key, kind), ttl, size in zip(group, replies[::2], replies[1::2], strict=True):
        yield KeySeen(key, place.name, kind, size if isinstance(size, int) else None, expiry(ttl))


def expiry(reply: Reply) -> int | None:
    """Milliseconds, as PTTL tells them; None: it does not expire, or is not to be told."""
    return reply if isinstance(reply, int) and reply >= 0 else None


def _total(visit: Visit, places: Iterable[Place]) -> int:
    replies = (visit.ask_all(place, [("DBSIZE",)])[0] for place in places)
    return sum(reply for reply in replies if isinstance(reply, int))
