"""Where a stack is, and the pseudo parameters that follow from it."""

from dataclasses import dataclass
from hashlib import sha256

from cachewright.controlplane.templates.values import Value


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stack is."""

    stack: str
    account: str
    region: str

    @property
    def names(self) -> dict[str, Value]:
        """The pseudo parameters."""
        digest = sha256(self.stack.encode()).hexdigest()
        identifier = f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{self.stack}/{digest[:32]}"
        return {
            "AWS::AccountId": self.account,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": self.region,
            "AWS::StackId": identifier,
            "AWS::StackName": self.stack,
            "AWS::URLSuffix": "amazonaws.com",
        }
