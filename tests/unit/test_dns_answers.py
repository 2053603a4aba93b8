"""What the name server answers, byte for byte where it matters."""

import pytest
from dnslib import CLASS, OPCODE, QTYPE, RCODE, DNSHeader, DNSQuestion, DNSRecord
from hypothesis import example, given
from hypothesis import strategies as st

from cachewright.agents.directory.program.dns import TTL, answer, name_in

SUFFIX = "cache.example.test"
NAME = f"rg.abc234.ng.0001.use1.{SUFFIX}"
SIX = f"six.abc234.0001.use1.{SUFFIX}"
NAMES = {SIX: "fd00::400", NAME: "10.200.4.1", f"master.rg.abc234.use1.{SUFFIX}": "10.200.128.1"}


def asked(query: DNSRecord | bytes) -> DNSRecord:
    return DNSRecord.parse(answer(query if isinstance(query, bytes) else query.pack(), NAMES, SUFFIX))


def lookup(name: str, kind: str = "A") -> tuple[str, list[str]]:
    """The kind of answer, and the addresses in it."""
    reply = asked(DNSRecord.question(name, kind))
    return RCODE[reply.header.rcode], [str(record.rdata) for record in reply.rr]


@pytest.mark.parametrize(
    ("name", "kind", "seen"),
    [
        (NAME, "A", ("NOERROR", ["10.200.4.1"])),
        (f"{NAME}.", "A", ("NOERROR", ["10.200.4.1"])),
        (f"MASTER.rg.abc234.use1.{SUFFIX.upper()}", "A", ("NOERROR", ["10.200.128.1"])),
        (NAME, "ANY", ("NOERROR", ["10.200.4.1"])),
        (NAME, "AAAA", ("NOERROR", [])),
        (SIX, "AAAA", ("NOERROR", ["fd00::400"])),
        (SIX, "A", ("NOERROR", [])),
        (SIX, "ANY", ("NOERROR", ["fd00::400"])),
        (NAME, "TXT", ("NOERROR", [])),
        (SUFFIX, "A", ("NOERROR", [])),
        (f"cachewright.{SUFFIX}", "A", ("NOERROR", ["127.0.0.1"])),
        (f"use1.{SUFFIX}", "A", ("NOERROR", [])),  # there are names below it
        (f"e1.{SUFFIX}", "A", ("NXDOMAIN", [])),
        (f"other.{SUFFIX}", "A", ("NXDOMAIN", [])),
        (f"other.{SUFFIX}", "AAAA", ("NXDOMAIN", [])),
        (f"x.{NAME}", "A", ("NXDOMAIN", [])),
        ("example.test", "A", ("REFUSED", [])),
        (f"not{SUFFIX}", "A", ("REFUSED", [])),
        ("amazonaws.com", "A", ("REFUSED", [])),
        (".", "A", ("REFUSED", [])),
    ],
)
def test_answers(name: str, kind: str, seen: tuple[str, list[str]]) -> None:
    assert lookup(name, kind) == seen


def test_an_address_is_remembered_as_shortly_as_on_aws() -> None:
    reply = asked(DNSRecord.question(NAME))
    (record,) = reply.rr
    assert (record.ttl, TTL) == (15, 15)
    assert (reply.header.aa, reply.header.ra, reply.auth) == (1, 0, [])


@pytest.mark.parametrize(("name", "kind"), [(f"other.{SUFFIX}", "A"), (NAME, "AAAA")])
def test_that_there_is_nothing_is_not_remembered(name: str, kind: str) -> None:
    (record,) = asked(DNSRecord.question(name, kind)).auth
    assert (QTYPE[record.rtype], str(record.rname), record.ttl) == ("SOA", f"{SUFFIX}.", 0)
    assert record.rdata.times[-1] == 0


def test_the_question_comes_back_as_it_was_asked() -> None:
    """Resolvers mix upper and lower case, to tell answers that were meant for them."""
    mixed = NAME.swapcase()
    query = DNSRecord.question(mixed)
    reply = asked(query)
    assert (reply.header.id, str(reply.q.qname)) == (query.header.id, f"{mixed}.")
    assert str(reply.rr[0].rname) == f"{mixed}."


def test_extensions_are_answered_when_they_are_asked_for() -> None:
    plain, extended = DNSRecord.question(NAME), DNSRecord.question(NAME)
    extended.add_ar(DNSRecord.parse(EXTENDED).ar[0])
    assert [len(asked(query).ar) for query in (plain, extended)] == [0, 1]


EXTENDED = bytes.fromhex("000100000000000000000001") + bytes.fromhex("00002904d0000000000000")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (DNSRecord(DNSHeader(opcode=OPCODE.UPDATE), q=DNSQuestion(NAME)), "NOTIMP"),
        (DNSRecord(DNSHeader()), "FORMERR"),
        (DNSRecord(questions=[DNSQuestion(NAME), DNSQuestion(NAME)]), "FORMERR"),
        (DNSRecord(q=DNSQuestion(NAME, qclass=CLASS.CH)), "REFUSED"),
    ],
)
def test_queries_that_are_none_of_ours(query: DNSRecord, code: str) -> None:
    assert RCODE[asked(query).header.rcode] == code


def test_what_is_cut_off_is_told_so() -> None:
    whole = bytes(DNSRecord.question(NAME).pack())
    for length in range(12, len(whole)):
        reply = asked(whole[:length])
        assert (reply.header.id, RCODE[reply.header.rcode]) == (int.from_bytes(whole[:2]), "FORMERR")


def test_the_name_that_is_asked_for() -> None:
    query = bytes(DNSRecord.question(NAME.upper()).pack())
    assert [name_in(sent) for sent in (query, query[:20], DNSRecord().pack(), b"")] == [NAME, "", "", ""]


def test_a_label_that_is_too_long_is_told() -> None:
    query = b"\x12\x34\x01\x00\x00\x01" + bytes(6) + b"\x40" + b"a" * 64 + b"\x05cache\x00\x00\x01\x00\x01"
    assert DNSRecord.parse(answer(query, NAMES, SUFFIX)).header.rcode == RCODE.FORMERR
    assert len(name_in(query)) <= 253


def test_answers_are_not_answered() -> None:
    query = DNSRecord.question(NAME)
    assert answer(query.reply().pack(), NAMES, SUFFIX) == b""
    assert answer(query.pack()[:11], NAMES, SUFFIX) == b""


@given(st.binary(max_size=80))
@example(bytes.fromhex("000101000001000000000000c00c00010001"))  # a name that points at itself
@example(bytes.fromhex("00010100000100000000000003ffffff0000010001"))  # a label that is no text
@example(bytes.fromhex("000101000001000000000000032e2e2e0000010001"))  # dots within a label
@example(bytes.fromhex("00010100000100000000000040") + b"a" * 64 + bytes.fromhex("0000010001"))  # a label of 64 bytes
@example(bytes.fromhex("00010100000100000000000004" + "61626364" * 80 + "0000010001"))  # a long name
@example(bytes.fromhex("0001010000010000000000010000010001000029ffff00000000000400ff"))
def test_any_bytes(query: bytes) -> None:
    reply = answer(query, NAMES, SUFFIX)
    assert reply == b"" or (reply[:2], reply[2] & 0x80) == (query[:2], 0x80)


@given(st.binary(max_size=60), st.integers(0, 255), st.integers(0, 80))
def test_any_damage(tail: bytes, byte: int, place: int) -> None:
    query = bytearray(DNSRecord.question(NAME).pack() + tail)
    query[place % len(query)] = byte
    reply = answer(bytes(query), NAMES, SUFFIX)
    assert reply == b"" or reply[:2] == query[:2]
