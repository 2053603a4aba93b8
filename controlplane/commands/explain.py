"""`cachewright explain`: why a cache is not as wished."""

import json
from collections.abc import Sequence

from cachewright.controlplane.commands.plane import ControlPlane, asked, foreign
from cachewright.controlplane.console.paths import EXPLAIN


def explain(plane: ControlPlane, target: str, account: str) -> Sequence[str]:
    """The sentences that a control plane has about a cache."""
    document = asked(plane, EXPLAIN, "POST", {"target": target, "account": account})
    try:
        return [str(sentence) for sentence in json.loads(document)["because"]]
    except (ValueError, KeyError, TypeError) as error:
        raise foreign(plane.url, "its answer explains nothing") from error
