"""What a CloudWatch is told of nodes, in the words of PutMetricData. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cachewright.controlplane.model.metrics.metric import Metric
from cachewright.controlplane.model.metrics.samples import Place, Sample
from cachewright.controlplane.model.metrics.table import derived
from cachewright.controlplane.model.metrics.terms import Figures, since

NAMESPACE = "AWS/ElastiCache"
MOST = 1000  # of one request, which may have 1 MB: names are so short that each takes less than 700 bytes

Datum = Mapping[str, Any]
Dimensions = Mapping[str, str]

# What CloudWatch has of whole groups, besides: source, the user guide of CloudWatch, metrics of ElastiCache.
_OF_GROUPS = frozenset(
    {
        "DatabaseCapacityUsageCountedForEvictPercentage",
        "DatabaseMemoryUsageCountedForEvictPercentage",
        "EngineCPUUtilization",
    }
)
_OF_ROLES = frozenset({"EngineCPUUtilization"})


def data(samples: Sequence[Sample], before: Mapping[str, Figures], moment: datetime) -> Iterator[Datum]:
    """Everything that is told of these nodes; `before` are their figures of a minute ago, by the name of the place. Of
    a node that was not seen then only what is so now is told.
    """
    for sample in samples:
        for metric, value in _values(sample, before.get(sample.place.name)):
            for dimensions in _dimensions(metric.name, sample.place):
                yield _datum(metric, value, dimensions, moment)


def requests(every: Sequence[Datum]) -> Iterator[Mapping[str, Any]]:
    """The parameters of each PutMetricData."""
    for first in range(0, len(every), MOST):
        yield {"Namespace": NAMESPACE, "MetricData": every[first : first + MOST]}


def _values(sample: Sample, before: Figures | None) -> Iterator[tuple[Metric, float]]:
    between = {} if before is None else since(sample.figures, before)
    for metric in derived(sample.engine):
        value = metric.counted(sample.figures, between) if between else metric.gauge(sample.figures)
        if value is not None:
            yield metric, value


def _dimensions(name: str, place: Place) -> Iterator[Dimensions]:
    """Each set of dimensions under which a metric of a node is found; CloudWatch adds up what comes under the same."""
    yield {"CacheClusterId": place.cluster}
    yield {"CacheClusterId": place.cluster, "CacheNodeId": place.node}
    if place.group and name in _OF_GROUPS:
        yield {"ReplicationGroupId": place.group}
        yield {"ReplicationGroupId": place.group, "NodeGroupId": place.shard}
    if place.group and place.role and name in _OF_ROLES:
        yield {"ReplicationGroupId": place.group, "Role": place.role.title()}


def _datum(metric: Metric, value: float, dimensions: Dimensions, moment: datetime) -> Datum:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    unit = metric.unit.value
    return {"MetricName": metric.name, "Dimensions": named, "Timestamp": moment, "Value": value, "Unit": unit}
