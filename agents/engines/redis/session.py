"""What Redis and Valkey are asked on behalf of a person: RESP 2, on a connection that hears only so much."""

from collections.abc import Sequence

from cachewright.agents.engines.exchange import Exchange, TooLong
from cachewright.controlplane.model.replies import Failure, Line, Reply

DEEPEST = 16  # lists within lists
Words = Sequence[bytes | str | int]


class Session:
    """Questions and answers, in order. OSError where it breaks; TooLong."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def ask(self, *words: bytes | str | int) -> Reply:
        """What is answered, be it a refusal."""
        self._exchange.say(packed(words))
        return self._reply()

    def ask_all(self, questions: Sequence[Words]) -> list[Reply]:
        """The same of many, in one go; the limit is for all of them together."""
        if questions:
            self._exchange.say(b"".join(map(packed, questions)))
        return self.replies(len(questions))

    def replies(self, count: int) -> list[Reply]:
        """The next so many answers."""
        return [self._reply() for _ in range(count)]

    def _reply(self, depth: int = 0) -> Reply:
        line = self._exchange.line()
        kind, text = line[:1], line[1:]
        match kind:
            case b"+":
                return Line(text.decode(errors="replace"))
            case b"-":
                return Failure(text.decode(errors="replace"))
            case b":":
                return int(text)
            case b"$":
                return self._bulk(int(text))
            case b"*" if depth < DEEPEST:
                return None if text == b"-1" else [self._reply(depth + 1) for _ in range(int(text))]
            case b"*":
                raise TooLong
        raise ConnectionError("it does not speak as an engine does")

    def _bulk(self, length: int) -> bytes | None:
        return None if length < 0 else self._exchange.take(length + 2)[:-2]


def packed(words: Words) -> bytes:
    """A command as it is sent."""
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"".join([b"*%d\r\n" % len(parts), *(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)])
