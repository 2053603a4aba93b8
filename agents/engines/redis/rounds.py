"""What Redis and Valkey are asked while their caches rest, of many at once: see `pulses`."""

import logging
import ssl
import sys
from collections.abc import Callable, Sequence
from functools import cache

from cachewright.agents.engines.exchange import Exchange, TooLong
from cachewright.agents.engines.redis.acl_rules import AGENT, Credentials
from cachewright.agents.engines.redis.connections import NAME
from cachewright.agents.engines.redis.pulses import (
    COUNTS,
    VALUES,
    Answers,
    configured,
    pulse,
    questions,
    tells_subcommands,
)
from cachewright.agents.engines.redis.pulses import (
    Question as Asked,
)
from cachewright.agents.engines.redis.session import Session, packed
from cachewright.agents.engines.rounds import Question, Rounds
from cachewright.agents.planning.links import Reach
from cachewright.agents.planning.pulse import Inquiry, Pulse
from cachewright.controlplane.model.cache import Address
from cachewright.controlplane.model.replies import Failure, Reply

_PING: Asked = ("PING",)
_VALUES = Question(packed(VALUES))
_PONG = b"+PONG\r\n"
_ANSWERS = Pulse()  # of who was only asked whether it answers

log = logging.getLogger(__name__)


class RedisLanguage:
    """Implements `Language`: the agent logs in, and gives the connection its name."""

    def __init__(self, credentials: Callable[[], Credentials]) -> None:
        self._credentials = credentials

    def greeting(self, node: Reach) -> Question | None:
        """See `Language`."""
        if not node.login:
            return None
        login = packed(("AUTH", AGENT, self._credentials().password))
        return Question(login + packed(("CLIENT", "SETNAME", NAME)), answers=2)

    def is_welcome(self, heard: bytes) -> bool:
        """See `Language`. An engine that is busy with a script takes no name."""
        return not heard.startswith(b"-")

    def is_whole(self, heard: bytes, answers: int) -> bool:
        """See `Language`."""
        return replies(heard, answers) is not None


class RedisRounds:
    """Keeps a connection to each node that it has asked. For one thread, but for `disconnect`."""

    def __init__(self, credentials: Callable[[], Credentials]) -> None:
        self._credentials = credentials
        self._rounds = Rounds(RedisLanguage(credentials), self._trust)
        self._read: dict[Reach, tuple[Inquiry, bytes, Pulse | None]] = {}  # the last answers, and what they mean
        self._values: dict[Reach, tuple[int, Reply]] = {}  # of parameters, and how often CONFIG had been said by then

    def pulses(self, inquiries: Sequence[Inquiry]) -> Sequence[Pulse | None]:
        """See `Driver`."""
        answers = self._rounds.ask([(one.node, _question(_kind(one))) for one in inquiries])
        return [self._meaning(one, heard) for one, heard in zip(inquiries, answers, strict=True)]

    def disconnect(self, address: Address) -> None:
        """Let go of the connections to it."""
        self._rounds.disconnect(address)
        for node in [node for node in [*self._read] if node.address == address]:
            self._read.pop(node, None)
            self._values.pop(node, None)

    def _meaning(self, inquiry: Inquiry, heard: bytes | None) -> Pulse | None:
        """None for a refusal, and for what nobody understands."""
        if not heard or not inquiry.thorough:
            return _ANSWERS if heard == _PONG else None
        asked, known, meaning = self._read.get(inquiry.node, (None, b"", None))
        if heard == known and asked == inquiry:
            return meaning
        try:
            meaning = self._pulse(inquiry, heard)
        except (LookupError, TypeError, ValueError):
            log.exception("cannot read what %s says: a bug in Cachewright", inquiry.node)
            return None
        self._read[inquiry.node] = inquiry, heard, meaning
        return meaning

    def _pulse(self, inquiry: Inquiry, heard: bytes) -> Pulse | None:
        asked = _asked(_kind(inquiry))
        answers: Answers = dict(zip(asked, replies(heard, len(asked)) or (), strict=True))
        if any(isinstance(answer, Failure) for answer in answers.values()):
            return None
        if COUNTS in answers and not tells_subcommands(answers):
            values = self._values_of(inquiry.node, configured(answers))
            if not isinstance(values, list):
                return None
            answers[VALUES] = values
        return pulse(answers)

    def _values_of(self, node: Reach, count: int) -> Reply:
        """Every value of a parameter, which takes long to read; if nobody has said CONFIG since, those of last time."""
        if (known := self._values.get(node)) and known[0] == count:
            return known[1]
        (heard,) = self._rounds.ask([(node, _VALUES)])
        (values,) = replies(heard or b"", 1) or (None,)
        if isinstance(values, list):
            self._values[node] = count + 1, values  # this one counts as well
        return values

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self._credentials().authority))


def replies(heard: bytes, count: int) -> list[Reply] | None:
    """So many answers; None where they are not all there, or it is no engine that speaks."""
    left = iter((heard,))
    try:
        return Session(Exchange(lambda _: None, lambda _: next(left, b""), sys.maxsize)).replies(count)
    except (ConnectionError, TooLong, ValueError):
        return None


_Kind = tuple[bool, bool, bool, bool]  # thorough, and what `questions` asks for


def _kind(inquiry: Inquiry) -> _Kind:
    return inquiry.thorough, inquiry.node.login, inquiry.clustered, inquiry.exposed


@cache
def _asked(kind: _Kind) -> tuple[Asked, ...]:
    thorough, login, clustered, exposed = kind
    return questions(login=login, clustered=clustered, exposed=exposed) if thorough else (_PING,)


@cache
def _question(kind: _Kind) -> Question:
    return Question(b"".join(map(packed, _asked(kind))), len(_asked(kind)))
