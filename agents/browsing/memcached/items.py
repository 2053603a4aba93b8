"""What Memcached holds: items by a key that is known, and those that `lru_crawler metadump` tells of, until there are
enough of them. The crawler has a thread of its own in the engine, and ends with the connection.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from urllib.parse import unquote_to_bytes

from cachewright.agents.browsing.connections import Connections
from cachewright.agents.browsing.places import Place, nodes
from cachewright.agents.browsing.silence import SECONDS, silent
from cachewright.agents.engines.exchange import TooLong
from cachewright.agents.engines.memcached.session import Item, Session
from cachewright.controlplane.model.browsing import (
    CHANGED,
    TAKEN,
    Conflict,
    Edit,
    Fate,
    KeyPage,
    KeySearch,
    KeySeen,
    Refusal,
    Silent,
    Value,
    Window,
)
from cachewright.controlplane.model.cache import Cache

ENOUGH = 200  # items of each node that are listed
LOOKED = 20_000  # items of each node that are looked at
OF_A_NODE = 1.0  # seconds that it may take to list its items
BYTES = 1 << 16  # of a value that are shown
MOST = 4 << 20  # bytes of an answer
LONGEST = 250  # bytes of a key
ITEM = "item"  # what takes the place of a type
_FIRST = 33  # the first byte that a key may have

_GONE = "no node has this key: it was deleted, has expired, or was evicted"


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a cluster, for as long as one request takes."""

    cache: Cache
    connections: Connections
    until: float = field(default_factory=lambda: time.monotonic() + SECONDS)

    @contextmanager
    def entered(self, place: Place) -> Iterator[Session]:
        """A connection to a node. Silent; Refusal when an answer is too long."""
        try:
            with self.connections.to(place, self.until, MOST) as found:
                yield Session(found)
        except OSError as error:
            raise silent(place, error) from error
        except TooLong as error:
            raise Refusal(f"{place.name} has more to tell than is read here") from error

    def search(self, wanted: KeySearch) -> KeyPage:
        """Some items of every node. What is left out is said, such as those of a node that does not answer."""
        found: list[KeySeen] = []
        notes: dict[str, list[str]] = {}  # nodes by what is left out of them
        totals: dict[str, int] = {}
        for place in nodes(self.cache):
            try:
                seen, totals[place.name], note = self._listed(place, wanted.pattern)
            except Silent as reason:
                notes[f"{reason}; its items are left out"] = []
                continue
            found += seen
            if note:
                notes.setdefault(note, []).append(place.name)
        told = (f"{', '.join(names)}: {note}" if names else note for note, names in notes.items())
        return KeyPage(found, "", totals, "; ".join(told))

    def _listed(self, place: Place, pattern: str) -> tuple[Sequence[KeySeen], int, str]:
        """Items of a node, how many it has, and what is left out. A node has not all of the time for itself."""
        own = replace(self, until=min(self.until, time.monotonic() + OF_A_NODE))
        with own.entered(place) as session:
            facts = dict(line.split()[1:3] for line in session.lines(b"stats") if line.startswith(b"STAT "))
            found, note = self._dumped(place, session, pattern, int(facts.get(b"time", 0)))
        return found, int(facts.get(b"curr_items", 0)), note

    def _dumped(self, place: Place, session: Session, pattern: str, now: int) -> tuple[Sequence[KeySeen], str]:
        found: list[KeySeen] = []
        for looked, line in enumerate(session.lines(b"lru_crawler metadump all"), 1):
            if not line.startswith(b"key="):
                return found, _why_not(line)
            seen = item_in(line, place.name, now)
            if not pattern or fnmatchcase(seen.key.decode(errors="replace"), pattern):
                found.append(seen)
            if len(found) == ENOUGH or looked == LOOKED:
                return found, "there is more; give a narrower pattern, or a key that is known"
        return found, ""

    def look(self, window: Window) -> Value:
        """The beginning of an item, wherever it is; Refusal when no node has it."""
        checked(window.key)
        for place in self._where(window):
            with self.entered(place) as session:
                ttl = _ttl(session.ask(b"mg %s t" % window.key))
                if item := session.item(window.key, BYTES):
                    about = f"flags {item.flags}"
                    return Value(place.name, ITEM, item.size, None, ttl, about, [(item.value,)], "")
        raise Refusal(_GONE)

    def edit(self, wanted: Edit) -> None:
        """Another value, if it is what it was seen to be. It keeps its flags, and its time as far as the node tells."""
        key, value = checked(wanted.window.key), wanted.value
        with self._held(wanted.window) as (session, item):
            told = session.ask(b"mg %s t" % key)
            if told.startswith(b"ERROR"):  # it would take a value for a command
                raise Refusal("this engine is older than 1.6: change items on the command line")
            if item.value != wanted.was:
                raise Conflict(CHANGED)
            if value is None:
                _done(session.ask(b"md %s C%d" % (key, item.unique)))
                return
            left = _ttl(told)
            seconds = 0 if left is None else max(1, left // 1000)
            head = b"ms %s %d C%d F%d T%d\r\n" % (key, len(value), item.unique, item.flags, seconds)
            _done(session.ask(head + value))

    def create(self, wanted: Edit) -> None:
        """A new item at the node that is named: which one clients look at is theirs to say."""
        key, value = checked(wanted.window.key), wanted.value or b""
        found = self._where(wanted.window)
        if len(found) != 1:
            raise Refusal("say at which node")
        with self.entered(found[0]) as session:
            told = session.ask(b"add %s 0 0 %d\r\n" % (key, len(value)) + value)
        if told == b"NOT_STORED":
            raise Conflict(TAKEN)
        if told != b"STORED":
            raise Refusal(f"the node says: {told.decode(errors='replace')}")

    def end(self, wanted: Fate) -> None:
        """The end of an item: now, after so many seconds, or never."""
        key = checked(wanted.window.key)
        with self._held(wanted.window) as (session, item):
            if item.size != wanted.length:
                raise Conflict(CHANGED)
            if wanted.ttl == 0:
                _done(session.ask(b"md %s C%d" % (key, item.unique)))
            else:
                _done(session.ask(b"mg %s T%d" % (key, 0 if wanted.ttl is None else max(1, wanted.ttl // 1000))))

    @contextmanager
    def _held(self, window: Window) -> Iterator[tuple[Session, Item]]:
        """A connection to the node of an item, and the item; Conflict when it is gone."""
        for place in self._where(window):
            with self.entered(place) as session:
                if item := session.item(window.key, BYTES):
                    if item.size > BYTES:
                        raise Refusal(f"it has more than {BYTES >> 10} KiB, and cannot be compared here")
                    yield session, item
                    return
        raise Conflict(_GONE)

    def _where(self, window: Window) -> Sequence[Place]:
        return [place for place in nodes(self.cache) if window.node in ("", place.name)]


def _why_not(line: bytes) -> str:
    if b"crawler disabled" in line:
        return (
            "the parameter lru_crawler is 0, so none is listed; open a key that is known, or run `lru_crawler enable`"
        )
    return line.decode(errors="replace")


def item_in(line: bytes, node: str, now: int) -> KeySeen:
    """A line of a metadump: `key=a%20b exp=-1 la=1700000000 cas=3 fetch=no cls=1 size=63`."""
    facts = dict(part.partition(b"=")[::2] for part in line.split())
    expires = int(facts.get(b"exp", -1))
    ttl = max(0, expires - now) * 1000 if expires > 0 else None
    return KeySeen(unquote_to_bytes(facts[b"key"]), node, ITEM, int(facts.get(b"size", 0)), ttl)


def checked(key: bytes) -> bytes:
    """A key that the protocol can say; Refusal for any other one."""
    if not 0 < len(key) <= LONGEST or any(byte < _FIRST or byte == 127 for byte in key):
        raise Refusal(f"a key of Memcached has 1 to {LONGEST} bytes, and no blank")
    return key


def _ttl(line: bytes) -> int | None:
    """Milliseconds out of `HD t57`; None: never, or an engine of before 1.6, which does not tell."""
    told = line.partition(b" t")[2].strip()
    return int(told) * 1000 if told.isdigit() else None


def _done(line: bytes) -> None:
    """Conflict when somebody came between, Refusal in the node's words when it does not."""
    code = line.split()[0] if line else b""
    if code in (b"EX", b"NF", b"EN", b"NS"):
        raise Conflict(CHANGED)
    if code != b"HD":
        raise Refusal(f"the node says: {line.decode(errors='replace')}")
