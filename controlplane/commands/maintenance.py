"""`cachewright maintenance`: open a maintenance window by hand."""

from cachewright.controlplane.commands.answers import read
from cachewright.controlplane.commands.plane import ControlPlane, asked, foreign
from cachewright.controlplane.console.paths import MAINTENANCE
from cachewright.controlplane.model.windows import Opened


def run(plane: ControlPlane, target: str, account: str) -> Opened:
    """Open the window of a cache cluster or a group now, and tell what is done because of it."""
    document = asked(plane, MAINTENANCE, "POST", {"target": target, "account": account})
    try:
        return read(Opened, document)
    except ValueError as error:
        raise foreign(plane.url, "its answer tells of no maintenance window") from error
