"""CONFIG SET and CONFIG GET of many values at once."""

from collections.abc import Iterable, Mapping
from typing import Any

from redis import Redis
from redis.connection import Connection
from redis.exceptions import ResponseError

from cachewright.agents.engines.redis.directives import Configuration

EVENTS = "notify-keyspace-events"
EVERY_EVENT = "g$lshzxetd"  # what the engines write as A


def apply(client: Redis, wanted: Configuration) -> str:
    """Set everything and read it back; why it is not as wanted then, at best in the engine's words."""
    seen, complaint = _set(client, wanted.directives, wanted)
    if not complaint and (name := different(wanted, seen)):
        return f"{name} is {seen.get(name)!r} instead of {wanted.directives[name]!r}"
    return complaint


def hint(connection: Connection, wanted: Configuration, patience: float) -> None:
    """Set everything, and no more; each answer may take `patience` seconds."""
    commands = _commands(wanted.directives, wanted)
    connection.send_packed_command(connection.pack_commands(commands))
    for _ in commands:
        connection.read_response(timeout=patience)


def is_as_wanted(client: Redis, wanted: Configuration) -> bool:
    """Whether everything is as wanted."""
    pipeline = client.pipeline(transaction=False)
    _ask(pipeline, wanted)
    return not different(wanted, _pairs(pipeline.execute()))


def dry_run(client: Redis, wanted: Configuration) -> str:
    """What the engine says against these values; empty when it takes them. Nothing stays changed either way."""
    pipeline = client.pipeline(transaction=False)
    _ask(pipeline, wanted)
    before = _pairs(pipeline.execute())
    there = _commands(wanted.directives, wanted)
    back = _commands({name: before[name] for name in wanted.directives if name in before}, wanted)
    for words in (*there, *back):  # in one go: an engine that answers too late for us still has its own values again
        pipeline.execute_command(*words)
    return _complaint(pipeline.execute(raise_on_error=False)[: len(there)])


def same(name: str, one: str, other: str) -> bool:
    """Whether two values of a directive are one: engines sort the letters of events."""
    if name == EVENTS:
        return _events(one) == _events(other)
    return one == other


def _events(value: str) -> frozenset[str]:
    return frozenset(value.replace("A", EVERY_EVENT))


def _set(client: Redis, directives: Mapping[str, str], wanted: Configuration) -> tuple[Mapping[str, str], str]:
    """Everything in one go: what is shown afterwards, and the first complaint."""
    pipeline = client.pipeline(transaction=False)
    for words in _commands(directives, wanted):
        pipeline.execute_command(*words)
    _ask(pipeline, wanted)
    answers = pipeline.execute(raise_on_error=False)
    return _pairs(answers), _complaint(answers)


def _complaint(answers: Iterable[Any]) -> str:
    return next((str(answer) for answer in answers if isinstance(answer, ResponseError)), "")


def _commands(directives: Mapping[str, str], wanted: Configuration) -> list[tuple[str, ...]]:
    rows = list(directives.items())
    return [("CONFIG", "SET", *row) for row in ([sum(rows, ())] if wanted.at_once else rows)]


def _ask(pipeline: Any, wanted: Configuration) -> None:  # noqa: ANN401 - redis-py's pipelines are untyped
    """Before Redis 7 only one pattern can be asked for."""
    pipeline.execute_command("CONFIG", "GET", *(wanted.directives if wanted.at_once else "*"))


def _pairs(answers: Iterable[Any]) -> Mapping[str, str]:
    """The last answer as values by name."""
    *_, words = answers
    if isinstance(words, ResponseError):
        raise words
    texts = [word.decode() for word in words]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def different(wanted: Configuration, seen: Mapping[str, str]) -> str:
    """The first directive that is not as wanted; empty when all are."""
    every = wanted.directives.items()
    return next((name for name, value in every if name not in seen or not same(name, value, seen[name])), "")
