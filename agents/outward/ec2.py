"""An EC2 of the user's, with the credentials that the user's AWS environment has.

Source: the API reference of Amazon EC2, DescribeSubnets and DescribeSecurityGroups.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.config import Config

from cachewright.agents.aws import Denied, Service, Unusable
from cachewright.controlplane.model.vpcs import DUAL_STACK, IPV4, IPV6, SecurityGroups, Silent, Subnets, VpcSubnet

CONFIG = Config(connect_timeout=1.0, read_timeout=3.0, retries={"total_max_attempts": 1})  # whoever asks the API waits

# States of an IPv6 block that a subnet does not have. Of one that it has moto's server writes more than the word.
_APART = frozenset({"disassociating", "disassociated", "failing", "failed"})

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class RemoteEc2:
    """Implements `Ec2`. It is asked for all that have one of the ids: for the ids themselves, one that is unknown
    would be refused with all others.
    """

    endpoint: str  # a URL
    _service: Service = field(init=False)

    def __post_init__(self) -> None:
        self._service = Service("ec2", self.endpoint, CONFIG)

    def subnets(self, names: Sequence[str], region: str) -> Subnets:
        """See `Ec2`."""

        def asked(client: Any) -> Mapping[str, VpcSubnet]:  # noqa: ANN401 - botocore makes its clients at run time
            rows = client.describe_subnets(Filters=[{"Name": "subnet-id", "Values": list(names)}])["Subnets"]
            return {row["SubnetId"]: _subnet(row) for row in rows}

        return self._answer(asked, region)

    def security_groups(self, names: Sequence[str], region: str) -> SecurityGroups:
        """See `Ec2`."""

        def asked(client: Any) -> Mapping[str, str]:  # noqa: ANN401 - as above
            filters = [{"Name": "group-id", "Values": list(names)}]
            rows = client.describe_security_groups(Filters=filters)["SecurityGroups"]
            return {row["GroupId"]: row["VpcId"] for row in rows}

        return self._answer(asked, region)

    def _answer(self, asked: Callable[[Any], T], region: str) -> T | Silent:
        try:
            with self._service.answers(region) as client:
                return asked(client)
        except Denied as error:
            return Silent(f"EC2 at {self.endpoint} refuses: {str(error).rstrip('.')}")
        except Unusable as error:
            return Silent(f"EC2 at {self.endpoint} does not answer: {str(error).rstrip('.')}")
        except (KeyError, TypeError):
            return Silent(f"EC2 at {self.endpoint} answers nothing that EC2 says")


def _subnet(row: Mapping[str, Any]) -> VpcSubnet:
    blocks = row.get("Ipv6CidrBlockAssociationSet") or ()
    encloses = any(block["Ipv6CidrBlockState"]["State"] not in _APART for block in blocks)
    both = (IPV4, DUAL_STACK) if encloses else (IPV4,)
    return VpcSubnet(row["AvailabilityZone"], row["VpcId"], (IPV6,) if row.get("Ipv6Native") else both)
