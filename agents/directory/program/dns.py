"""Answers to DNS queries about the host names of endpoints. Pure; the standard library and dnslib only, because it is
part of the container's program, too.
"""

from collections.abc import Mapping

from dnslib import AAAA, CLASS, EDNS0, OPCODE, QR, QTYPE, RCODE, RR, SOA, A, DNSError, DNSHeader, DNSRecord
from dnslib.buffer import BufferError as DNSBufferError
from dnslib.label import DNSLabelError

TTL = 15  # seconds for which an address may be remembered
UNSURE = 0  # seconds for which it may be remembered that there is nothing: caches come at any time
PROBE, PROBED = "cachewright", "127.0.0.1"  # a name that is always there, to try whether names are resolved
HEADER = 12  # bytes at the beginning of every message
DATAGRAM = 1232  # bytes that a query may have, as clients are told that ask

# What dnslib raises for bytes that are no message: its exceptions have nothing in common.
_UNREADABLE = (DNSError, DNSBufferError, DNSLabelError, ValueError, LookupError)


def answer(query: bytes, names: Mapping[str, str], suffix: str) -> bytes:
    """The answer to a query out of addresses by host name, of either family. Names and suffix are in lower case.

    Names outside the suffix are refused, so that clients ask their next server. What is no query gets no answer.
    """
    if len(query) < HEADER or query[2] & 0x80:  # an answer; to answer that could go on forever
        return b""
    try:
        return bytes(_answered(DNSRecord.parse(query), names, suffix).pack())
    except _UNREADABLE:
        return bytes(_unreadable(query).pack())


def name_in(query: bytes) -> str:
    """The name that is asked for, in lower case; empty for what is no query."""
    try:
        return _name(DNSRecord.parse(query))
    except _UNREADABLE:
        return ""


def _name(message: DNSRecord) -> str:
    return str(message.q.qname).rstrip(".").lower() if message.questions else ""


def _answered(query: DNSRecord, names: Mapping[str, str], suffix: str) -> DNSRecord:
    reply = query.reply(ra=0, aa=0)
    if any(record.rtype == QTYPE.OPT for record in query.ar):
        reply.add_ar(EDNS0(udp_len=DATAGRAM))
    reply.header.rcode = _refusal(query, suffix)
    if reply.header.rcode == RCODE.NOERROR:
        reply.header.aa = 1
        _fill(reply, _name(query), names, suffix)
    return reply


def _refusal(query: DNSRecord, suffix: str) -> int:
    """Why a query is not answered; NOERROR when it is."""
    if query.header.opcode != OPCODE.QUERY:
        return int(RCODE.NOTIMP)
    if len(query.questions) != 1:
        return int(RCODE.FORMERR)
    own = query.q.qname.matchSuffix(suffix) and query.q.qclass == CLASS.IN
    return int(RCODE.NOERROR if own else RCODE.REFUSED)


def _fill(reply: DNSRecord, name: str, names: Mapping[str, str], suffix: str) -> None:
    """The address, or the record that says for how long there is none."""
    address = PROBED if name == f"{PROBE}.{suffix}" else names.get(name)
    kind, data = (QTYPE.AAAA, AAAA) if address and ":" in address else (QTYPE.A, A)
    if address and reply.q.qtype in {kind, QTYPE.ANY}:
        reply.add_answer(RR(reply.q.qname, kind, rdata=data(address), ttl=TTL))
        return
    known = address or name == suffix or any(other.endswith(f".{name}") for other in names)
    reply.header.rcode = RCODE.NOERROR if known else RCODE.NXDOMAIN
    reply.add_auth(RR(suffix, QTYPE.SOA, rdata=SOA(suffix, f"cachewright.{suffix}", (1, 0, 0, 0, UNSURE)), ttl=UNSURE))


def _unreadable(query: bytes) -> DNSRecord:
    header = DNSHeader(id=int.from_bytes(query[:2]), qr=QR.RESPONSE, aa=0, ra=0, rcode=RCODE.FORMERR)
    return DNSRecord(header)
