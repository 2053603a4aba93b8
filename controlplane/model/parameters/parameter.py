"""One parameter of an engine, as AWS describes it."""

from dataclasses import dataclass
from enum import StrEnum

from cachewright.controlplane.model.parameters.commands import renames_allowed
from cachewright.controlplane.model.parameters.descriptions import DESCRIPTIONS
from cachewright.controlplane.model.parameters.grammar import allows
from cachewright.controlplane.model.versions import numbers

EVENT_CLASSES = frozenset("KEg$lshzxeA")  # of notify-keyspace-events


class DataType(StrEnum):
    """AWS's names. What can be `yes` or `no` is a string there."""

    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"  # 0 or 1; Memcached


class Modifiable(StrEnum):
    """When a parameter group may set a parameter."""

    ALWAYS = "always"
    UNUSED = "unused"  # only while no cache uses the group
    NEVER = "never"


class Effect(StrEnum):
    """AWS's ChangeType: when a change reaches nodes that run."""

    IMMEDIATE = "immediate"
    REBOOT = "requires-reboot"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of a family's list."""

    name: str
    value: str | None  # that the family has; None: none is shown, which is empty to the engine
    allowed: str  # AWS's AllowedValues, see `grammar`; empty: not said
    data_type: DataType = DataType.STRING
    modifiable: Modifiable = Modifiable.ALWAYS
    effect: Effect = Effect.IMMEDIATE
    since: str = "0"  # AWS's MinimumEngineVersion

    @property
    def description(self) -> str:
        """What it is for, in a sentence."""
        return DESCRIPTIONS[self.name]

    def accepts(self, value: str) -> bool:
        """Whether a group may set this value. Source of the two rules of their own: the ElastiCache user guide."""
        if self.name == "notify-keyspace-events":
            return EVENT_CLASSES.issuperset(value)
        if self.name == "rename-commands":
            return renames_allowed(value)
        return allows(self.allowed, self.data_type, value)

    def exists_in(self, version: str) -> bool:
        """Whether an engine of that version, as described, has the parameter."""
        return numbers(version) >= numbers(self.since)


def flag(
    name: str, value: str, modifiable: Modifiable = Modifiable.ALWAYS, effect: Effect = Effect.IMMEDIATE
) -> Parameter:
    """A parameter of Redis and Valkey that is `yes` or `no`."""
    return Parameter(name, value, "yes,no", DataType.STRING, modifiable, effect)


def number(
    name: str,
    value: str,
    allowed: str = "0-",
    modifiable: Modifiable = Modifiable.ALWAYS,
    effect: Effect = Effect.IMMEDIATE,
) -> Parameter:
    """A parameter that is a whole number."""
    return Parameter(name, value, allowed, DataType.INTEGER, modifiable, effect)


def choice(
    name: str,
    value: str | None,
    allowed: str,
    modifiable: Modifiable = Modifiable.ALWAYS,
    effect: Effect = Effect.IMMEDIATE,
) -> Parameter:
    """A parameter that is one of some words."""
    return Parameter(name, value, allowed, DataType.STRING, modifiable, effect)
