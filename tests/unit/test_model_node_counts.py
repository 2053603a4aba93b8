"""How many nodes a Memcached cluster has: AWS's scenarios, and that any order of requests ends as the last ones say."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachewright.controlplane.model.cache import Node
from cachewright.controlplane.model.faults import Fault
from cachewright.controlplane.model.node_counts import Order, added, next_ids, next_resize, quiet, resized
from cachewright.controlplane.model.pending import Resize

THREE = ("0001", "0002", "0003")
A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"
NOTHING = Resize()
VALUE, COMBINATION = "InvalidParameterValueException", "InvalidParameterCombinationException"


@pytest.mark.parametrize(
    ("waits", "order", "after"),
    [
        (NOTHING, Order(3), NOTHING),
        (NOTHING, Order(5, zones=(A, B)), Resize((A, B))),
        (NOTHING, Order(2, ("0002",)), Resize(leaving=("0002",))),
        # removal waits: another removal and an addition take its place
        (Resize(leaving=("0001",)), Order(1, ("0002", "0003")), Resize(leaving=("0002", "0003"))),
        (Resize(leaving=("0001",)), Order(4, zones=(C,)), Resize((C,))),
        # an addition waits: a removal takes its place, another addition is added
        (Resize((A, B)), Order(2, ("0003", "0004", "0005")), Resize(leaving=("0003",))),
        (Resize((A, B)), Order(2, ("0003",)), Resize(leaving=("0003",))),
        (Resize((A, B)), Order(6, zones=(C,)), Resize((A, B, C))),
        (Resize((A, B)), Order(5), Resize((A, B))),
        # AWS's example: 3 active, 7 with those pending, 5 requested, 2 ids
        (Resize((A, B, C, A)), Order(5, ("0004", "0006")), Resize((B, A))),
        # the number that is there cancels
        (Resize((A, B)), Order(3), NOTHING),
        (Resize(leaving=("0001",)), Order(3), NOTHING),
    ],
)
def test_a_request_against_what_waits(waits: Resize, order: Order, after: Resize) -> None:
    assert next_resize(THREE, waits, order) == after


@pytest.mark.parametrize(
    ("waits", "order", "shape", "words"),
    [
        (NOTHING, Order(0), VALUE, "Must be at least 1"),
        (
            NOTHING,
            Order(2),
            COMBINATION,
            "is 3, requested .* is 2 and CacheNodeIdsToRemove supplied are 0",
        ),
        (NOTHING, Order(2, ("0009",)), VALUE, "Cache nodes not found: 0009"),
        (NOTHING, Order(1, ("0001", "0001")), VALUE, "names a cache node twice"),
        (NOTHING, Order(2, ("0001", "0002")), COMBINATION, "is 3, requested .* is 2 and .* supplied are 2"),
        (NOTHING, Order(3, ("0001",)), COMBINATION, "less than the number of cache nodes"),
        (NOTHING, Order(4, ("0001",), (A,)), COMBINATION, "less than the number of cache nodes"),
        (Resize((A, B)), Order(4), COMBINATION, "Cancel the pending modification first"),
        (Resize((A, B)), Order(4, ("0001",)), COMBINATION, "while others are pending creation"),
        (Resize((A, B)), Order(4, ("0004", "0005")), COMBINATION, "is 5, requested .* is 4 and .* supplied are 2"),
        (Resize((A, B)), Order(2, ("0003", "0004")), COMBINATION, "is 5, requested .* is 2 and .* supplied are 2"),
        (Resize((A, B)), Order(2, ("0001", "0002")), COMBINATION, "is 5, requested .* is 2 and .* supplied are 2"),
    ],
)
def test_refused(waits: Resize, order: Order, shape: str, words: str) -> None:
    with pytest.raises(Fault, match=words) as refused:
        next_resize(THREE, waits, order)
    assert refused.value.shape == shape


def test_a_new_node_has_the_number_behind_the_highest_one() -> None:
    nodes = tuple(Node("m", node, A) for node in ("0002", "0007"))
    assert [node.id for node in resized(nodes, Resize((A, B)))] == ["0002", "0007", "0008", "0009"]
    assert next_ids(["0039"], 2) == ["0040", "0041"]


def test_zones_fill_up_evenly() -> None:
    assert quiet((A, B, C), (A, A, B), 4) == (C, B, C, A)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request in any state: more nodes than will be, as many as are, or fewer."""

    kind: str
    number: int

    def order(self, active: Sequence[str], waits: Resize) -> Order | None:
        """None where there is no such request."""
        match self.kind:
            case "add":
                count = len(active) + len(waits.zones) + self.number
                return Order(count, zones=(A,) * self.number)
            case "remove" if self.number < len(active):
                return Order(len(active) - self.number, tuple(active[: self.number]))
            case "cancel":
                return Order(len(active))
        return None


ASKS = st.lists(st.builds(Ask, st.sampled_from(["add", "add", "remove", "cancel"]), st.integers(1, 6)), max_size=12)


@given(st.integers(1, 12), ASKS)
@settings(max_examples=25)
def test_any_order_of_requests_ends_as_the_last_ones_say(size: int, asks: list[Ask]) -> None:
    nodes = tuple(Node("m", node, A) for node in next_ids(["0000"], size))
    active = [node.id for node in nodes]
    waits, told = NOTHING, [Order(size)]
    for ask in asks:
        if order := ask.order(active, waits):
            waits = next_resize(active, waits, order)
            told.append(order)
    after = [node.id for node in resized(nodes, waits)]
    last = told[-1]
    assert len(after) == last.count
    assert not (waits.zones and waits.leaving)
    assert set(waits.leaving) == set(last.leaving)
    since = next((n for n, order in enumerate(reversed(told)) if order.count <= size), len(told))
    additions = told[len(told) - since :]
    assert waits.zones == tuple(zone for order in additions for zone in order.zones)


@given(st.integers(1, 12), ASKS, st.integers(1, 12))
def test_what_is_done_at_once_in_steps_is_what_waits_and_is_done_together(
    size: int, asks: list[Ask], more: int
) -> None:
    """Additions that wait end with the nodes that they would have given one after the other."""
    nodes = tuple(Node("m", node, A) for node in next_ids(["0000"], size))
    now, waits = nodes, NOTHING
    for ask in (ask for ask in asks if ask.kind == "add"):
        if order := ask.order([node.id for node in nodes], waits):
            waits = next_resize([node.id for node in nodes], waits, order)
            now = resized(now, next_resize([node.id for node in now], NOTHING, order))
    assert resized(nodes, waits) == now
    assert added(size, waits, len(now) + more) == more
