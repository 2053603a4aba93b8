"""How ECPUs are counted: what a command uses, how much a second has room for, where requests and replies end."""

import pytest

from cachewright.agents.metering.program.bucket import Bucket
from cachewright.agents.metering.program.ecpu import ecpus
from cachewright.agents.metering.program.resp import (
    LONGEST_LINE,
    LONGEST_WORD,
    Broken,
    Piece,
    Replies,
    Request,
    Requests,
)
from cachewright.agents.metering.program.session import INSTEAD, streams


@pytest.mark.parametrize(
    ("name", "words", "transferred", "used"),
    [
        (b"GET", 2, 40, 1.0),
        (b"SET", 3, 1024, 1.0),
        (b"GET", 2, 3277, 3277 / 1024),  # AWS's example: 3.2 kB are 3.2 ECPUs
        (b"HMGET", 23, 2048, 3.0),  # AWS's example: thrice the vCPU time of a SET, and 2 kB
        (b"HMGET", 23, 5 * 1024, 5.0),
        (b"MGET", 11, 100, 1.9),
        (b"MSET", 21, 100, 1.9),
        (b"SADD", 3, 100, 1.0),
        (b"EVAL", 3, 100, 2.0),
        (b"PING", 1, 10, 0.0),
        (b"MULTI", 1, 10, 0.0),
        (b"EXEC", 1, 10 * 1024, 10.0),  # the replies of what was queued
        (b"PUBLISH", 3, 9000, 0.0),
        (b"NOSUCH", 1, 60, 1.0),
    ],
)
def test_what_a_command_uses(name: bytes, words: int, transferred: int, used: float) -> None:
    assert ecpus(name, words, transferred) == pytest.approx(used)


def test_a_second_has_room_for_so_much() -> None:
    bucket = Bucket(1000, now=0.0)
    let = 0
    for thousandth in range(3000):
        for _ in range(5):
            if bucket.admits(thousandth / 1000):
                bucket.take(1, thousandth / 1000)
                let += 1
    assert let == pytest.approx(4000, rel=0.01)  # what the bucket held at the beginning, and three seconds


def test_what_is_owed_is_paid_first() -> None:
    bucket = Bucket(1000, now=0.0)
    bucket.take(2500, 0.0)
    assert not bucket.admits(1.4)
    assert bucket.admits(1.6)


def test_no_more_is_saved_than_a_second_has() -> None:
    bucket = Bucket(1000, now=0.0)
    bucket.take(1000, 3600.0)
    assert not bucket.admits(3600.0)


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = Bucket(1000, now=10.0)
    bucket.take(1000, 10.0)
    assert not bucket.admits(5.0)
    assert not bucket.admits(5.0)


SET, PING, GET = b"*3\r\n$3\r\nset\r\n$1\r\nk\r\n$4\r\n\r\n*1\r\n", b"*1\r\n$4\r\nping\r\n", b"get  k\r\n"
ASKED = SET + PING + GET + b"\r\n*0\r\n"


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 1000])
def test_requests_are_cut_wherever_they_are_torn(piece: int) -> None:
    requests = Requests()
    found = [each for at in range(0, len(ASKED), piece) for each in requests.feed(ASKED[at : at + piece])]
    assert found == [
        Request(b"SET", b"K", 3, SET),
        Request(b"PING", b"", 1, PING),
        Request(b"GET", b"K", 2, GET),
    ]


def test_a_request_that_comes_in_pieces_is_read_once() -> None:
    requests, value, count = Requests(), b"x" * 1000, 4000
    asked = b"*%d\r\n$4\r\nMSET\r\n" % (2 * count + 1) + (b"$1\r\nk\r\n$1000\r\n" + value + b"\r\n") * count
    found = [each for at in range(0, len(asked), 1000) for each in requests.feed(asked[at : at + 1000])]
    assert found == [Request(b"MSET", b"K", 2 * count + 1, asked)]


@pytest.mark.parametrize(
    "asked",
    [
        b"*x\r\n",
        b"*1\r\n:5\r\n",
        b"*1\r\n$x\r\n",
        b"*9\r\n$-7\r\n",  # a word that would end where it began
        b"*1\r\n$%d\r\n" % (LONGEST_WORD + 1),
        b"*1\r\n$" + b"1" * LONGEST_LINE,
        b"a" * (LONGEST_LINE + 1),
    ],
)
def test_what_is_no_request(asked: bytes) -> None:
    with pytest.raises(Broken):
        list(Requests().feed(asked))


REPLIES = (
    b"+OK\r\n",
    b"$-1\r\n",
    b"$0\r\n\r\n",
    b"$8\r\n+a\r\n:1\r\n\r\n",
    b"*-1\r\n",
    b"*0\r\n",
    b"*2\r\n*2\r\n:1\r\n$1\r\na\r\n%1\r\n+k\r\n,1.5\r\n",
    b"%1\r\n$1\r\nk\r\n*2\r\n_\r\n#t\r\n",
    b"|1\r\n+ttl\r\n:3\r\n*1\r\n:1\r\n",
    b"-ERR no\r\n",
    b"=7\r\ntxt:abc\r\n",
    b"(123456789\r\n",
)


@pytest.mark.parametrize("piece", [1, 2, 5, 1000])
def test_replies_are_cut_wherever_they_are_torn(piece: int) -> None:
    said, replies, found, rest = b"".join(REPLIES), Replies(), [], b""
    for at in range(0, len(said), piece):
        for each in replies.feed(said[at : at + piece]):
            rest += each.data
            if each.ends:
                found.append(rest)
                rest = b""
    assert (tuple(found), rest) == (REPLIES, b"")


def test_what_nobody_asked_for_is_told_from_replies() -> None:
    push = b">3\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n_\r\n"
    found = list(Replies().feed(push + b"+OK\r\n"))
    assert found == [Piece(push, ends=True, push=True), Piece(b"+OK\r\n", ends=True)]


def test_a_large_reply_is_not_held_back() -> None:
    replies = Replies()
    assert list(replies.feed(b"$100000\r\nabc")) == [Piece(b"$100000\r\nabc", ends=False)]
    (rest,) = replies.feed(b"x" * 99997 + b"\r\n")
    assert rest.ends


@pytest.mark.parametrize("said", [b"\r\n", b"$x\r\n", b"*x\r\n"])
def test_what_is_no_reply(said: bytes) -> None:
    with pytest.raises(Broken):
        list(Replies().feed(said))


def test_what_stands_for_a_refused_request_is_one_command() -> None:
    (request,) = Requests().feed(INSTEAD)
    assert (request.name, request.words, request.raw) == (b"THROTTLED", 1, INSTEAD)


def test_where_replies_cannot_be_told_apart() -> None:
    requests = Requests()
    said = (b"subscribe a", b"client reply off", b"client reply on", b"client list", b"get k")
    asked = [*requests.feed(b"".join(one + b"\r\n" for one in said))]
    assert [streams(each) for each in asked] == [True, True, False, False, False]
