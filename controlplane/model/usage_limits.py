"""How much a serverless cache may hold, and do in a second: AWS's CacheUsageLimits.

Source: the API reference, DataStorage and ECPUPerSecond; the user guide, "Scaling ElastiCache Serverless".
"""

from dataclasses import dataclass, field

from cachewright.controlplane.model.faults import invalid_combination, invalid_value

GIGABYTES = "GB"  # AWS's only unit


@dataclass(frozen=True, slots=True)
class Limit:
    """The most of something that a cache uses, and the least that it is ready for. 0: none was set."""

    maximum: int = 0
    minimum: int = 0


@dataclass(frozen=True, slots=True)
class UsageLimits:
    """Both limits."""

    data_storage: Limit = field(default_factory=Limit)  # GB
    ecpu_per_second: Limit = field(default_factory=Limit)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a limit may be, besides 0."""

    name: str
    least: int
    most: int

    def checked(self, limit: Limit) -> Limit:
        """A limit that is asked for. Faults: out of bounds, less at most than at least."""
        for number in (limit.maximum, limit.minimum):
            if number and not self.least <= number <= self.most:
                raise invalid_value(
                    f"Invalid value for {self.name} limit. Must be between {self.least} and {self.most}. You can set"
                    " the value to zero to remove the limit."
                )
        if limit.maximum and limit.minimum > limit.maximum:
            raise invalid_combination(f"The minimum {self.name} limit must not be greater than the maximum.")
        return limit


DATA_STORAGE = Bounds("DataStorage", 1, 5000)
ECPU_PER_SECOND = Bounds("ECPUPerSecond", 1000, 15_000_000)
