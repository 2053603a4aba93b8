"""The Auto Discovery protocol, byte for byte."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cachewright.agents.directory.program.discovery import LONGEST, Commands, Question, answer, block
from cachewright.agents.directory.program.listing import Entry, Listing, State, state_from_json, state_to_json

CONFIG, ITEM = b"config get cluster\r\n", b"get AmazonElastiCache:cluster\r\n"
PLACE = "myCluster.pc4ldq.{}.use1.cache.amazonaws.com"
FIRST, SECOND = (
    Entry(PLACE.format("0001"), "10.82.235.120", 11211),
    Entry(PLACE.format("0002"), "10.80.249.27", 11211),
)
WORKED = (
    b"12\n"
    b"myCluster.pc4ldq.0001.use1.cache.amazonaws.com|10.82.235.120|11211 "
    b"myCluster.pc4ldq.0002.use1.cache.amazonaws.com|10.80.249.27|11211\n"
)


def split(*chunks: bytes) -> list[bytes | Question]:
    """What becomes of the chunks, with neighbouring bytes joined."""
    commands, parts = Commands(), list[bytes | Question]()
    for part in (part for chunk in chunks for part in commands.feed(chunk)):
        if isinstance(part, bytes) and parts and isinstance(parts[-1], bytes):
            parts[-1] += part
        else:
            parts.append(part)
    return parts


def test_the_worked_example_of_the_user_guide() -> None:
    said = answer(Question.CONFIG, Listing(12, (SECOND, FIRST)))
    assert len(WORKED) == 136
    assert said == b"CONFIG cluster 0 136\r\n" + WORKED + b"\r\nEND\r\n"


def test_as_an_item() -> None:
    said = answer(Question.ITEM, Listing(12, (FIRST, SECOND)))
    assert said == b"VALUE AmazonElastiCache:cluster 0 136\r\n" + WORKED + b"\r\nEND\r\n"


def test_an_address_that_is_not_known_leaves_both_pipes() -> None:
    assert answer(Question.CONFIG, Listing(1, (Entry("host", "", 11211),))) == (
        b"CONFIG cluster 0 14\r\n1\nhost||11211\n\r\nEND\r\n"
    )


@pytest.mark.parametrize("line", [CONFIG, b"config get cluster\n", b"config  get cluster \r\n"])
def test_a_question_in_every_form_that_memcached_reads(line: bytes) -> None:
    assert split(line) == [Question.CONFIG]


@pytest.mark.parametrize(
    "line",
    [
        b"config get clusters\r\n",
        b"config get\r\n",
        b"CONFIG GET CLUSTER\r\n",
        b"config set cluster 0 3\r\n",
        b"gets AmazonElastiCache:cluster\r\n",
        b"get AmazonElastiCache:cluster other\r\n",
        b"version\r\n",
        b"\r\n",
    ],
)
def test_everything_else_is_for_a_node(line: bytes) -> None:
    assert split(line) == [line]


def test_pipelined_commands_keep_their_order() -> None:
    assert split(b"version\r\n" + CONFIG + CONFIG + b"get a\r\n" + ITEM + b"get b\r\n") == [
        b"version\r\n",
        Question.CONFIG,
        Question.CONFIG,
        b"get a\r\n",
        Question.ITEM,
        b"get b\r\n",
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"set k 0 0 %d",
        b"set k 0 -1 %d noreply",
        b"add k 5 100 %d",
        b"replace k 0 0 %d",
        b"append k 0 0 %d",
        b"prepend k 0 0 %d",
        b"cas k 0 0 %d 17",
        b"cas k 0 0 %d 17 noreply",
        b"ms k %d",
        b"ms k %d T90 F1 I",
        b"ms k S%d T90",
    ],
)
def test_questions_within_data_are_data(line: bytes) -> None:
    command = line % len(CONFIG) + b"\r\n" + CONFIG + b"\r\n"
    assert split(command + ITEM) == [command, Question.ITEM]


@pytest.mark.parametrize(
    "line",
    [
        b"set k 0 0",
        b"set k 0 0 x",
        b"set k 0 0 -5",
        b"set k 0 0 5 noreply more",
        b"set " + b"k" * 251 + b" 0 0 5",
        b"set k 0 0 2147483646",
        b"cas k 0 0 5",
        b"ms k",
        b"ms k x",
        b"get k",
        b"mg k v",
        b"incr k 5",
        b"touch k 5",
    ],
)
def test_what_memcached_reads_no_data_after(line: bytes) -> None:
    assert split(line + b"\r\n" + CONFIG) == [line + b"\r\n", Question.CONFIG]


def test_the_binary_protocol_is_passed_on_as_it_is() -> None:
    assert split(b"\x80\x0b" + bytes(22) + CONFIG, CONFIG) == [b"\x80\x0b" + bytes(22) + CONFIG + CONFIG]


def test_a_line_without_end_is_passed_on_and_is_no_question() -> None:
    line = b"get " + b"k " * LONGEST
    assert split(line, b"x\r\n", CONFIG) == [line + b"x\r\n", Question.CONFIG]
    assert split(b"x" * (LONGEST + 1), CONFIG, CONFIG) == [b"x" * (LONGEST + 1) + CONFIG, Question.CONFIG]


DATA = st.one_of(st.binary(max_size=40), st.sampled_from([CONFIG, ITEM, b"set k 0 0 9\r\n"]))
UNITS = st.one_of(
    st.sampled_from([CONFIG, ITEM, b"version\r\n", b"get a b c\r\n", b"\r\n", b"set k 0 0 oops\r\n"]),
    DATA.map(lambda data: b"set k 0 0 %d\r\n%b\r\n" % (len(data), data)),
    DATA.map(lambda data: b"ms k %d T0\r\n%b\r\n" % (len(data), data)),
)


@given(st.lists(UNITS), st.lists(st.integers(1, 400)))
def test_however_it_arrives(units: list[bytes], cuts: list[int]) -> None:
    """The same comes out in any pieces, and nothing is lost on the way."""
    stream = b"".join(units)
    edges = sorted({0, *(cut for cut in cuts if cut < len(stream)), len(stream)})
    pieces = [stream[begin:end] for begin, end in pairwise(edges)]
    asked = {CONFIG: Question.CONFIG, ITEM: Question.ITEM}
    parts = split(*pieces)
    assert [part for part in parts if isinstance(part, Question)] == [asked[unit] for unit in units if unit in asked]
    passed = b"".join(part for part in parts if isinstance(part, bytes))
    assert passed == b"".join(unit for unit in units if unit not in asked)


def test_a_block_ends_with_its_line_end() -> None:
    assert block((b"set", b"k", b"0", b"0", b"0")) == 2
    assert block((b"ms", b"k", b"7")) == 9


def test_what_is_known_is_written_down_as_a_document() -> None:
    state = State(
        {2000: Listing(3, (FIRST,), (("10.200.4.0", 11211),)), 2001: Listing(1, (), (), encrypted=True)},
        {"a cache": {"name.test": "10.200.4.0"}},
        "test",
    )
    assert state_from_json(state_to_json(state)) == state
    assert state_from_json(state_to_json(State())) == State()
