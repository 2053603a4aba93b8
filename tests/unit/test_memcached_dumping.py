"""What is asked of a node of Memcached for a snapshot, and what is made of its answers."""

from collections.abc import Iterable, Iterator
from itertools import chain, repeat

import pytest

from cachewright.agents.engines.memcached.dumping import CRAWLS, Seen, dumped
from cachewright.agents.engines.memcached.items import Item, read, written
from cachewright.agents.engines.memcached.loading import AT_ONCE, load
from cachewright.agents.engines.memcached.wire import Refused, Wire

NOW = 1_800_000_000
HIDDEN = b"hidden"


class Said(Wire):
    """A connection on which everything that is said is answered by lines and values that are known beforehand."""

    def __init__(self, answers: Iterable[bytes]) -> None:
        self.words: list[bytes] = []
        self._left = iter(answers)

    def say(self, words: bytes) -> None:
        self.words.append(words)

    def line(self) -> bytes:
        return next(self._left)

    def value(self, size: int) -> bytes:
        heard = next(self._left)
        assert len(heard) == size
        return heard


def told(key: str, expires: int = -1) -> bytes:
    return f"key={key} exp={expires} la={NOW} cas=1 fetch=no cls=1 size=70".encode()


def items_of(crawls: Iterable[bytes], answers: Iterable[bytes], asked: Said | None = None) -> list[Item]:
    crawler = Said(chain(crawls, repeat(b"END")))
    pieces = dumped(crawler, asked or Said(answers), NOW, Seen(10), HIDDEN)
    return list(read([*pieces, b"quit\r\n"]))


def test_an_item_is_told_with_all_that_belongs_to_it() -> None:
    crawls = [told("a%20b", NOW + 100), told("c"), told("hidden"), b"END", b"END"]
    asked = Said([b"VA 3 O0 f7 t99", b"abc", b"VA 0 O1 f0 t-1", b"", b"MN"])
    assert items_of(crawls, (), asked) == [Item(b"a b", b"abc", 7, NOW + 100), Item(b"c", b"")]
    assert asked.words == [b"mg YSBi b O0 f t v u q\r\nmg c O1 f t v u q\r\nmn\r\n"]


@pytest.mark.parametrize(
    ("before", "left", "expires"),
    [(NOW + 100, 100, NOW + 100), (NOW + 100, 500, NOW + 500), (-1, 50, NOW + 50), (NOW + 100, -1, 0)],
)
def test_the_time_that_is_left_counts(before: int, left: int, expires: int) -> None:
    """It may have been changed since the crawler told of it."""
    crawls, answers = [told("a", before), b"END", b"END"], [f"VA 1 O0 f0 t{left}".encode(), b"x", b"MN"]
    assert items_of(crawls, answers) == [Item(b"a", b"x", 0, expires)]


def test_what_is_gone_by_then_is_left_out() -> None:
    assert items_of([told("a"), told("b"), b"END", b"EN"], [b"VA 1 O1 f0 t-1", b"x", b"MN"]) == [Item(b"b", b"x")]


def test_what_a_crawl_leaves_out_is_told_by_the_next_one() -> None:
    crawls = [told("a"), b"END", told("b"), told("a"), b"END", told("b"), told("a"), b"END"]
    answers = [b"VA 1 O0 f0 t-1", b"x", b"MN", b"VA 1 O0 f0 t-1", b"y", b"MN"]
    assert items_of(crawls, answers) == [Item(b"a", b"x"), Item(b"b", b"y")]


def test_one_crawl_that_tells_nothing_new_is_not_enough() -> None:
    """It may leave out the very item that the one before did."""
    crawls = [told("a"), b"END", told("a"), b"END", told("b"), told("a"), b"END"]
    answers = [b"VA 1 O0 f0 t-1", b"x", b"MN", b"VA 1 O0 f0 t-1", b"y", b"MN"]
    assert items_of(crawls, answers) == [Item(b"a", b"x"), Item(b"b", b"y")]


def test_what_was_asked_for_and_not_answered_is_asked_for_again() -> None:
    crawls = [told("a"), told("b"), b"END", told("a"), told("b"), b"END"]
    answers = [b"VA 1 O0 f0 t-1", b"x", b"MN", b"VA 1 O0 f0 t-1", b"y", b"MN"]
    assert items_of(crawls, answers) == [Item(b"a", b"x"), Item(b"b", b"y")]


def test_where_keys_come_and_go_it_ends_nevertheless() -> None:
    crawls = (line for number in range(100) for line in (told(f"key-{number}"), b"END"))
    answers = (line for _ in range(100) for line in (b"VA 1 O0 f0 t-1", b"x", b"MN"))
    assert len(items_of(crawls, answers)) == CRAWLS


@pytest.mark.parametrize("word", [b"CLIENT_ERROR lru crawler disabled", b"BUSY currently processing crawler request"])
def test_a_crawler_that_does_not_tell(word: bytes) -> None:
    with pytest.raises(Refused, match=word.decode()):
        items_of([word], ())


def test_an_item_that_is_not_told() -> None:
    with pytest.raises(Refused, match="SERVER_ERROR"):
        items_of([told("a"), b"END"], [b"SERVER_ERROR out of memory writing get response"])


def test_hardly_a_key_is_taken_for_another_one() -> None:
    seen = Seen(20_000)
    new = 0
    for number in range(20_000):
        new += b"key %d" % number not in seen
        seen.add(b"key %d" % number)
    assert new >= 19_998
    assert all(b"key %d" % number in seen for number in range(20_000))


def loaded(items: Iterable[Item], answers: Iterable[bytes] = (b"MN",)) -> list[bytes]:
    wire = Said(answers)
    load(wire, items, NOW)
    return wire.words


def test_items_are_added_with_all_that_belongs_to_them() -> None:
    words = loaded([Item(b"a b", b"abc", 7, NOW + 1), Item(b"c", b""), Item(b"expired", b"", 0, NOW)])
    assert words == [b"ms YSBi 3 b ME q F7 T1800000001\r\nabc\r\nms c 0 ME q F0 T0\r\n\r\n", b"mn\r\n"]


def test_a_large_value_comes_by_itself() -> None:
    small, large = Item(b"small", b"x"), Item(b"large", b"y" * AT_ONCE)
    assert [len(each) > AT_ONCE for each in loaded([large, small])] == [True, False, False]
    words = loaded([small, large, small])
    assert [len(each) > AT_ONCE for each in words] == [False, True, False, False]


def test_what_is_there_already_is_well() -> None:
    assert loaded([Item(b"a", b"x")], [b"NS", b"MN"])


def test_an_item_that_is_refused() -> None:
    with pytest.raises(Refused, match="too large"):
        loaded([Item(b"a", b"x")], [b"SERVER_ERROR object too large for cache"])


def test_many_items_are_answered_now_and_then() -> None:
    def many() -> Iterator[Item]:
        return (Item(b"key:%d" % number, b"x") for number in range(1000))

    words = loaded(many(), [b"MN"] * 5)
    assert words.count(b"mn\r\n") == 5
    assert sum(map(len, words)) > sum(len(written(item)) for item in many()) // 2
