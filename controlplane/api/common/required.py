"""Parameters that an operation cannot do without although the service model does not say so."""

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model.faults import invalid_value


def required(params: Params, name: str) -> str:
    """A parameter that the operation cannot do without; Fault in AWS's words when it is absent."""
    value = params.get(name)
    if not value:
        raise invalid_value(f"The parameter {name} must be provided and must not be null.")
    return str(value)
