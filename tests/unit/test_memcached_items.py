"""Files of what Memcached held: written and read, and everything that is no such file."""

from collections.abc import Iterator

import pytest

from cachewright.agents.engines.memcached.items import END, Item, read, written

ITEMS = (
    Item(b"key", b"value"),
    Item(b"empty", b""),
    Item(b"flags", b"\r\nquit\r\n", flags=4294967295, expires=1_800_000_000),
    Item("größe".encode(), bytes(range(256))),
    Item(b"a b\x00\x7f\xff", b"binary", flags=3, expires=1_800_000_001),
    Item(b"x" * 250, b"y" * 100_000),
)
FILE = b"".join(map(written, ITEMS)) + END


def pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


def test_the_commands() -> None:
    assert written(Item(b"key", b"value", 7, 1_800_000_000)) == b"add key 7 1800000000 5\r\nvalue\r\n"
    assert written(Item(b"a b", b"value", 7)) == b"ms YSBi 5 b ME F7 T0\r\nvalue\r\n"


@pytest.mark.parametrize("size", [1, 2, 7, 1000, 1 << 20])
def test_what_is_written_is_read(size: int) -> None:
    assert tuple(read(pieces(FILE, size))) == ITEMS


def test_nothing_is_a_file_as_well() -> None:
    assert list(read([END])) == []


@pytest.mark.parametrize("length", [0, 1, 10, 100, len(FILE) - len(END), len(FILE) - 1])
def test_a_file_that_is_cut_is_none(length: int) -> None:
    with pytest.raises(ValueError, match=r"end|long"):
        list(read([FILE[:length]]))


@pytest.mark.parametrize(
    "content",
    [
        b"REDIS0011\r\n" + END,
        b"set key 0 0 5\r\nvalue\r\n" + END,
        b"add key 0 -1 5\r\nvalue\r\n" + END,
        b"add key 0 0 5 noreply\r\nvalue\r\n" + END,
        b"add " + b"k" * 251 + b" 0 0 5\r\nvalue\r\n" + END,
        b"add key 0 0 4\r\nvalue\r\n" + END,
        b"add key 0 0 6\r\nvalue\r\n" + END,
        b"add key 0 0 9999999999\r\nvalue\r\n" + END,
        b"ms YSBi 5 b MS F7 T0\r\nvalue\r\n" + END,
        b"ms YS=Bi 5 b ME F7 T0\r\nvalue\r\n" + END,
        b"flush_all\r\n" + END,
        b"x" * 10_000,
        END + b"add key 0 0 5\r\nvalue\r\n",
    ],
)
def test_what_is_no_such_file(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(read([content]))


def test_it_is_read_to_its_end() -> None:
    """Whoever hands it over checks it there."""

    def found() -> Iterator[bytes]:
        yield FILE
        raise RuntimeError("it is damaged")

    with pytest.raises(RuntimeError):
        list(read(found()))
