"""What a cache holds, as a person looks at it and changes it. Keys and values are bytes: they need not be text."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.replies import Reply

DATABASES = 16  # that a cache without cluster mode has
CHANGED = "somebody else has changed it meanwhile; nothing was done. Look at it again"
TAKEN = "there is a key of that name already; nothing was done"


class Silent(Exception):  # noqa: N818
    """A node does not answer, or not as it should, in words for the user."""


class Denied(Exception):  # noqa: N818
    """A node does not let somebody in, in its words."""


class Refusal(Exception):  # noqa: N818
    """What is asked for is not done, in words for the user: an engine's, or why it would hold a node up."""


class Conflict(Exception):  # noqa: N818
    """It has changed since it was looked at, so nothing was changed; in words for the user."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at which cache. The password is known to whoever asks, and is kept nowhere."""

    cache: Key
    user: str = ""  # empty: nobody in particular, as clients are that bring no user name
    password: str = field(default="", repr=False)
    database: int = 0


@dataclass(frozen=True, slots=True)
class Entrances:
    """How a cache can be entered. A user of `users` comes with a password, where it says so."""

    users: Mapping[str, bool]
    databases: int  # that there are to choose from


@dataclass(frozen=True, slots=True)
class KeySearch:
    """Which keys are looked for. `cursor` is of the answer before; empty: from the beginning."""

    pattern: str = ""  # as SCAN has it; empty: every key
    type: str = ""  # as TYPE has it; empty: every type
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class KeySeen:
    """A key in a list. None: not known, and of `ttl`: it does not expire. A key that may not be read has no type."""

    key: bytes
    node: str
    type: str
    size: int | None  # bytes that it takes
    ttl: int | None  # milliseconds


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Some keys, and where to go on."""

    keys: Sequence[KeySeen]
    cursor: str  # empty: that was the last of them
    totals: Mapping[str, int]  # keys that there are, whatever is looked for, of each node that was asked
    note: str = ""  # what is left out, and why


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of which key. `at` is of the answer before; empty: its beginning. `node` had the key last, if that
    was told.
    """

    key: bytes
    node: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A part of what is at a key. Items are what the type has: a string one piece, a hash fields and values, a list
    positions and elements, a set members, a sorted set members and scores, a stream ids, fields and values.
    """

    node: str
    type: str
    length: int  # in elements, of a string in bytes
    size: int | None  # bytes that it takes
    ttl: int | None  # milliseconds; None: it does not expire, or that is not known
    encoding: str
    items: Sequence[Sequence[bytes]]
    next: str  # `at` of the next part; empty: there is none


@dataclass(frozen=True, slots=True)
class Edit:
    """Another value of an element: a field, a position, a member, an id. `was` is what it was seen to be, which a set's
    member is with an empty value; None stands for nothing at all, before or after.
    """

    window: Window
    type: str
    element: bytes
    was: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Fate:
    """The end of a key, which was seen to be of that type and length: now (`ttl` 0), after so many milliseconds, or
    never (None).
    """

    window: Window
    type: str
    length: int
    ttl: int | None = 0


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody typed. `place` is a node or an endpoint of the cache."""

    place: str
    line: str


@dataclass(frozen=True, slots=True)
class CommandDoc:
    """A command that the engine knows."""

    name: str
    summary: str
    usage: str  # its arguments, as far as the engine tells them


@dataclass(frozen=True, slots=True)
class SlowCommand:
    """A command that took long."""

    moment: int  # seconds since 1970
    microseconds: int
    words: Sequence[str]
    client: str


class Data(Protocol):
    """What a cache holds, to somebody. Each method may raise Silent, Denied, Refusal or Conflict."""

    def keys(self, wanted: KeySearch) -> KeyPage:
        """Some keys, as far as there is time."""

    def value(self, wanted: Window) -> Value:
        """A part of what is at a key."""

    def edit(self, wanted: Edit) -> None:
        """Another value of an element."""

    def create(self, wanted: Edit) -> None:
        """A new key with its first element; Conflict when there is one of that name."""

    def end(self, wanted: Fate) -> None:
        """The end of a key."""

    def run(self, command: Command) -> Reply:
        """What a node answers to a command that was typed."""

    def docs(self, where: str) -> Sequence[CommandDoc]:
        """What can be typed at a node or an endpoint."""

    def slow(self, where: str) -> Sequence[SlowCommand]:
        """Commands that took long at a node."""


class Browses(Protocol):
    """Whoever lets people look at the data of caches. Both methods raise NoSuchTarget when there is no such cache."""

    def entrances(self, cache: Key) -> Entrances:
        """Who may be somebody there."""

    def data(self, visitor: Visitor) -> AbstractContextManager[Data]:
        """What a cache holds, within the block. Silent when too many look already."""
