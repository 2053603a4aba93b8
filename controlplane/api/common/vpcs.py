"""Subnets and security groups that requests name, asked of an EC2 where there is one.

Source of the texts: AWS's answers, as callers report them.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.model.faults import Fault, invalid_combination, invalid_value
from cachewright.controlplane.model.questions import Question, security_groups, subnets
from cachewright.controlplane.model.subnet_groups import DEFAULT, SubnetGroup
from cachewright.controlplane.model.vpcs import Silent, VpcSubnet

T = TypeVar("T")


def known_subnets(context: Context, names: Sequence[str]) -> Mapping[str, VpcSubnet] | None:
    """Those that exist; None where nobody knows any. Fault while EC2 cannot be asked."""
    return _said(context, subnets(names, context.caller.region), "subnets")


def checked_security_groups(context: Context, params: Params, group: SubnetGroup) -> tuple[str, ...]:
    """The security groups that a request names, each once. Faults: one that EC2 does not know, or one of another VPC
    than the subnet group, unless that is the default one, whose VPC is made up. The subnets of a serverless cache are a
    group without a name.
    """
    names = tuple(dict.fromkeys(params.get("SecurityGroupIds") or ()))
    known = _said(context, security_groups(names, context.caller.region), "security groups") if names else None
    if known is None:
        return names
    if unknown := [name for name in names if name not in known]:
        raise invalid_value(f"Invalid security group ids: [{', '.join(unknown)}]")
    foreign = [vpc for vpc in (known[name] for name in names) if vpc != group.vpc_id]
    if foreign and group.name != DEFAULT:
        what = f"Subnet group [{group.name}] belongs" if group.name else "The subnets of the cache belong"
        raise invalid_combination(f"{what} to a different VPC [{group.vpc_id}] than [{foreign[0]}]")
    return names


def _said(context: Context, question: Question[T | Silent], what: str) -> T:
    answer = context.answers.to(question)
    if isinstance(answer, Silent):
        raise Fault("ServiceUnavailable", f"Cannot look up {what}: {answer.reason}.")
    return answer
