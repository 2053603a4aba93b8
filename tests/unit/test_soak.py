"""Which steps a soak has, and what of their outcomes must not be."""

from itertools import islice

import pytest

from benchmarks.soak.outcomes import HEADINGS, Outcome, table
from benchmarks.soak.steps import AGENTS, HOSTS, Kind, Step, steps

ROUND = 10  # steps, in which each kind is at least once


def drawn(seed: int, count: int = 2 * ROUND) -> list[Step]:
    """The first steps of a seed."""
    return list(islice(steps(seed, 2), count))


def of(kind: Kind) -> Step:
    """A step of a kind."""
    return Step(kind, 1, 0, early=False, kills=None)


def test_a_seed_is_an_order_and_another_seed_another() -> None:
    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


@pytest.mark.parametrize("seed", range(20))
def test_every_round_has_each_kind(seed: int) -> None:
    assert {step.kind for step in drawn(seed, ROUND)} == set(Kind)


def test_hosts_caches_and_agents_are_drawn_of_all_that_there_are() -> None:
    some = drawn(3, 30 * ROUND)
    assert {step.host for step in some} == set(range(1, HOSTS + 1))
    assert {step.cache for step in some} == {0, 1}
    assert {step.early for step in some} == {False, True}
    assert {step.kills for step in some} == {None, *range(AGENTS)}
    assert all(step.kills is not None for step in some if step.kind is Kind.AGENT)


@pytest.mark.parametrize("kind", Kind)
def test_a_planned_step_loses_nothing(kind: Kind) -> None:
    assert list(Outcome(of(kind), 0.1, 100, 0).violations()) == []
    (complaint, *_) = [*Outcome(of(kind), 0.1, 100, 2, 0.5).violations(), ""]
    assert ("2 acknowledged" in complaint) == kind.is_planned


def test_an_unplanned_step_loses_only_what_had_no_time_to_be_replicated() -> None:
    (complaint,) = Outcome(of(Kind.POWER), 3.0, 100, 2, 1.5).violations()
    assert "1.5 s before" in complaint


def test_what_never_becomes_as_desired_is_told() -> None:
    assert list(Outcome(of(Kind.DRAIN), 0.1, 100, 0, wrong=("stuck",)).violations()) == ["stuck"]


def test_the_table_has_a_row_for_each_kind_that_was_there() -> None:
    seen = [Outcome(of(Kind.POWER), outage, 100, lost, lost / 1000) for outage, lost in ((2.0, 0), (4.0, 3))]
    drawn_table = table([*seen, Outcome(of(Kind.DRAIN), 0.02, 50, 0)])
    rows = list(zip(*(column.cells for column in drawn_table.columns), strict=True))
    assert len(drawn_table.columns) == len(HEADINGS)
    assert rows == [
        ("drain of a host, planned", "1", "20 ms", "20 ms", "50", "0", "0", ""),
        ("power loss of a host, unplanned", "2", "4,000 ms", "4,000 ms", "200", "3", "1", "3 ms before it"),
    ]
