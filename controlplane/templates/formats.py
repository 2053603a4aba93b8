"""The forms in which outputs are written."""

from enum import StrEnum


class Format(StrEnum):
    """How outputs are written."""

    DOTENV = "dotenv"
    JSON = "json"
