"""The tables of rules of the agent, of the statuses that it sets, and of quotas, as Markdown. Pure."""

from collections.abc import Iterable, Sequence

from cachewright.agents.planning.nodes import lifecycle
from cachewright.agents.planning.shards import election
from cachewright.controlplane.model.lifecycle import NODE_WORDS, WORDS
from cachewright.controlplane.model.quotas import QUOTAS
from cachewright.controlplane.wire.faults import code_and_status


def cache_statuses() -> str:
    """What AWS shows of a cache in each phase."""
    rows = [(phase, f"`{words.cluster}`", f"`{words.group}`", words.meaning) for phase, words in WORDS.items()]
    return _table(("Inside", "Cache cluster", "Replication group", "Meaning"), rows)


def node_statuses() -> str:
    """What AWS shows of a node in each phase."""
    return _table(("CacheNodeStatus", "Meaning"), [(f"`{phase}`", meaning) for phase, meaning in NODE_WORDS.items()])


def lives() -> str:
    """What happens to a node in each condition."""
    rows = [(condition, rule.because, rule.then) for condition, rule in lifecycle.RULES.items()]
    return _table(("The container is", "because", "what happens"), rows)


def elections() -> str:
    """Who is chosen to lead, in the order of the rules."""
    rows = [(rule.name, rule.when, rule.who) for rule in election.RULES]
    return _table(("Rule", "When", "Who is chosen"), rows)


def quotas() -> str:
    """How much there may be of what AWS limits."""
    rows = [(f"`{quota.name}`", str(quota.usual), f"`{code_and_status(quota.fault)[0]}`") for quota in QUOTAS.values()]
    return _table(("Quota", "Usually", "Refused with"), rows)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
