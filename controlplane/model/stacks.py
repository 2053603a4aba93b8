"""What is remembered of what was made of a template."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remembered:
    """A document of whoever applies templates, and how often there was another one; an empty one of revision 0 was
    never written.
    """

    revision: int = 0
    document: str = ""


class Outdated(Exception):  # noqa: N818
    """Somebody else has written another document meanwhile."""
