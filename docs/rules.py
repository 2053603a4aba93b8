"""The tables of rules of the agent, of the statuses that it sets, of quotas and of metrics, as Markdown. Pure."""

from collections.abc import Iterable, Sequence

from cachewright.agents.planning.nodes import lifecycle
from cachewright.agents.planning.shards import election
from cachewright.controlplane.model.lifecycle import NODE_WORDS, WORDS
from cachewright.controlplane.model.metrics.commands import FAMILIES
from cachewright.controlplane.model.metrics.metric import Family, Metric
from cachewright.controlplane.model.metrics.table import METRICS
from cachewright.controlplane.model.pace import FIGURES
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


def times() -> str:
    """How long things take at AWS."""
    rows = [(f"`{deed}`", f"{figure.seconds:g}", figure.meaning, figure.source) for deed, figure in FIGURES.items()]
    return _table(("Deed", "Seconds with `aws`", "From when until when", "Source"), rows)


def quotas() -> str:
    """How much there may be of what AWS limits."""
    rows = [(f"`{quota.name}`", str(quota.usual), f"`{code_and_status(quota.fault)[0]}`") for quota in QUOTAS.values()]
    return _table(("Quota", "Usually", "Refused with"), rows)


def metrics() -> str:
    """Every metric of CloudWatch, and how it is derived, or why not."""
    every = sorted(METRICS, key=lambda row: (list(Family).index(row.family), row.name.lower()))
    rows = [(row.family, f"`{row.name}`", row.unit, row.kind if row.term else "", _derivation(row)) for row in every]
    return _table(("Of", "Metric", "Unit", "Tells", "How it is derived"), rows)


def families() -> str:
    """Which commands are counted as what."""
    rows = [(f"`{name}`", ", ".join(f"`{command}`" for command in sorted(FAMILIES[name]))) for name in FAMILIES]
    return _table(("Metric", "Commands"), rows)


def _derivation(row: Metric) -> str:
    return str(row.term) if row.term else f"not at all: {row.reason}"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
