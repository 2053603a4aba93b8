"""Secrets of AWS Secrets Manager, as requests name them.

Source: the API reference of AWS Secrets Manager: what a name may have in it, and that an ARN ends with six characters
more.
"""

import re
from dataclasses import dataclass

_ARN = re.compile(r"arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):\d{12}:secret:([A-Za-z0-9/_+=.@-]{1,512})")
_RANDOM = re.compile(r"-[A-Za-z0-9]{6}")


@dataclass(frozen=True, slots=True)
class SecretArn:
    """The ARN of a secret."""

    arn: str
    region: str
    name: str  # with the six characters, if the ARN has them

    @property
    def plain_name(self) -> str:
        """The name without these."""
        return self.name[:-7] if _RANDOM.fullmatch(self.name[-7:]) else self.name

    def __str__(self) -> str:
        return self.arn


def parsed(arn: str) -> SecretArn | None:
    """What an ARN says; None for one that is no secret's."""
    found = _ARN.fullmatch(arn)
    if found is None or {"", ".", ".."} & set(found[2].split("/")):
        return None
    return SecretArn(arn, found[1], found[2])
