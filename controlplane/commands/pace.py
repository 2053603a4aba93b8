"""`cachewright pace`: how long deeds take at least."""

import json

from cachewright.controlplane.commands.plane import ControlPlane, asked, foreign
from cachewright.controlplane.console.paths import PACE


def pace(plane: ControlPlane, wanted: str | None) -> str:
    """What a control plane keeps, after another pace was asked for, if one was."""
    answer = asked(plane, PACE) if wanted is None else asked(plane, PACE, "PUT", {"pace": wanted})
    try:
        return str(json.loads(answer)["pace"])
    except (ValueError, KeyError, TypeError) as error:
        raise foreign(plane.url, "its answer tells of no pace") from error
