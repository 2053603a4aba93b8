"""What becomes of a parameter of an operation: no parameter is ignored. Each package has the tables of its own."""

from collections.abc import Mapping
from enum import StrEnum

from cachewright.controlplane.api.common.context import Params


class Use(StrEnum):
    """What becomes of a parameter."""

    ACTED_ON = "acted on"
    KEPT = "kept and shown; nothing acts on it yet"
    REFUSED = "refused, as AWS would"
    UNUSED = "accepted, and not used by AWS either"


ACTED_ON, KEPT, REFUSED, UNUSED = Use.ACTED_ON, Use.KEPT, Use.REFUSED, Use.UNUSED
Inputs = Mapping[str, Use]  # by the names of parameters


def kept(params: Params, inputs: Inputs) -> tuple[str, ...]:
    """The parameters that are kept and shown, but that nothing acts on. Empty values and `false` ask for nothing."""
    return tuple(name for name, use in inputs.items() if use is KEPT and params.get(name))
