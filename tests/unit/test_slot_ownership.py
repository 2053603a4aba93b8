"""What a node's answers say of its cluster."""

from typing import Any, cast

import pytest
from redis import Redis

from cachewright.agents.engines.redis.slots.ownership import view

NODES = b"aa :6379@16379,one.example myself,master - 0 0 1 connected 0-16383\nbb :6380@16380 slave aa 0 0 1 connected\n"
INFO = b"cluster_state:ok\r\ncluster_known_nodes:2\r\n"


class Told:
    """A node that answers with these rows of CLUSTER SLOTS."""

    def __init__(self, *nodes: list[Any], silence: bytes = b"15000") -> None:
        self.rows, self.silence = [[0, 16383, *nodes]], silence

    def pipeline(self, transaction: bool) -> "Told":
        assert not transaction
        return self

    def execute_command(self, *_: str) -> None:
        """Answered with all others."""

    def execute(self) -> list[Any]:
        return [NODES, INFO, [b"tls-cluster", b"no"], self.rows, [b"cluster-node-timeout", self.silence]]


@pytest.mark.parametrize(("host", "named"), [(b"one.example", True), (b"?", False), (None, True)])
def test_a_node_of_which_no_host_is_known_yet_is_listed_without_a_name(host: bytes | None, named: bool) -> None:
    node = cast("Redis", Told([b"one.example", 6379, b"aa"], [host, 6380, b"bb"]))
    seen = view(node)
    assert (seen.named, seen.listed) == (named, frozenset({"aa", "bb"}))


@pytest.mark.parametrize(("silence", "apart"), [(b"15000", False), (b"500", True), (b"1000000000000", True)])
def test_who_takes_nobody_for_failed_is_kept_apart(silence: bytes, apart: bool) -> None:
    assert view(cast("Redis", Told([b"one.example", 6379, b"aa"], silence=silence))).apart is apart
