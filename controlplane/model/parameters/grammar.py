"""Which values AWS's notation of allowed values allows.

It is a list: `yes,no`; for numbers its items may be ranges, too: `1-75`, `0-` without an end, `-` for every number; so
`0,20-` is nought and whatever is at least twenty. A single item is the only value.
Source: recorded answers of DescribeEngineDefaultParameters.
"""

import re
from decimal import Decimal

GREATEST = Decimal(2**63 - 1)  # that the engines keep

_NUMBER = {"integer": re.compile(r"-?(?:0|[1-9]\d*)"), "float": re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")}
_RANGE = re.compile(r"(-?[\d.]+)-(-?[\d.]+)?")


def allows(allowed: str, data_type: str, value: str) -> bool:
    """Whether the notation allows a value. Nothing that is said allows every text, but only numbers as numbers."""
    number = _NUMBER.get(data_type)
    if number is None:
        return not allowed or value in allowed.split(",")
    if not number.fullmatch(value) or abs(Decimal(value)) > GREATEST:
        return False
    return not allowed or any(_within(item, Decimal(value)) for item in allowed.split(","))


def _within(item: str, value: Decimal) -> bool:
    if item == "-":
        return True
    if between := _RANGE.fullmatch(item):
        lowest, highest = between.groups()
        return Decimal(lowest) <= value <= Decimal(highest or GREATEST)
    return Decimal(item) == value
