"""Slots are dealt out so that each has one owner, and as few as possible change hands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cachewright.controlplane.model.slots import (
    EVERY,
    SLOTS,
    Ranges,
    SlotMove,
    complete,
    difference,
    intersection,
    parsed,
    rebalanced,
    size,
    slot_moves,
    split,
    union,
    written,
)

Owned = dict[str, Ranges]
sets = st.frozensets(st.integers(0, 40), max_size=30)


def ranges(slots: frozenset[int]) -> Ranges:
    return union((slot, slot) for slot in slots)


def members(some: Ranges) -> set[int]:
    return {slot for first, last in some for slot in range(first, last + 1)}


@st.composite
def clusters(draw: st.DrawFn) -> Owned:
    """Up to 12 shards that own all slots, some of them none."""
    cuts = sorted(draw(st.sets(st.integers(1, SLOTS - 1), max_size=20)))
    count = draw(st.integers(1, 12))
    owned: Owned = {f"{number:04}": () for number in range(1, count + 1)}
    for first, after in zip([0, *cuts], [*cuts, SLOTS], strict=True):
        owner = draw(st.sampled_from(sorted(owned)))
        owned[owner] = union(owned[owner], [(first, after - 1)])
    return owned


@st.composite
def changes(draw: st.DrawFn) -> tuple[Owned, list[str]]:
    """A cluster, and the shards that it shall have."""
    owned = draw(clusters())
    stay = draw(st.lists(st.sampled_from(sorted(owned)), unique=True))
    new = [f"9{number:03}" for number in range(draw(st.integers(0 if stay else 1, 8)))]
    return owned, [*stay, *new]


@pytest.mark.parametrize(
    ("count", "slots"),
    [
        (1, ["0-16383"]),
        (2, ["0-8191", "8192-16383"]),
        (3, ["0-5461", "5462-10922", "10923-16383"]),
    ],
)
def test_a_new_group_splits_as_aws_does(count: int, slots: list[str]) -> None:
    assert [written(share) for share in split(count)] == slots


@given(st.integers(1, 500))
def test_a_split_is_complete_and_even(count: int) -> None:
    shares = split(count)
    assert len(shares) == count
    assert complete(shares)
    assert {size(share) for share in shares} <= {SLOTS // count, SLOTS // count + 1}


@given(sets)
def test_what_is_written_can_be_read(slots: frozenset[int]) -> None:
    assert parsed(written(ranges(slots))) == ranges(slots)
    assert members(ranges(slots)) == slots


def test_ranges_come_in_any_order_and_touch() -> None:
    assert parsed("7,0-3,4-5") == ((0, 5), (7, 7))


@pytest.mark.parametrize("text", ["5-4", "0-16384", "a", "1-", "-1", "1,,2", "0-5,5-6", "3,3", " 1", "1-2-3", "٣"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="slots"):
        parsed(text)


@given(sets, sets)
@settings(max_examples=25)
def test_ranges_behave_as_sets(some: frozenset[int], others: frozenset[int]) -> None:
    assert union(ranges(some), ranges(others)) == ranges(some | others)
    assert intersection(ranges(some), ranges(others)) == ranges(some & others)
    assert difference(ranges(some), ranges(others)) == ranges(some - others)
    assert size(ranges(some)) == len(some)


def test_complete_means_every_slot_once() -> None:
    assert complete([((0, 99),), ((100, SLOTS - 1),)])
    assert not complete([((0, 99),), ((101, SLOTS - 1),)])
    assert not complete([((0, 100),), ((100, SLOTS - 1),)])


@given(changes())
@settings(max_examples=25)
def test_every_slot_has_one_owner_and_shares_are_even(change: tuple[Owned, list[str]]) -> None:
    owned, shards = change
    wanted = rebalanced(owned, shards)
    assert list(wanted) == shards
    assert complete(wanted.values())
    assert {size(share) for share in wanted.values()} <= {SLOTS // len(shards), SLOTS // len(shards) + 1}


@given(changes())
@settings(max_examples=25)
def test_no_slot_moves_without_need(change: tuple[Owned, list[str]]) -> None:
    owned, shards = change
    each, left = divmod(SLOTS, len(shards))
    had = [size(owned.get(shard, ())) for shard in shards]
    staying = sum(min(count, each) for count in had) + min(left, sum(count > each for count in had))
    moved = sum(size(slot_move.slots) for slot_move in slot_moves(owned, rebalanced(owned, shards)))
    assert moved == SLOTS - staying


@given(changes(), st.data())
@settings(max_examples=10)
def test_an_interrupted_move_ends_where_it_was_going(change: tuple[Owned, list[str]], data: st.DataObject) -> None:
    owned, shards = change
    wanted = rebalanced(owned, shards)
    while way := slot_moves(owned, wanted):
        slot_move = data.draw(st.sampled_from(way))
        first, last = slot_move.slots[0]
        stop = data.draw(st.sampled_from([last, (first + last) // 2]))
        owned = moved(owned, SlotMove(slot_move.source, slot_move.target, ((first, stop),)))
        assert complete(owned.values())
    assert {shard: share for shard, share in owned.items() if share} == wanted


def test_a_fourth_shard_takes_as_much_from_each_of_three() -> None:
    owned = dict(zip(["0001", "0002", "0003"], split(3), strict=True))
    wanted = rebalanced(owned, [*owned, "0004"])
    assert {shard: written(share) for shard, share in wanted.items()} == {
        "0001": "1366-5461",
        "0002": "6827-10922",
        "0003": "12288-16383",
        "0004": "0-1365,5462-6826,10923-12287",
    }


def test_a_shard_that_leaves_gives_to_its_neighbours_first() -> None:
    owned = dict(zip(["0001", "0002", "0003"], split(3), strict=True))
    wanted = rebalanced(owned, ["0001", "0003"])
    assert [written(share) for share in wanted.values()] == ["0-8191", "8192-16383"]


def test_what_nobody_owns_is_dealt_out_but_not_moved() -> None:
    wanted = rebalanced({"0001": ((0, 99),)}, ["0001"])
    assert wanted == {"0001": EVERY}
    assert slot_moves({"0001": ((0, 99),)}, wanted) == ()


def moved(owned: Owned, slot_move: SlotMove) -> Owned:
    source, target = owned[slot_move.source], owned.get(slot_move.target, ())
    arrived = {slot_move.source: difference(source, slot_move.slots), slot_move.target: union(target, slot_move.slots)}
    return {**owned, **arrived}
