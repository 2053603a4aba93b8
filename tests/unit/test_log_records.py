"""Records of logs, byte for byte, and what of a log is read next."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cachewright.agents.planning.containers import LoggedLine
from cachewright.agents.planning.log_delivery import (
    DAY,
    MOST,
    Item,
    Limits,
    SlowPosition,
    backoff,
    batches,
    in_order,
    missing,
    slow_position,
)
from cachewright.agents.planning.log_records import (
    Record,
    SlowEntry,
    engine_line,
    engine_record,
    hidden,
    slow_record,
)
from cachewright.agents.runtime.logs import LONGEST, lines
from cachewright.controlplane.model.cache import Node
from cachewright.controlplane.model.log_delivery import LogFormat

NODE = Node("logslowxxxxmsxj", "0001", "us-east-1a")
ENTRY = SlowEntry(296, 1605631822, 30, (b"GET", b"key"), b"192.168.12.104:55452", b"logslowxxxxmsxj##")


def test_a_slow_record_in_text() -> None:
    """The example of the user guide."""
    expected = "logslowxxxxmsxj,0001,1605631822,30,GET ... (1 more arguments),192.168.12.104:55452,logslowxxxxmsxj##"
    assert slow_record(NODE, ENTRY, LogFormat.TEXT) == Record(1605631822000, expected)


def test_a_slow_record_in_json() -> None:
    expected = (
        '{"CacheClusterId":"logslowxxxxmsxj","CacheNodeId":"0001","Id":296,"Timestamp":1605631822,"Duration (us)":30,'
        '"Command":"GET ... (1 more arguments)","ClientAddress":"192.168.12.104:55452",'
        '"ClientName":"logslowxxxxmsxj##"}'
    )
    assert slow_record(NODE, ENTRY, LogFormat.JSON) == Record(1605631822000, expected)


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ((b"PING",), "PING"),
        ((b"get", b"k"), "get ... (1 more arguments)"),
        ((b"CONFIG", b"GET", b"*"), "CONFIG ... (2 more arguments)"),
        ((b"MSET", *[b"x"] * 31), "MSET ... (31 more arguments)"),
        ((b"MSET", *[b"x"] * 30, b"... (70 more arguments)"), "MSET ... (100 more arguments)"),
        ((b"ECHO", b"... (70 more arguments)"), "ECHO ... (1 more arguments)"),
        ((), ""),
    ],
)
def test_arguments_are_counted_and_not_told(arguments: tuple[bytes, ...], shown: str) -> None:
    assert hidden(arguments) == shown


def test_bytes_that_are_no_text_are_replaced() -> None:
    odd = replace(ENTRY, arguments=(b"G\xffT",), name=b'"\n\xc3\xa9\xff', address=b"/tmp/s\x00ock:0")
    text = slow_record(NODE, odd, LogFormat.JSON).text
    assert '"Command":"G\ufffdT"' in text
    assert json.loads(text)["ClientName"] == '"\n\u00e9\ufffd'
    assert "\n" not in text


LINE = b"1:M 29 Oct 2020 20:12:20.499 * Ready to accept connections"


def test_an_engine_record_in_text() -> None:
    line = engine_line(LINE)
    assert line
    expected = "logslowxxxxmsxj/0001:M 29 Oct 2020 20:12:20.499 UTC * Ready to accept connections"
    moment = datetime(2020, 10, 29, 20, 12, 20, 499000, UTC)
    assert engine_record(NODE, line, LogFormat.TEXT) == Record(round(moment.timestamp() * 1000), expected)


@pytest.mark.parametrize(("mark", "level"), [("-", "VERBOSE"), ("*", "NOTICE"), ("#", "WARNING"), (".", "DEBUG")])
@pytest.mark.parametrize("role", "MSCX")
def test_an_engine_record_in_json(mark: str, level: str, role: str) -> None:
    line = engine_line(f'4711:{role} 12 Nov 2020 01:28:57.994 {mark} Hello, "you" '.encode())
    assert line
    assert engine_record(NODE, line, LogFormat.JSON).text == (
        f'{{"CacheClusterId":"logslowxxxxmsxj","CacheNodeId":"0001","LogLevel":"{level}","Role":"{role}",'
        '"Time":"12 Nov 2020 01:28:57.994 UTC","Message":"Hello, \\"you\\" "}'
    )


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"      _.-``__ ''-._",
        b"=== REDIS BUG REPORT START: Cut & paste starting from here ===",
        b"1:M 29 Oct 2020 20:12:20 * no milliseconds",
        b"1:M 31 Feb 2020 20:12:20.499 * no such day",
        b"1:M 29 Xyz 2020 20:12:20.499 * no such month",
        b"1:M 29 Oct 0001 20:12:20.499 * before all time",
        b"\xff\xfe",
    ],
)
def test_other_lines_make_no_record(line: bytes) -> None:
    assert engine_line(line) is None


def test_messages_may_be_anything() -> None:
    line = engine_line(LINE[:35] + b" \xff\x00 end")
    assert line
    assert line.message.endswith("\ufffd\x00 end")


@pytest.mark.parametrize(
    ("end", "reached", "count"),
    [
        (None, None, 0),
        (SlowPosition("a", 0), None, 1),
        (SlowPosition("a", 4), None, 5),
        (SlowPosition("a", 4), SlowPosition("a", 4), 0),
        (SlowPosition("a", 9), SlowPosition("a", 4), 5),
        (SlowPosition("b", 9), SlowPosition("a", 4), 10),
        (SlowPosition("a", 2), SlowPosition("a", 4), 3),
        (SlowPosition("a", 10 * MOST), SlowPosition("a", 4), MOST),
        (SlowPosition("a", 10 * MOST), None, MOST),
    ],
)
def test_how_many_entries_are_missing(end: SlowPosition | None, reached: SlowPosition | None, count: int) -> None:
    assert missing(end, reached) == count


def test_a_position_is_read_as_it_was_written() -> None:
    assert slow_position(str(SlowPosition("abc", 7))) == SlowPosition("abc", 7)
    assert [slow_position(text) for text in ("", "0", "abc", "abc -1", "abc x")] == [None] * 5


def item(moment: int, length: int = 1) -> Item:
    return Item(Record(moment, "x" * length), str(moment))


def split(items: list[Item], limits: Limits) -> list[list[str]]:
    return [[one.position for one in batch] for batch in batches(items, limits)]


def test_batches_keep_every_limit_and_the_order() -> None:
    assert split([item(n) for n in range(5)], Limits(2, 1000, 0)) == [["0", "1"], ["2", "3"], ["4"]]
    assert split([item(n, 10) for n in range(3)], Limits(9, 72, 26)) == [["0", "1"], ["2"]]
    assert split([item(0), item(DAY - 1), item(DAY)], Limits(9, 1000, 0)) == [["0", str(DAY - 1)], [str(DAY)]]
    assert split([], Limits(9, 1000, 0)) == []


def test_what_makes_no_record_goes_with_what_was_before_it() -> None:
    items = [item(0), Item(None, "a"), item(1), Item(None, "b"), Item(None, "c")]
    assert split(items, Limits(1, 1000, 0)) == [["0", "a"], ["1", "b", "c"]]


def test_size_is_counted_in_bytes() -> None:
    wide = Item(Record(0, "\u20ac"), "w")
    assert split([wide, wide], Limits(9, 5, 0)) == [["w"], ["w"]]


def test_the_earliest_goes_first() -> None:
    records = [Record(2, "b"), Record(1, "a"), Record(2, "c")]
    assert [record.text for record in in_order(records)] == ["a", "b", "c"]


def test_pauses_grow_up_to_a_minute() -> None:
    assert [backoff(failures) for failures in (1, 2, 3, 7, 50)] == [1.0, 2.0, 4.0, 60.0, 60.0]


def test_lines_of_docker() -> None:
    pieces = [b"2026-11-29T06:48:12.123456789Z one\n2026-11-29T06:48:12.5Z t", b"wo\r\nnonsense\n", b"2026-11"]
    moment = int(datetime(2026, 11, 29, 6, 48, 12, tzinfo=UTC).timestamp()) * 10**9
    assert list(lines(pieces)) == [LoggedLine(moment + 123456789, b"one"), LoggedLine(moment + 500000000, b"two")]


def test_a_line_without_an_end_takes_no_memory() -> None:
    pieces = [b"2026-11-29T06:48:12Z ", *[b"x" * LONGEST] * 5, b"\n"]
    (line,) = lines(pieces)
    assert line.text == b"x" * LONGEST
