"""What may be done about resources, and what has to be known of the world for that."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from cachewright.controlplane.templates.kinds import Kind, Update
from cachewright.controlplane.templates.stack import Made
from cachewright.controlplane.templates.values import Properties


class Action(StrEnum):
    """What is done about a resource."""

    CREATE = "create"
    ADOPT = "adopt"  # it is there as the template says, and belongs to no stack
    UPDATE = "update"
    REPLACE = "replace"
    KEEP = "keep"
    LEAVE = "leave"  # it is there as the template says, and belongs to another stack
    REMOVE = "remove"
    RETAIN = "retain"  # it leaves the stack and stays


NOTHING = frozenset({Action.KEEP, Action.LEAVE})  # in which nothing is done
ENDING = frozenset({Action.REPLACE, Action.REMOVE})  # after which something is gone


@dataclass(frozen=True, slots=True)
class Change:
    """One property; None: it was not, or is not there. Secrets are hidden."""

    name: str
    before: str | None
    after: str | None
    update: Update = Update.AT_ONCE


@dataclass(frozen=True, slots=True)
class Step:
    """One resource."""

    action: Action
    made: Made  # as it is afterwards; of what leaves, as it was
    properties: Properties = field(default_factory=dict)  # as the template says, secrets and all
    changes: tuple[Change, ...] = ()
    old: Made | None = None  # what is updated or replaced
    why: str = ""


class World(Protocol):
    """What there is."""

    def exists(self, kind: Kind, identifier: str) -> bool:
        """Whether there is such a resource."""

    def properties(self, kind: Kind, identifier: str) -> Properties:
        """Those of one that exists, as far as the API shows them."""

    def stack_of(self, kind: Kind, identifier: str) -> str:
        """The other stack that it belongs to; empty: none."""
