"""Epochs of cluster nodes: whose claim to slots wins."""

import pytest

from cachewright.agents.engines.redis.nodes_conf import nodes_conf
from cachewright.agents.engines.redis.slots.ownership import Epochs, may_claim
from cachewright.agents.planning.cluster.nodes import ClusterNode
from cachewright.controlplane.model.cache import Address

NODES = (
    ClusterNode("a" * 40, Address("10.0.0.1", 6379), slots=((0, 16383),), epoch=1),
    ClusterNode("b" * 40, Address("10.0.0.2", 6379), follows="a" * 40),
    ClusterNode("c" * 40, Address("10.0.0.3", 6379), epoch=2),
)


def test_who_serves_no_slots_makes_no_claim() -> None:
    """Somebody else may have the epoch that it would begin with."""
    lines = [line.split(" ") for line in nodes_conf("c" * 40, NODES, (7, 0)).decode().splitlines()]
    assert {words[0][0]: words[6] for words in lines if words[0] != "vars"} == {"a": "1", "b": "0", "c": "0"}
    assert lines[-1][:3] == ["vars", "currentEpoch", "2"]


@pytest.mark.parametrize(
    ("target", "source", "wins"),
    [
        (Epochs(0, 3), Epochs(3, 3), True),
        (Epochs(4, 4), Epochs(3, 4), True),
        (Epochs(2, 5), Epochs(3, 4), True),
        (Epochs(0, 2), Epochs(3, 3), False),  # its next epoch would be that of the source
        (Epochs(2, 3), Epochs(3, 7), False),
        (Epochs(3, 3), Epochs(3, 3), False),  # BUMPEPOCH leaves the newest as it is
    ],
)
def test_a_claim_wins_when_it_is_newer_for_certain(target: Epochs, source: Epochs, *, wins: bool) -> None:
    assert may_claim(target, source) is wins
