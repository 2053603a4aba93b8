"""In which subnets a serverless cache is, behind which security groups, and by which addresses it is reached.

Source: the API reference of CreateServerlessCache.
"""

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.api.common.vpcs import checked_security_groups
from cachewright.controlplane.api.subnet_groups.lookup import default
from cachewright.controlplane.api.subnet_groups.zones import subnets_of
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.network_types import check_network, first_network
from cachewright.controlplane.model.presentation import Presentation
from cachewright.controlplane.model.serverless import NODE_TYPE
from cachewright.controlplane.model.subnet_groups import SubnetGroup, check_subnets, security_group_of, vpc_of
from cachewright.controlplane.model.versions import Engine, EngineVersion, numbers

COUNT = range(2, 4)  # of subnets, each in a zone of its own
VPC, PUBLIC = "vpc", "public"
PUBLIC_FROM = (9,)  # the version of Valkey
FEWER = {"us-west-1": 2}  # default subnets, in regions of two zones


def first_subnets(context: Context, params: Params) -> SubnetGroup:
    """The subnets of a new cache. Faults: too few, too many, two in one zone; see `subnets_of`."""
    wanted = params.get("SubnetIds") or ()
    if not wanted:
        group = default(context)
        chosen = group.subnets[: FEWER.get(context.caller.region, COUNT[-1])]
        return SubnetGroup(group.name, group.description, group.vpc_id, chosen)
    names = check_subnets(wanted, context.quotas)
    vpc, subnets = subnets_of(context, names)
    group = SubnetGroup("", "", vpc or vpc_of(names), subnets)
    if len(names) not in COUNT or len(group.zones) < len(names):
        raise invalid_value(
            f"Between {COUNT[0]} and {COUNT[-1]} subnets in different availability zones must be provided."
        )
    return group


def first_security_groups(context: Context, params: Params, subnets: SubnetGroup) -> tuple[str, ...]:
    """The security groups of a new cache; the default one of its VPC if a request names none. Faults: AWS's rules."""
    return checked_security_groups(context, params, subnets) or (security_group_of(subnets.vpc_id),)


def next_security_groups(context: Context, params: Params, before: Presentation) -> tuple[str, ...]:
    """The security groups after a request: those that it names take the place of all others. Faults as above."""
    if not params.get("SecurityGroupIds"):
        return before.security_group_ids
    return checked_security_groups(context, params, _subnets_of(context, before.subnet_ids))


def _subnets_of(context: Context, names: tuple[str, ...]) -> SubnetGroup:
    """The subnets of a cache that is there."""
    group = default(context)
    if {subnet.id for subnet in group.subnets}.issuperset(names):
        return group
    vpc, subnets = subnets_of(context, names)
    return SubnetGroup("", "", vpc or vpc_of(names), subnets)


def asked_network(params: Params, release: EngineVersion, subnets: SubnetGroup) -> tuple[str, str]:
    """The network type of a new cache, and of which family the addresses are that it tells. Faults: AWS's rules."""
    network_type, discovery = first_network(params.get("NetworkType") or "", "")
    check_network(network_type, release, NODE_TYPE, subnets)
    return network_type, discovery


def asked_connection(params: Params, release: EngineVersion) -> str:
    """AWS's ConnectionType. Fault for an unknown one, and for `public` before Valkey 9."""
    wanted: str = params.get("ConnectionType") or VPC
    if wanted not in (VPC, PUBLIC):
        raise invalid_value(f"Invalid value {wanted} for ConnectionType. Must be one of: {VPC}, {PUBLIC}")
    if wanted == PUBLIC and not (release.engine is Engine.VALKEY and numbers(release.version) >= PUBLIC_FROM):
        raise invalid_combination("ConnectionType public requires engine valkey with major engine version 9 or above.")
    return wanted
