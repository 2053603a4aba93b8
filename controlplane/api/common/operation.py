"""An operation as one row of the table of its package; `catalogue.py` joins the tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cachewright.controlplane.api.common.context import Answer, Context, Params

Handler = Callable[[Context, Params], Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """Who answers an operation. `notes` says in a sentence what works and what does not."""

    handler: Handler
    notes: str
    writes: bool = True


Operations = Mapping[str, Operation]  # by AWS's names
