"""What functions may ask."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cachewright.controlplane.templates.values import Value


class Resources(Protocol):
    """What references to resources come to."""

    def ref(self, logical: str) -> Value:
        """The physical id of a resource."""

    def attribute(self, logical: str, name: str) -> Value:
        """An attribute of a resource."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Of one template in one place."""

    names: Mapping[str, Value]  # parameters and pseudo parameters
    mappings: Mapping[str, Value]
    holds: Callable[[str], bool]  # whether a condition does
    imports: Mapping[str, str]  # what stands for exports of other stacks
    resources: Resources | None = None  # None: there is none to refer to, as in conditions
