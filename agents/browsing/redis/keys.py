"""Keys by SCAN, shard after shard, with what can be said of each at once."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cachewright.agents.browsing.places import Place, leading
from cachewright.agents.browsing.redis.answers import number, pieces, text, whole
from cachewright.agents.browsing.redis.visit import Visit
from cachewright.controlplane.model.browsing import KeyPage, KeySearch, KeySeen, Refusal, Silent
from cachewright.controlplane.model.replies import Failure, Reply

COUNT = 250  # that a SCAN looks at: the node serves nobody else meanwhile
ENOUGH = 100  # keys of an answer, after which no more are looked for
SECONDS = 0.5  # after which no further SCAN is begun
SAMPLES = 5  # elements by which MEMORY USAGE guesses the size of a key

_LEFT_OUT = "its keys are left out"


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
    """Some keys, after as many SCANs as there is time for: of a rare pattern there may be none among them. A shard that
    does not answer is left out, and that is said; Silent where there is no other.
    """
    places = {place.shard: place for place in leading(visit.cache)}
    shards = sorted(places)
    here: Position | None = position_of(wanted.cursor, shards)
    found: dict[bytes, KeySeen] = {}
    totals: dict[str, int] = {}
    stop = clock() + SECONDS
    while here and len(found) < ENOUGH and clock() < stop:
        place = places[here.shard]
        try:
            cursor, total, keys = _scanned(visit, place, here.cursor, wanted)
        except Silent as reason:
            if len(shards) == 1:
                raise
            return KeyPage(list(found.values()), str(after(here, 0, shards) or ""), totals, f"{reason}; {_LEFT_OUT}")
        found |= {seen.key: seen for seen in keys}
        totals[place.name] = total
        here = after(here, cursor, shards)
    return KeyPage(list(found.values()), str(here or ""), totals)


def _scanned(visit: Visit, place: Place, cursor: int, wanted: KeySearch) -> tuple[int, int, Sequence[KeySeen]]:
    """SCAN's next cursor, how many keys the shard has, and those that were found."""
    match = ("MATCH", wanted.pattern) if wanted.pattern else ()
    reply, total = visit.ask_all(place, [("SCAN", cursor, *match, "COUNT", COUNT), ("DBSIZE",)])
    found = whole(reply)
    assert isinstance(found, list)
    keys = _typed(visit, place, pieces(found[1]) if found[1] else (), wanted.type)
    return number(found[0]), total if isinstance(total, int) else 0, list(_with_facts(visit, place, keys))


def _typed(visit: Visit, place: Place, keys: Sequence[bytes], wanted: str) -> Sequence[tuple[bytes, str]]:
    """With their types, those that are still there. A key that is kept from whoever asks has none. SCAN can do this
    itself, but before Redis 6 it cannot.
    """
    types = visit.ask_all(place, [("TYPE", key) for key in keys])
    rows = ((key, _type(kind)) for key, kind in zip(keys, types, strict=True))
    return [row for row in rows if row[1] != "none" and wanted in ("", row[1])]


def _type(reply: Reply) -> str:
    if isinstance(reply, Failure):
        return "" if reply.code == "NOPERM" else "none"  # its slot has moved just now
    return text(reply)


def _with_facts(visit: Visit, place: Place, found: Sequence[tuple[bytes, str]]) -> Iterable[KeySeen]:
    asked = [(("PTTL", key), ("MEMORY", "USAGE", key, "SAMPLES", SAMPLES)) for key, _ in found]
    replies = visit.ask_all(place, [words for pair in asked for words in pair])
    for (key, kind), ttl, size in zip(found, replies[::2], replies[1::2], strict=True):
        yield KeySeen(key, place.name, kind, size if isinstance(size, int) else None, expiry(ttl))


def expiry(reply: Reply) -> int | None:
    """Milliseconds, as PTTL tells them; None: it does not expire, or is not to be told."""
    return reply if isinstance(reply, int) and reply >= 0 else None
