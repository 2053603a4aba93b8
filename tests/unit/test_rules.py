"""The tables that decide have a row for everything, and a word for each row."""

from cachewright.agents.planning.nodes import lifecycle
from cachewright.agents.planning.shards import election
from cachewright.agents.planning.world import Condition
from cachewright.controlplane.model.lifecycle import NODE_WORDS, WORDS, NodePhase, Phase
from docs import rules


def test_no_phase_and_no_condition_is_missing() -> None:
    assert set(WORDS) == set(Phase)
    assert set(NODE_WORDS) == set(NodePhase)
    assert set(lifecycle.RULES) == set(Condition)


def test_rules_of_the_election_are_called_as_they_are_in_the_code() -> None:
    assert [f"_{rule.name}" for rule in election.RULES] == [rule.decide.__name__ for rule in election.RULES]


def test_every_row_is_in_the_documentation() -> None:
    assert all(
        f"| {phase} | `{words.cluster}` | `{words.group}` |" in rules.cache_statuses() for phase, words in WORDS.items()
    )
    assert all(f"| {condition} |" in rules.lives() for condition in Condition)
    assert [line.split(" | ")[0].strip("| ") for line in rules.elections().splitlines()[2:]] == [
        rule.name for rule in election.RULES
    ]
