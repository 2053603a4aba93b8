"""What images say when they are tried: each is asked once about the same."""

import secrets
from collections.abc import Callable, Iterable
from typing import TypeVar

from cachewright.agents.planning.images import Image

MOST = 1000  # verdicts that are remembered

K = TypeVar("K")


def token() -> str:
    """Tells the container of one trial from that of another at the same time."""
    return secrets.token_hex(4)


def once(verdicts: dict[K, str], asked: K, ask: Callable[[], str]) -> str:
    """The verdict about something: the remembered one, else what is said now."""
    if asked not in verdicts:
        if len(verdicts) >= MOST:
            verdicts.clear()
        verdicts[asked] = ask()
    return verdicts[asked]


def refusal_of_all(images: Iterable[Image], said: Callable[[Image], str]) -> str:
    """What the first image says against it, when every one refuses; else empty."""
    first = ""
    for image in images:
        if not (verdict := said(image)):
            return ""
        first = first or verdict
    return first
