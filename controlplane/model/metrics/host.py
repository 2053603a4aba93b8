"""Metrics of the machine that a node is: here its container, which has the machine's processors and its own memory.

Source: the user guide, "Host-Level Metrics", and the list of ElastiCache's metrics in the user guide of CloudWatch.
"""

from cachewright.controlplane.model.metrics.metric import Family, Kind, Metric, Rows, Unit
from cachewright.controlplane.model.metrics.terms import Share, Sum, of

_HOST = Rows(Family.HOST)
_NO_ALLOWANCE = "a container's network has no allowance that could be exceeded"
_NO_BASELINE = "a container's network has no baseline bandwidth"
_EVERY_SECOND = "it takes a look in every second, and nodes are looked at when somebody asks"

HOST: tuple[Metric, ...] = (
    *_HOST.derived(
        Kind.RATE,
        Unit.PERCENT,
        {"CPUUtilization": Share(of("host_cpu_seconds"), of("host_processor_seconds"), 100)},
    ),
    *_HOST.derived(
        Kind.GAUGE,
        Unit.BYTES,
        {"FreeableMemory": Sum(("host_memory_limit",), ("host_memory",)), "SwapUsage": of("host_swap")},
    ),
    *_HOST.derived(
        Kind.COUNTER,
        Unit.BYTES,
        {"NetworkBytesIn": of("host_bytes_in"), "NetworkBytesOut": of("host_bytes_out")},
    ),
    *_HOST.derived(
        Kind.COUNTER,
        Unit.COUNT,
        {
            "MajorPageFaults": of("host_major_faults"),
            "NetworkPacketsIn": of("host_packets_in"),
            "NetworkPacketsOut": of("host_packets_out"),
        },
    ),
    *_HOST.left_out(
        Unit.COUNT, "CPUCreditBalance CPUCreditUsage", "containers earn no credits: each may use every processor"
    ),
    *_HOST.left_out(
        Unit.COUNT,
        """NetworkBandwidthInAllowanceExceeded NetworkBandwidthOutAllowanceExceeded NetworkConntrackAllowanceExceeded
        NetworkLinkLocalAllowanceExceeded NetworkPacketsPerSecondAllowanceExceeded""",
        _NO_ALLOWANCE,
    ),
    *_HOST.left_out(
        Unit.PERCENT,
        """NetworkBaselineMaxUsageInPercentage NetworkBaselineMaxUsageOutPercentage NetworkBaselineUsageInPercentage
        NetworkBaselineUsageOutPercentage""",
        _NO_BASELINE,
    ),
    *_HOST.left_out(Unit.BYTES, "NetworkMaxBytesIn NetworkMaxBytesOut", _EVERY_SECOND),
    *_HOST.left_out(Unit.COUNT, "NetworkMaxPacketsIn NetworkMaxPacketsOut", _EVERY_SECOND),
)
