"""What engines say, read with a limit."""

import pytest

from cachewright.agents.engines.exchange import Exchange, TooLong
from cachewright.agents.engines.memcached.session import Item
from cachewright.agents.engines.memcached.session import Session as Memcached
from cachewright.agents.engines.redis.session import Session, packed
from cachewright.controlplane.model.replies import Failure, Line, Reply


def heard(*parts: bytes, most: int = 1000) -> Exchange:
    """A connection on which this comes, a part at a time, and then the end."""
    left = list(parts)

    def receive(count: int) -> bytes:
        if not left:
            return b""
        part, rest = left[0][:count], left[0][count:]
        left[:1] = [rest] if rest else []
        return part

    return Exchange(lambda _: None, receive, most)


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (b"+OK\r\n", Line("OK")),
        (b"-ERR no such thing\r\n", Failure("ERR no such thing")),
        (b":-7\r\n", -7),
        (b"$3\r\na\r\n\r\n", b"a\r\n"),
        (b"$0\r\n\r\n", b""),
        (b"$-1\r\n", None),
        (b"*-1\r\n", None),
        (b"*2\r\n:1\r\n*1\r\n$1\r\n\xff\r\n", [1, [b"\xff"]]),
    ],
)
def test_answers_are_values(said: bytes, reply: Reply) -> None:
    assert Session(heard(said)).ask("ANY") == reply
    one_by_one = (said[at : at + 1] for at in range(len(said)))
    assert Session(heard(*one_by_one)).ask("ANY") == reply


def test_several_answers_come_in_order() -> None:
    assert Session(heard(b":1\r\n:2\r\n")).ask_all([("A",), ("B",)]) == [1, 2]


def test_words_are_bytes_with_their_lengths() -> None:
    assert packed(("SET", b"\xff", 7)) == b"*3\r\n$3\r\nSET\r\n$1\r\n\xff\r\n$1\r\n7\r\n"


@pytest.mark.parametrize(
    "said",
    [
        b"$2000000000\r\n",
        b"$90\r\n" + b"x" * 92,
        b"+" + b"x" * 200,
        b"*100\r\n" + b":1\r\n" * 100,
        b"*1\r\n" * 17 + b":1\r\n",
    ],
)
def test_no_more_is_heard_than_may_be(said: bytes) -> None:
    with pytest.raises(TooLong):
        Session(heard(said, most=80)).ask("ANY")


@pytest.mark.parametrize("said", [b"", b"$5\r\nab", b"HTTP/1.1 400 Bad Request\r\n"])
def test_a_broken_answer_is_no_answer(said: bytes) -> None:
    with pytest.raises(ConnectionError):
        Session(heard(said)).ask("ANY")


def test_of_a_long_item_the_beginning_is_read() -> None:
    said = b"VALUE a 5 10 77\r\n0123456789\r\nEND\r\n"
    assert Memcached(heard(said)).item(b"a", 4) == Item(b"0123", 10, 5, 77)
    assert Memcached(heard(said)).item(b"a", 10) == Item(b"0123456789", 10, 5, 77)
    assert Memcached(heard(b"END\r\n")).item(b"a", 10) is None


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (b"STAT a 1\r\nSTAT b 2\r\nEND\r\n", [b"STAT a 1", b"STAT b 2"]),
        (b"key=a exp=-1\nkey=b exp=-1\nEND\r\n", [b"key=a exp=-1", b"key=b exp=-1"]),
        (b"CLIENT_ERROR lru crawler disabled\r\n", [b"CLIENT_ERROR lru crawler disabled"]),
        (b"OK\r\n", []),
    ],
)
def test_lines_of_memcached_have_an_end(said: bytes, lines: list[bytes]) -> None:
    assert list(Memcached(heard(said)).lines(b"any")) == lines
