"""Outposts of a request. There is none here, as in an AWS account that has ordered none; the words are our own.

Source: the API reference of CreateCacheCluster: what OutpostMode may be.
"""

from cachewright.controlplane.api.common.context import Params
from cachewright.controlplane.model.faults import invalid_combination, invalid_value

MODES = ("single-outpost", "cross-outpost")
ARN = ("PreferredOutpostArn", "PrimaryOutpostArn")
ARNS = ("PreferredOutpostArns", "ReplicaOutpostArns")


def check_outposts(params: Params) -> None:
    """Fault for a request, or an entry of one, that names an Outpost."""
    mode = params.get("OutpostMode")
    if mode and mode not in MODES:
        raise invalid_value(f"Invalid value {mode} for OutpostMode. Must be one of: {', '.join(MODES)}")
    named = [params.get(name) for name in ARN]
    named += [arn for name in ARNS for arn in params.get(name) or ()]
    if unknown := [arn for arn in named if arn]:
        raise invalid_value(f"Outpost not found: {unknown[0]}")
    if mode:
        raise invalid_combination(f"OutpostMode {mode} requires a cache subnet group whose subnets are in an Outpost.")
