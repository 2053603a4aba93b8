"""Every metric of CloudWatch for nodes of ElastiCache: how it is derived here, or why it is not."""

from collections.abc import Mapping, Sequence

from cachewright.controlplane.model.metrics.host import HOST
from cachewright.controlplane.model.metrics.memcached import MEMCACHED
from cachewright.controlplane.model.metrics.metric import Family, Metric
from cachewright.controlplane.model.metrics.redis import REDIS
from cachewright.controlplane.model.versions import Engine

METRICS: Sequence[Metric] = (*HOST, *REDIS, *MEMCACHED)
"""All of them. A name that both families of engines have is of the same unit and kind in both."""

_DERIVED: Mapping[Family, Sequence[Metric]] = {
    family: tuple(row for row in METRICS if row.term and row.family in (Family.HOST, family)) for family in Family
}


def derived(engine: Engine) -> Sequence[Metric]:
    """Those that nodes of an engine have."""
    return _DERIVED[Family.MEMCACHED if engine is Engine.MEMCACHED else Family.REDIS]
