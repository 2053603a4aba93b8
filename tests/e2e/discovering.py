"""Clients that ask the configuration endpoint of a Memcached cluster who is listed."""

import ssl
from contextlib import closing

from pymemcache import Client
from pymemcache.exceptions import MemcacheError

from tests.e2e.cloud import Place

Told = tuple[int, list[Place]]  # a version, and who is listed


def told(where: Place, context: ssl.SSLContext | None = None) -> Told:
    """What is answered, over a connection that is encrypted if there is a context."""
    with closing(Client(where, timeout=5, connect_timeout=5, tls_context=context)) as client:
        answer = client.raw_command(b"config get cluster", end_tokens=b"\n\r\nEND\r\n")
    _, version, nodes = answer.split(b"\n")
    listed = [node.decode().split("|") for node in nodes.split(b" ")]
    assert all(host == ip for host, ip, _ in listed)
    return int(version), [(host, int(port)) for host, _, port in listed]


def told_by_whoever_answers(where: Place) -> Told | None:
    """What is answered, if anybody answers."""
    try:
        return told(where)
    except (OSError, MemcacheError):
        return None
