"""Logs of nodes that are delivered elsewhere: what is desired, what is reached, and AWS's words for it.

Source: the API reference of LogDeliveryConfigurationRequest and LogDeliveryConfiguration.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cachewright.controlplane.model.versions import Engine, EngineVersion, numbers


class LogType(StrEnum):
    """Which log. The values are AWS's."""

    SLOW = "slow-log"
    ENGINE = "engine-log"


class DestinationType(StrEnum):
    """What takes it. The values are AWS's."""

    CLOUDWATCH_LOGS = "cloudwatch-logs"
    FIREHOSE = "kinesis-firehose"


class LogFormat(StrEnum):
    """How it is written. The values are AWS's."""

    TEXT = "text"
    JSON = "json"


class DeliveryStatus(StrEnum):
    """How far a delivery is. The values are AWS's."""

    ENABLING = "enabling"
    ACTIVE = "active"
    MODIFYING = "modifying"
    DISABLING = "disabling"
    ERROR = "error"


CHANGING = frozenset({DeliveryStatus.ENABLING, DeliveryStatus.MODIFYING, DeliveryStatus.DISABLING})


@dataclass(frozen=True, slots=True)
class LogConfiguration:
    """What is desired of one log. Written by the API alone."""

    type: LogType
    destination: DestinationType
    name: str  # of the log group, or of the delivery stream
    format: LogFormat
    since: datetime  # what was logged before that is not delivered


@dataclass(frozen=True, slots=True)
class Delivery:
    """What has been made of a configuration. Written by whoever delivers, alone."""

    configuration: LogConfiguration
    message: str = ""  # why nothing can be delivered now; empty: it can


Deliveries = Mapping[LogType, Delivery]


@dataclass(frozen=True, slots=True)
class Standing:
    """One log as it is shown."""

    configuration: LogConfiguration
    status: DeliveryStatus
    message: str = ""


def standings(desired: Iterable[LogConfiguration], deliveries: Deliveries) -> tuple[Standing, ...]:
    """Each log that is delivered, or shall be, or shall not be any more, by type."""
    wanted = {one.type: one for one in desired}
    types = [kind for kind in LogType if kind in wanted or kind in deliveries]
    return tuple(_standing(wanted.get(kind), deliveries.get(kind)) for kind in types)


def changing(desired: Iterable[LogConfiguration], deliveries: Deliveries) -> tuple[Standing, ...]:
    """Those that are not as desired yet."""
    return tuple(one for one in standings(desired, deliveries) if one.status in CHANGING)


def _standing(wanted: LogConfiguration | None, reached: Delivery | None) -> Standing:
    if wanted is None:
        assert reached
        return Standing(reached.configuration, DeliveryStatus.DISABLING)
    if reached is None:
        return Standing(wanted, DeliveryStatus.ENABLING)
    if reached.configuration != wanted:
        return Standing(wanted, DeliveryStatus.MODIFYING)
    status = DeliveryStatus.ERROR if reached.message else DeliveryStatus.ACTIVE
    return Standing(wanted, status, reached.message)


def with_logs(
    before: Iterable[LogConfiguration], asked: Mapping[LogType, LogConfiguration | None]
) -> tuple[LogConfiguration, ...]:
    """What is desired after a request; None for a log that is not to be delivered any more. What is asked for once more
    goes on.
    """
    known = {one.type: one for one in before}
    wanted = dict[LogType, LogConfiguration | None](known)
    for kind, one in asked.items():
        same = one and kind in known and replace(one, since=known[kind].since) == known[kind]
        wanted[kind] = known[kind] if same else one
    return tuple(one for kind in LogType if (one := wanted.get(kind)))


_FROM: Mapping[LogType, tuple[int, ...]] = {LogType.SLOW: (6, 0), LogType.ENGINE: (6, 2)}


def has_log(release: EngineVersion, kind: LogType) -> bool:
    """Whether AWS delivers a log of an engine version. Source: the user guide, Log delivery."""
    if release.engine is Engine.MEMCACHED:
        return False
    return release.engine is Engine.VALKEY or numbers(release.version) >= _FROM[kind]
