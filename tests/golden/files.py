"""Where databases lie as they were written."""

from pathlib import Path

VERSION_0_1 = Path(__file__).with_name("version-0.1.json")  # with what was answered then


def file_of(form: int) -> Path:
    """The file of a form of documents."""
    return Path(__file__).with_name(f"form-{form}.json")
