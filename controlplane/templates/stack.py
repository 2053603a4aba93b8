"""What is remembered of a stack: what was made of a template, and of what kind it is."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from cachewright.controlplane.templates.values import Properties

FORM = 1  # of the document; another one is of a release that does something else


class UnknownForm(Exception):  # noqa: N818
    """A document that this release cannot read."""


@dataclass(frozen=True, slots=True)
class Made:
    """One resource that a stack has."""

    logical: str
    type: str
    id: str
    properties: Properties  # as they were last applied, with secrets as digests
    life: int = 1  # how many resources this logical id has had
    deletion: str = "Delete"
    asked: bool = False  # its creation was asked for, and whether it was granted is not known


@dataclass(frozen=True, slots=True)
class Stack:
    """What a stack has, in the order in which it was made."""

    name: str
    made: tuple[Made, ...] = ()
    leaving: tuple[Made, ...] = ()  # replaced ones that are still to go
    exports: Mapping[str, str] = field(default_factory=dict)

    def with_made(self, made: Made) -> "Stack":
        """With a resource, in place of the one of that logical id."""
        known = [other.logical for other in self.made]
        if made.logical in known:
            return replace(self, made=tuple(made if other.logical == made.logical else other for other in self.made))
        return replace(self, made=(*self.made, made))

    def without(self, made: Made) -> "Stack":
        """Without a resource, wherever it stood."""

        def rest(every: tuple[Made, ...]) -> tuple[Made, ...]:
            return tuple(other for other in every if (other.type, other.id) != (made.type, made.id))

        return replace(self, made=rest(self.made), leaving=rest(self.leaving))

    def find(self, logical: str) -> Made | None:
        """The resource of a logical id."""
        return next((made for made in self.made if made.logical == logical), None)


def written(stack: Stack) -> str:
    """The document of a stack."""
    return json.dumps({"form": FORM, **asdict(stack)}, separators=(",", ":"))


def read(document: str) -> Stack:
    """The stack in a document; UnknownForm when it cannot be read as it was meant."""
    try:
        content = json.loads(document)
        if content.pop("form") != FORM:
            raise UnknownForm("another release wrote it")
        made, leaving = (tuple(Made(**part) for part in content[key]) for key in ("made", "leaving"))
        return Stack(content["name"], made, leaving, content["exports"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnknownForm(f"it is none: {error}") from error
