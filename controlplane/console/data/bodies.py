"""What is asked about the data of a cache, and how answers are written. Keys and values are base64url in JSON: they
need not be text.
"""

from abc import abstractmethod
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from cachewright.controlplane.model.browsing import (
    DATABASES,
    Command,
    Data,
    Edit,
    Fate,
    KeySearch,
    Refusal,
    Visitor,
    Window,
)
from cachewright.controlplane.model.cache import Key, Kind
from cachewright.controlplane.model.replies import Failure, Line

LONGEST = 1 << 40  # milliseconds that a key may live


def decoded(text: object) -> bytes:
    """Bytes out of base64url, whose end may lack its `=`; ValueError."""
    if not isinstance(text, str) or not text.isascii():
        raise ValueError("it has to be base64url")
    try:
        return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise ValueError("it has to be base64url") from None


Encoded = Annotated[bytes, BeforeValidator(decoded)]


class Asked(BaseModel):
    """A cache, and who asks about its data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: str = Field(pattern="^[0-9]{12}$")
    region: str = Field(min_length=1, max_length=32)
    kind: Kind
    id: str = Field(min_length=1, max_length=64)
    user: str = Field("", max_length=128)
    password: str = Field("", max_length=4096, repr=False)
    database: int = Field(0, ge=0, lt=DATABASES)

    @property
    def visitor(self) -> Visitor:
        """The same as a value."""
        key = Key(self.account, self.region, self.kind, self.id)
        return Visitor(key, self.user, self.password, self.database)


class Question(Asked):
    """What is asked about what the cache holds."""

    @abstractmethod
    def answer(self, data: Data) -> object:
        """What JSON is made of. Raises what Data does."""


class AskedForKeys(Question):
    """Which keys."""

    pattern: str = Field("", max_length=1024)
    type: str = Field("", max_length=64)
    cursor: str = Field("", max_length=64)

    def answer(self, data: Data) -> object:
        """See Question."""
        return written(data.keys(KeySearch(self.pattern, self.type, self.cursor)))


class AskedForKey(Question):
    """Which part of which key."""

    key: Encoded
    node: str = Field("", max_length=128)
    at: str = Field("", max_length=64)

    @property
    def window(self) -> Window:
        """The same as a value."""
        return Window(self.key, self.node, self.at)


class AskedForValue(AskedForKey):
    """Its value."""

    def answer(self, data: Data) -> object:
        """See Question."""
        return written(data.value(self.window))


class AskedForEdit(AskedForKey):
    """Which element becomes what."""

    type: str = Field(max_length=64)
    element: Encoded = b""
    was: Encoded | None
    value: Encoded | None

    def answer(self, data: Data) -> object:
        """See Question."""
        data.edit(Edit(self.window, self.type, self.element, self.was, self.value))
        return {}


class AskedForCreation(AskedForKey):
    """Which key is to be, of which type, and what its first element is."""

    type: str = Field(max_length=64)
    element: Encoded = b""
    value: Encoded

    def answer(self, data: Data) -> object:
        """See Question."""
        data.create(Edit(self.window, self.type, self.element, None, self.value))
        return {}


class AskedForEnd(AskedForKey):
    """Which key ends when."""

    type: str = Field(max_length=64)
    length: int = Field(ge=0)
    ttl: int | None = Field(ge=0, le=LONGEST)  # milliseconds; 0: now

    def answer(self, data: Data) -> object:
        """See Question."""
        data.end(Fate(self.window, self.type, self.length, self.ttl))
        return {}


class AskedForPlace(Question):
    """Which node or endpoint."""

    place: str = Field(min_length=1, max_length=128)


class AskedForCommand(AskedForPlace):
    """What was typed."""

    line: str = Field(max_length=1 << 16)

    def answer(self, data: Data) -> object:
        """See Question."""
        if not self.line.strip():
            raise Refusal("type a command")
        return reply(data.run(Command(self.place, self.line)))


class AskedForDocs(AskedForPlace):
    """What can be typed there."""

    def answer(self, data: Data) -> object:
        """See Question."""
        return {"commands": written(data.docs(self.place))}


class AskedForSlowLog(AskedForPlace):
    """What took long there."""

    def answer(self, data: Data) -> object:
        """See Question."""
        return {"entries": written(data.slow(self.place))}


def written(value: Any) -> Any:  # noqa: ANN401 - whatever answers are made of
    """An answer as JSON has it."""
    match value:
        case bytes():
            return urlsafe_b64encode(value).decode()
        case Mapping():
            return {name: written(part) for name, part in value.items()}
        case str() | int() | float() | None:
            return value
        case Sequence():
            return [written(part) for part in value]
    assert is_dataclass(value)
    return {each.name: written(getattr(value, each.name)) for each in fields(value)}


def reply(value: Any) -> Any:  # noqa: ANN401
    """An engine's answer as JSON has it: each part says what it is. Numbers are text: browsers know fewer of them."""
    match value:
        case None:
            return {"nil": True}
        case Line(text):
            return {"line": text}
        case Failure(text):
            return {"error": text}
        case int():
            return {"integer": str(value)}
        case bytes():
            return {"bytes": urlsafe_b64encode(value).decode()}
    return {"list": [reply(part) for part in value]}
