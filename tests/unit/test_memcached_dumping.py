"""What is asked of a node of Memcached for a snapshot, and what is made of its answers."""

from collections.abc import Iterable, Iterator
from itertools import chain, repeat

import pytest

from cachewright.agents.engines.memcached.dumping import Seen, dumped
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


class Node:
    """What a node (1.6.18) tells of its items, one of which is written, and one added, whenever one was told."""

    def __init__(self, cold: int, hot: int) -> None:
        self.cold, self.hot = (
            [b"%s:%d" % (kind, n) for n in range(count)] for kind, count in ((b"c", cold), (b"h", hot))
        )
        self.locked = False
        self._used = [*self.cold, *self.hot]  # in the order of use: the last one was used last
        self._turn = 0

    def all(self) -> Iterator[bytes]:
        """In the order of use, as many as there were as it began."""
        place = 0
        for _ in range(len(self._used)):
            yield self._used[place]
            place += 1 - self._written(place + 1)

    def hash(self) -> Iterator[bytes]:
        """Whatever is there, in an order that no writing changes."""
        self.locked = True
        for key in sorted(self._used):
            yield key
            self._written(0)
        self.locked = False

    def _written(self, place: int) -> int:
        """How many of those before that place have left it."""
        key = self.hot[self._turn % len(self.hot)]
        before = self._used.index(key) < place
        self._used.remove(key)
        self._used += [b"n:%d" % self._turn, key]
        self._turn += 1
        return before


class Crawler(Wire):
    """The connection on which a node tells of its items."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._told: Iterator[bytes] = iter(())

    def say(self, words: bytes) -> None:
        self._told = {b"all": self._node.all, b"hash": self._node.hash}[words.split()[2]]()

    def line(self) -> bytes:
        return told(key.decode()) if (key := next(self._told, None)) else b"END"


class Asked(Wire):
    """The connection on which it is asked for items: it does not answer while one that is locked may be among them."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lines: Iterator[bytes] = iter(())

    def say(self, words: bytes) -> None:
        if self._node.locked:
            raise TimeoutError("the crawler waits for its reader, with an item locked")
        questions = [line.split() for line in words.splitlines()]
        self._lines = iter([b"VA 0 %s f0 t-1" % words[2] for words in questions if words[0] == b"mg"] + [b"MN"])

    def line(self) -> bytes:
        return next(self._lines)

    def value(self, size: int) -> bytes:
        return bytes(size)


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


def test_what_the_list_of_use_leaves_out_is_told_by_the_hash_table() -> None:
    crawls = [told("a"), b"END", told("b"), told("a"), b"END"]
    answers = [b"VA 1 O0 f0 t-1", b"x", b"MN", b"VA 1 O0 f0 t-1", b"y", b"MN"]
    assert items_of(crawls, answers) == [Item(b"a", b"x"), Item(b"b", b"y")]


def test_what_was_asked_for_and_not_answered_is_asked_for_again() -> None:
    crawls = [told("a"), told("b"), b"END", told("a"), told("b"), b"END"]
    answers = [b"VA 1 O0 f0 t-1", b"x", b"MN", b"VA 1 O0 f0 t-1", b"y", b"MN"]
    assert items_of(crawls, answers) == [Item(b"a", b"x"), Item(b"b", b"y")]


def test_what_is_written_all_the_time_is_in_the_dump() -> None:
    node = Node(cold=50, hot=20)
    crawler, asked = Crawler(node), Asked(node)
    keys = [item.key for item in read([*dumped(crawler, asked, NOW, Seen(70), HIDDEN), b"quit\r\n"])]
    assert {*node.cold, *node.hot} <= set(keys)
    assert len(keys) == len(set(keys))


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
