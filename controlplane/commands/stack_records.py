"""What a control plane remembers of stacks, asked and written over HTTP."""

import json
from dataclasses import dataclass, field

from cachewright.controlplane.commands.answers import read as answer_of
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer, asked, foreign
from cachewright.controlplane.console.paths import STACKS
from cachewright.controlplane.model.stacks import Remembered
from cachewright.controlplane.templates.stack import Stack, UnknownForm, read, written


@dataclass(slots=True)
class StackRecords:
    """The stacks of an account in a region. NoAnswer when they cannot be read or written."""

    plane: ControlPlane
    account: str
    region: str
    _revisions: dict[str, int] = field(default_factory=dict)

    def all(self) -> dict[str, Stack]:
        """Every stack, by name."""
        try:
            told = json.loads(asked(self.plane, f"{STACKS}/{self.account}/{self.region}"))
            found = {name: answer_of(Remembered, json.dumps(part).encode()) for name, part in told.items()}
        except (ValueError, AttributeError) as error:
            raise foreign(self.plane.url, "its answer tells of no stacks") from error
        self._revisions = {name: part.revision for name, part in found.items()}
        return {name: _stack(name, part.document) for name, part in found.items()}

    def write(self, stack: Stack) -> None:
        """A stack as it is now; one with nothing in it is forgotten."""
        document = written(stack) if stack.made or stack.leaving or stack.exports else ""
        revision = self._revisions.get(stack.name, 0)
        body = {"account": self.account, "region": self.region, "name": stack.name}
        told = asked(self.plane, STACKS, "POST", {**body, "revision": revision, "document": document})
        try:
            self._revisions[stack.name] = int(json.loads(told)["revision"])
        except (ValueError, KeyError, TypeError) as error:
            raise foreign(self.plane.url, "its answer tells of no stack") from error


def _stack(name: str, document: str) -> Stack:
    try:
        return read(document)
    except UnknownForm as reason:
        raise NoAnswer(f"cannot read what is remembered of the stack {name}: {reason}") from reason
