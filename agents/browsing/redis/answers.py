"""Answers of engines, read."""

from cachewright.controlplane.model.browsing import Refusal
from cachewright.controlplane.model.replies import Failure, Line, Reply


def whole(reply: Reply) -> Reply:
    """An answer that is no refusal; Refusal in the engine's words."""
    if isinstance(reply, Failure):
        raise Refusal(reply.text)
    return reply


def number(reply: Reply) -> int:
    """A number, however it is told; Refusal."""
    found = whole(reply)
    if isinstance(found, int):
        return found
    return int(found) if isinstance(found, bytes) else 0


def text(reply: Reply) -> str:
    """A word; Refusal."""
    found = whole(reply)
    return found.text if isinstance(found, Line) else pieces([found])[0].decode(errors="replace")


def pieces(reply: Reply) -> list[bytes]:
    """A list of strings, however many lists they are in; what is nothing is empty. Refusal."""
    found = whole(reply)
    if isinstance(found, list):
        return [piece for part in found for piece in pieces(part)]
    match found:
        case bytes():
            return [found]
        case int():
            return [b"%d" % found]
        case Line(said):
            return [said.encode()]
    return [b""]
