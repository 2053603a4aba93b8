"""Epochs of cluster nodes: whose claim to slots wins."""

from dataclasses import replace

import pytest

from cachewright.agents.engines.redis.nodes_conf import membership, nodes_conf
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


def test_replicas_that_serve_slots_take_epochs_of_their_own_when_they_are_promoted() -> None:
    """A takeover takes the next epoch, and asks nobody."""
    first, second = (replace(one, slots=((0, 99),), epoch=epoch) for one, epoch in ((NODES[0], 1), (NODES[2], 2)))
    texts = [
        nodes_conf(own.id, (replace(own, follows="e" * 40), replace(other, apart=True)), (7, 0)).decode()
        for own, other in ((first, second), (second, first))
    ]
    epochs = [text.splitlines()[-1].split()[2] for text in texts]
    assert epochs == ["3", "4"]


def test_who_is_kept_apart_is_told_of_at_a_wrong_port_and_by_name() -> None:
    own, other = replace(NODES[0], follows="e" * 40), replace(NODES[2], slots=((5, 7),), apart=True, name="host.test")
    text = nodes_conf(own.id, (own, other), (7, 2)).decode()
    assert "10.0.0.3:6379@9,host.test,shard-id= master - 0 0 2 connected 5-7" in text
    assert "10.0.0.1:6379@16379,,shard-id= myself,slave" in text
    plain = nodes_conf(own.id, (own, other), (7, 0)).decode()
    assert "10.0.0.3:6379@9,host.test master" in plain
    peers = membership(text.partition("vars")[0], "cluster_state:ok").peers
    assert [peers[one.id].apart for one in (own, other)] == [False, True]
    assert peers[other.id].address == other.address
