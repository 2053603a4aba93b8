"""Why a database cannot be used, in words for the user."""

import logging

log = logging.getLogger(__name__)


class Unusable(Exception):  # noqa: N818
    """Why there is no such database, or none that answers or takes what is to be written."""


class Damaged(Unusable):
    """What is there is no database, or only a part of one."""


class Foreign(Unusable):
    """A later release wrote it, or another program: nothing of it may be changed."""


def tell(failure: Unusable) -> None:
    """Log what whoever goes on regardless could not do; the command sees to it that this is not a line for each try."""
    log.error("nothing can be decided or changed: %s", failure)
