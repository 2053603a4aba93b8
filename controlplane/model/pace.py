"""How long things shall take that this machine does in a moment, so that waiters, timeouts and retries meet what they
will meet at AWS.

AWS publishes no times but in passing. Those below are the order of magnitude of what others have measured there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

LONGEST = 86400.0  # seconds


class Deed(StrEnum):
    """What takes its time."""

    CREATE = "create"
    MODIFY = "modify"
    REBOOT = "reboot"
    FAILOVER = "failover"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Figure:
    """How long something takes at AWS."""

    seconds: float
    meaning: str
    source: str


_ACCEPTANCE = "acceptance tests of Terraform's provider, hashicorp/terraform#8275"

FIGURES: Mapping[Deed, Figure] = {
    Deed.CREATE: Figure(300, "from the request until `available`", f"395 s with the deletion: {_ACCEPTANCE}"),
    Deed.MODIFY: Figure(400, "from `modifying` until `available`", f"813 s with creation and deletion: {_ACCEPTANCE}"),
    Deed.REBOOT: Figure(60, "from `rebooting cluster nodes` until `available`", "an estimate"),
    Deed.FAILOVER: Figure(30, "from the death of a primary until a replica leads, and nobody can write", "an estimate"),
    Deed.DELETE: Figure(180, "from `deleting` until it is unknown", "turbot/steampipe-plugin-aws#2224"),
}


@dataclass(frozen=True, slots=True)
class Pace:
    """The seconds that deeds take at least; those that are missing take as long as they do."""

    seconds: Mapping[Deed, float] = field(default_factory=dict)

    def of(self, deed: Deed) -> timedelta:
        """How long it takes at least."""
        return timedelta(seconds=self.seconds.get(deed, 0.0))

    def __str__(self) -> str:
        """What `pace_of` reads as this one."""
        return ",".join(f"{deed}={seconds:g}" for deed, seconds in self.seconds.items()) or "off"


AS_IT_IS = Pace()


def pace_of(text: str) -> Pace:
    """`off`, `aws`, a factor of AWS's times, or seconds of some deeds: `create=30,failover=20`. ValueError says what is
    wrong with another text.
    """
    text = text.strip().lower()
    if text in ("", "off"):
        return AS_IT_IS
    if "=" in text:
        return Pace(dict(_row(part) for part in text.split(",")))
    factor = 1.0 if text == "aws" else _number(text, 1000.0, f"'{text}' is neither off, nor aws, nor a factor")
    return Pace({deed: figure.seconds * factor for deed, figure in FIGURES.items()})


def _row(part: str) -> tuple[Deed, float]:
    name, _, value = part.partition("=")
    if name.strip() not in list(Deed):
        raise ValueError(f"'{name.strip()}' is none of {', '.join(Deed)}")
    return Deed(name.strip()), _number(value, LONGEST, f"'{value}' of {name.strip()} is no number of seconds")


def _number(text: str, most: float, wrong: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= most:  # nor what is no number at all
        raise ValueError(f"{wrong} from 0 to {most:g}")
    return value
