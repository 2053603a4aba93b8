"""Lists that requests about service updates have."""

from collections.abc import Sequence
from enum import StrEnum

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model.faults import invalid_value

IDS = 20  # of groups, and as many of clusters


def identifiers(params: Params, name: str) -> tuple[str, ...]:
    """Ids, each once; Fault for more than AWS takes."""
    wanted: Sequence[str] = params.get(name) or ()
    if len(wanted) > IDS:
        raise invalid_value(f"{name} must not have more than {IDS} members.")
    return tuple(dict.fromkeys(one.lower() for one in wanted))


def statuses(params: Params, name: str, kind: type[StrEnum]) -> frozenset[str]:
    """The statuses that are asked for; all of them when none is named. Fault for one that there is not."""
    known, wanted = [one.value for one in kind], params.get(name) or ()
    for one in wanted:
        if one not in known:
            raise invalid_value(f"Invalid value {one} for {name}. Must be one of: {', '.join(known)}")
    if len(wanted) > len(known):
        raise invalid_value(f"{name} must not have more than {len(known)} members.")
    return frozenset(wanted or known)
