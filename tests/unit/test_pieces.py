"""Files on their way: the next piece is got while somebody is busy with the last."""

from collections.abc import Iterator
from threading import Event

import pytest

from cachewright.agents.pieces import ahead
from cachewright.agents.planning.verdicts import Never


def test_the_same_pieces_arrive_in_their_order() -> None:
    assert list(ahead(iter([b"a", b"b", b"c"]))) == [b"a", b"b", b"c"]
    assert list(ahead(iter([]))) == []


def test_the_next_one_is_got_while_whoever_asks_is_busy() -> None:
    begun = Event()

    def pieces() -> Iterator[bytes]:
        yield b"first"
        begun.set()
        yield b"second"

    arriving = ahead(pieces())
    assert next(arriving) == b"first"
    assert begun.wait(10)
    assert list(arriving) == [b"second"]


def test_what_getting_them_raises_arrives_after_them() -> None:
    def broken() -> Iterator[bytes]:
        yield b"first"
        raise Never("damaged")

    arriving = ahead(broken())
    assert next(arriving) == b"first"
    with pytest.raises(Never, match="damaged"):
        next(arriving)


def test_nobody_gets_any_more_once_nobody_asks() -> None:
    got: list[int] = []

    def pieces() -> Iterator[bytes]:
        for number in range(100):
            got.append(number)
            yield b"piece"

    arriving = ahead(pieces())
    next(arriving)
    arriving.close()
    assert len(got) <= 2
