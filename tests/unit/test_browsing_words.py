"""What somebody types at the console: how it is read, what is not run, and what asks for a small part only."""

import pytest

from cachewright.agents.browsing.memcached import commands as memcached
from cachewright.agents.browsing.memcached.items import checked, item_in
from cachewright.agents.browsing.redis.keys import Position, after, position_of
from cachewright.agents.browsing.redis.typed import is_window, refusal, words_of
from cachewright.agents.browsing.redis.values import following, in_rows
from cachewright.controlplane.model.browsing import KeySeen, Refusal


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("GET a", [b"GET", b"a"]),
        ("  SET   a  'b c'  ", [b"SET", b"a", b"b c"]),
        (r'SET "\xff\x00 \n\"" x', [b"SET", b'\xff\x00 \n"', b"x"]),
        (r"SET 'it\'s' '\n'", [b"SET", b"it's", rb"\n"]),
        ('SET a ""', [b"SET", b"a", b""]),
        ("SET grüße €", [b"SET", "grüße".encode(), "€".encode()]),
        (r"SET a\b c", [b"SET", rb"a\b", b"c"]),
        ("", []),
    ],
)
def test_words_are_read_as_redis_cli_reads_them(line: str, words: list[bytes]) -> None:
    assert words_of(line) == words


@pytest.mark.parametrize("line", ["SET 'a", 'GET "'])
def test_a_quotation_mark_has_another(line: str) -> None:
    with pytest.raises(Refusal, match="has no other"):
        words_of(line)


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("keys *", "SCAN"),
        ("MONITOR", "slow log"),
        ("subscribe news", "cachewright connect"),
        ("BLPOP queue 0", "LPOP"),
        ("XREAD BLOCK 0 STREAMS s $", "leave BLOCK out"),
        ("EVAL 'while true do end' 0", "script"),
        ("DEBUG SLEEP 10", "cachewright connect"),
        ("FLUSHALL", "FLUSHALL ASYNC"),
        ("flushdb sync", "FLUSHDB ASYNC"),
        ("SCAN 0 COUNT 1000000", "1000"),
        ("HSCAN h 0 MATCH a COUNT 5000", "1000"),
        ("CLIENT PAUSE 100000", "every client"),
        ("SPOP tags 1000000", "1000 at a time"),
        ("LPOP queue 5000", "1000 at a time"),
        ("CLUSTER GETKEYSINSLOT 7 1000000", "1000 at a time"),
        ("SETRANGE s 500000000 x", "fill everything"),
        ("SETBIT s 4000000000 1", "fill everything"),
        ("BITFIELD s SET u8 #400000000 1", "fill everything"),
        ("LCS a b", "one length times the other"),
        ("MIGRATE host 6379 k 0 1000", "cachewright connect"),
        ("SELECT 3", "choose the database"),
        ("AUTH secret", "choose who you are"),
        ("SAVE", "BGSAVE"),
    ],
)
def test_what_would_hold_a_node_is_not_run_and_it_is_said_what_to_do(line: str, instead: str) -> None:
    assert instead in refusal(words_of(line))


@pytest.mark.parametrize("line", ["GET a", "FLUSHALL ASYNC", "XREAD COUNT 2 STREAMS s 0", "SCAN 0 COUNT 1000", "INFO"])
def test_what_does_not_is_run(line: str) -> None:
    assert refusal(words_of(line)) == ""


@pytest.mark.parametrize(
    ("line", "small"),
    [
        ("LRANGE l 0 999", True),
        ("LRANGE l 0 1000", False),
        ("LRANGE l 0 -1", False),
        ("LRANGE l -10 -1", True),
        ("ZRANGE z 0 9 WITHSCORES", True),
        ("ZRANGE z 0 9 BYSCORE", False),
        ("GETRANGE s 0 100", True),
        ("GETRANGE s 0 99999999", False),
        ("XRANGE s - + COUNT 10", True),
        ("XRANGE s - +", False),
        ("HSCAN h 0", True),
        ("MEMORY USAGE big", True),
        ("MEMORY USAGE big SAMPLES 0", False),
        ("HGETALL h", False),
        ("LRANGE l", False),
    ],
)
def test_windows_are_known(line: str, small: bool) -> None:
    assert is_window(words_of(line)) is small


def test_shards_are_looked_through_one_after_the_other() -> None:
    shards = ["0001", "0002"]
    assert position_of("", shards) == Position("0001")
    assert position_of("0002:77", shards) == Position("0002", 77)
    assert after(Position("0001", 5), 9, shards) == Position("0001", 9)
    assert after(Position("0001", 5), 0, shards) == Position("0002")
    assert after(Position("0002", 5), 0, shards) is None


@pytest.mark.parametrize("cursor", ["0003:1", "0001", "0001:x", "0001:-1", ":"])
def test_a_cursor_of_a_shard_that_is_gone_is_refused(cursor: str) -> None:
    with pytest.raises(Refusal, match="from the beginning"):
        position_of(cursor, ["0001", "0002"])


def test_parts_go_on_where_the_last_one_ended() -> None:
    assert following("1700000000000-9") == "1700000000000-10"
    assert in_rows([b"a", b"1", b"b", b"2"], 2) == [(b"a", b"1"), (b"b", b"2")]


def test_items_of_a_metadump_are_read() -> None:
    line = b"key=a%20b%ff exp=1700000060 la=1700000000 cas=3 fetch=no cls=1 size=63"
    assert item_in(line, "pages.0001", 1700000000) == KeySeen(b"a b\xff", "pages.0001", "item", 63, 60_000)
    assert item_in(b"key=a exp=-1 la=1 cas=1 fetch=no cls=1 size=1", "pages.0001", 1700000000).ttl is None


@pytest.mark.parametrize("key", [b"", b"a b", b"a\r\nflush_all", b"x" * 251, b"\x7f"])
def test_a_key_cannot_carry_another_command(key: bytes) -> None:
    with pytest.raises(Refusal):
        checked(key)


def test_values_of_memcached_go_on_a_line_of_their_own() -> None:
    assert memcached.sent("set a 0 60 11 hello world") == b"set a 0 60 11\r\nhello world"
    assert memcached.sent(" stats settings ") == b"stats settings"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("set a 0 0 4 hello", "5 bytes"),
        ("set a 0 0 5", "same line"),
        ("watch", "no end"),
        ("lru_crawler metadump all", "search"),
        ("get a\r\nflush_all", "one line"),
    ],
)
def test_what_has_no_end_or_is_not_whole_is_not_said_to_memcached(line: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        memcached.sent(line)
