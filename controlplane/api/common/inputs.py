"""What becomes of a parameter of an operation: no parameter is ignored. Each package has the tables of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model.faults import not_built


class Use(StrEnum):
    """What becomes of a parameter."""

    ACTED_ON = "acted on"
    KEPT = "kept and shown; nothing acts on it yet"
    REFUSED = "refused, as AWS would"
    NOT_BUILT = "refused: not built yet"
    UNUSED = "accepted, and not used by AWS either"


@dataclass(frozen=True, slots=True)
class Input:
    """What becomes of one parameter. `neutral` are the values that ask for nothing, besides empty ones and `false`."""

    use: Use
    feature: str = ""  # that is not built
    neutral: tuple[Any, ...] = ()

    def asked(self, value: object) -> bool:
        """Whether the value asks for something."""
        return bool(value) and value not in self.neutral


def unbuilt(feature: str, *neutral: Any) -> Input:  # noqa: ANN401 - as wire values are
    """A parameter of a feature that is not built."""
    return Input(Use.NOT_BUILT, feature, neutral)


ACTED_ON = Input(Use.ACTED_ON)
KEPT = Input(Use.KEPT)
REFUSED = Input(Use.REFUSED)
UNUSED = Input(Use.UNUSED)


def refuse_unbuilt(params: Params, inputs: Mapping[str, Input]) -> None:
    """Fault for the first parameter that asks for something that is not built."""
    for name, row in inputs.items():
        if row.use is Use.NOT_BUILT and row.asked(params.get(name)):
            raise not_built(row.feature)


def kept(params: Params, inputs: Mapping[str, Input]) -> tuple[str, ...]:
    """The parameters that are kept and shown, but that nothing acts on."""
    return tuple(name for name, row in inputs.items() if row.use is Use.KEPT and row.asked(params.get(name)))
