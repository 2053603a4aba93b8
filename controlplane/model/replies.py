"""What an engine of the Redis family answers, as a value."""

from dataclasses import dataclass
from typing import TypeAlias, Union


@dataclass(frozen=True, slots=True)
class Line:
    """A simple string: `OK`."""

    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A refusal in the engine's words, which begin with a code: `WRONGTYPE Operation against ...`."""

    text: str

    @property
    def code(self) -> str:
        """Its first word."""
        return self.text.partition(" ")[0]


Reply: TypeAlias = Union[int, bytes, Line, Failure, "list[Reply]", None]
