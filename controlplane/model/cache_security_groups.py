"""Cache security groups: which EC2 security groups may reach caches outside of a VPC, and since when.

There is nobody to ask: what AWS does in the background is done when its time has passed.
Source of the rules: the ElastiCache API reference, of the operations on cache security groups.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from cachewright.controlplane.model.faults import Fault, invalid_value

DEFAULT = "default"  # the group that exists in every region
TAKES = timedelta(seconds=1)  # from authorizing to authorized, and from revoking to gone

_ACCOUNT = re.compile(r"[0-9]{12}")
_LONGEST = 255  # of the name of an EC2 security group


class IngressStatus(StrEnum):
    """AWS's words."""

    AUTHORIZING = "authorizing"
    AUTHORIZED = "authorized"
    REVOKING = "revoking"


@dataclass(frozen=True, slots=True)
class Ec2Group:
    """A security group of EC2, of any account."""

    name: str
    owner: str


@dataclass(frozen=True, slots=True)
class Ingress:
    """One that may come in, or will soon, or no longer; `since` is when that was asked for."""

    group: Ec2Group
    since: datetime
    revoked: bool = False

    def status(self, now: datetime) -> IngressStatus:
        """How it is shown."""
        if self.revoked:
            return IngressStatus.REVOKING
        return IngressStatus.AUTHORIZED if self._done(now) else IngressStatus.AUTHORIZING

    def gone(self, now: datetime) -> bool:
        """Whether nothing is left of it."""
        return self.revoked and self._done(now)

    def _done(self, now: datetime) -> bool:
        return now - self.since >= TAKES


@dataclass(frozen=True, slots=True)
class CacheSecurityGroup:
    """A cache security group of an account in a region."""

    name: str
    description: str
    ingress: tuple[Ingress, ...] = ()

    def at(self, now: datetime) -> "CacheSecurityGroup":
        """The group without those that are gone."""
        return replace(self, ingress=tuple(each for each in self.ingress if not each.gone(now)))

    def authorized(self, group: Ec2Group, now: datetime) -> "CacheSecurityGroup":
        """The group with one more that may come in. Faults: it may already, or is just being revoked."""
        here = self.at(now)
        for each in here.ingress:
            if each.group == group and each.revoked:
                raise self._busy(group, each.status(now))
            if each.group == group:
                raise Fault("AuthorizationAlreadyExistsFault", f"Authorization already exists: {group.name}")
        return replace(here, ingress=(*here.ingress, Ingress(group, now)))

    def revoked(self, group: Ec2Group, now: datetime) -> "CacheSecurityGroup":
        """The group where one may come in no longer. Faults: it never could, or it is not yet authorized, or is just
        being revoked.
        """
        here = self.at(now)
        found = next((each for each in here.ingress if each.group == group), None)
        if found is None:
            raise Fault("AuthorizationNotFoundFault", f"Authorization not found: {group.name}")
        if found.status(now) is not IngressStatus.AUTHORIZED:
            raise self._busy(group, found.status(now))
        gone = Ingress(group, now, revoked=True)
        return replace(here, ingress=tuple(gone if each is found else each for each in here.ingress))

    def check_deletable(self, now: datetime) -> None:
        """Faults: it is the one that always exists, or something is still being done to it."""
        if self.name == DEFAULT:
            raise invalid_value("The default cache security group cannot be deleted.")
        for each in self.at(now).ingress:
            if each.status(now) is not IngressStatus.AUTHORIZED:
                raise self._busy(each.group, each.status(now))

    def _busy(self, group: Ec2Group, status: IngressStatus) -> Fault:
        return Fault(
            "InvalidCacheSecurityGroupStateFault",
            f"Cache security group {self.name} is not in a valid state: EC2 security group {group.name} is {status}.",
        )


DEFAULT_GROUP = CacheSecurityGroup(DEFAULT, "Default CacheSecurityGroup")


def ec2_group(name: str, owner: str) -> Ec2Group:
    """The EC2 security group of a request. Faults: no name that one can have, no account number."""
    if not 1 <= len(name) <= _LONGEST:
        raise invalid_value(f"EC2SecurityGroupName must be between 1 and {_LONGEST} characters long.")
    if not _ACCOUNT.fullmatch(owner):
        raise invalid_value(f"EC2SecurityGroupOwnerId must be an AWS account number of 12 digits, not '{owner}'.")
    return Ec2Group(name, owner)
