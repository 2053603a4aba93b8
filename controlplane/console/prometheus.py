"""Metrics in Prometheus's words: the one place that knows prometheus-client.

A metric of CloudWatch is `elasticache_` and its name, as CloudWatch writes it; what is counted ends in `_total`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, fields

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from cachewright.controlplane.model.hosts import HostSeen
from cachewright.controlplane.model.metrics.durations import Durations
from cachewright.controlplane.model.metrics.metric import Kind
from cachewright.controlplane.model.metrics.metric import Metric as Row
from cachewright.controlplane.model.metrics.own import Seen, SenderFigures
from cachewright.controlplane.model.metrics.samples import Collected, Place
from cachewright.controlplane.model.metrics.table import derived

LABELS = tuple(field.name for field in fields(Place))
PREFIX = "elasticache_"

Families = dict[str, Metric]

_OF_HOSTS: Mapping[str, tuple[str, Callable[[HostSeen], float | None]]] = {
    "up": ("Whether the host answers.", lambda host: not host.silent),
    "draining": ("Whether nodes leave the host, and none come.", lambda host: host.draining),
    "nodes": ("Nodes that are on the host, or are to come.", lambda host: host.nodes),
    "memory_promised_bytes": ("Memory that these nodes may take.", lambda host: host.taken),
    "memory_bytes": ("Memory that nodes of the host may take, where it was told.", lambda host: host.memory or None),
}


def exposition(seen: Seen, accept: str) -> tuple[bytes, str]:
    """What is told, and its content type, for whoever accepts so much. Nothing is remembered between two calls."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Told(seen))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


def name_of(row: Row) -> str:
    """What Prometheus calls a metric of CloudWatch."""
    return f"{PREFIX}{row.name}{'_total' if row.kind is Kind.COUNTER else ''}"


class _Told(Collector):
    """What was seen at one look."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def collect(self) -> Iterator[Metric]:
        seen = self._seen
        yield from _of_nodes(seen.nodes)
        yield from _of_caches(seen.nodes)
        yield from _of_hosts(seen.hosts)
        yield _histogram("cachewright_reconcile_seconds", "Turns of the loop.", ("kind", "result"), seen.loop.turns)
        yield _gauge("cachewright_reconcile_queue", "Keys that wait for a worker.", seen.loop.due)
        yield _histogram("cachewright_api_seconds", "Answers of the API.", ("operation", "error"), seen.requests)
        if seen.sender:
            yield from _of_sender(seen.sender)


def _of_nodes(nodes: Collected) -> Iterable[Metric]:
    """Every metric that some node has."""
    families: Families = {}
    for sample in nodes.samples:
        labels = dict(zip(LABELS, astuple(sample.place), strict=True))
        for row in derived(sample.engine):
            value = row.rate(sample.minute) if row.kind is Kind.RATE else row.value(sample.figures)
            if value is not None:
                family = families.get(row.name) or families.setdefault(row.name, _family(row))
                family.add_sample(name_of(row), labels, value)
    return families.values()


def _family(row: Row) -> Metric:
    kind = CounterMetricFamily if row.kind is Kind.COUNTER else GaugeMetricFamily
    return kind(f"{PREFIX}{row.name}", f"CloudWatch's {row.name}, in {row.unit}, {row.kind}.", labels=LABELS)


def _of_caches(nodes: Collected) -> Iterator[Metric]:
    phases = GaugeMetricFamily("cachewright_caches", "Caches, by where they are.", labels=("phase",))
    for phase, count in nodes.phases.items():
        phases.add_metric((phase,), count)
    yield phases
    yield _gauge("cachewright_nodes_silent", "Nodes that did not tell their figures in time.", nodes.silent)
    yield _gauge("cachewright_nodes_asking_seconds", "How long it took to ask all nodes.", nodes.seconds)


def _of_hosts(hosts: Sequence[HostSeen]) -> Iterator[Metric]:
    """Nothing of an installation that was told of none."""
    for name, (words, figure) in _OF_HOSTS.items() if hosts else ():
        family = GaugeMetricFamily(f"cachewright_host_{name}", words, labels=("host", "zone"))
        for host in hosts:
            if (value := figure(host)) is not None:
                family.add_metric((host.name, host.zone), value)
        yield family


def _of_sender(sender: SenderFigures) -> Iterator[Metric]:
    yield CounterMetricFamily("cachewright_cloudwatch_puts", "Requests that a CloudWatch took.", sender.puts)
    words = "Requests that a CloudWatch did not take."
    yield CounterMetricFamily("cachewright_cloudwatch_failures", words, sender.failures)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value)


def _histogram(
    name: str, words: str, labels: tuple[str, str], counted: Mapping[tuple[str, str], Durations]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, words, labels=labels)
    for values, durations in counted.items():
        family.add_metric(values, list(durations.cumulative()), durations.seconds)
    return family
