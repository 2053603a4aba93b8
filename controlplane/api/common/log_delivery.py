"""What requests say about the delivery of logs, and how it is shown.

Source: the API reference of LogDeliveryConfigurationRequest, and the user guide, Log delivery. AWS's words about each
mistake are not known; the codes are.
"""

import re
from collections.abc import Mapping
from typing import Any

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.model.cache import Cache, Spec
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.log_delivery import (
    DestinationType,
    LogConfiguration,
    LogFormat,
    LogType,
    changing,
    has_log,
    standings,
    with_logs,
)
from cachewright.controlplane.model.versions import EngineVersion

_DETAILS: Mapping[DestinationType, tuple[str, str, re.Pattern[str]]] = {
    DestinationType.CLOUDWATCH_LOGS: ("CloudWatchLogsDetails", "LogGroup", re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")),
    DestinationType.FIREHOSE: ("KinesisFirehoseDetails", "DeliveryStream", re.compile(r"[a-zA-Z0-9_.-]{1,64}")),
}


def first_logs(context: Context, params: Params, release: EngineVersion) -> tuple[LogConfiguration, ...]:
    """The logs of a new cache that are to be delivered. Faults: AWS's rules."""
    return with_logs((), _asked(context, params, release, {}))


def next_logs(context: Context, params: Params, spec: Spec) -> tuple[LogConfiguration, ...]:
    """The logs that are to be delivered after a request: it counts at once, and has to say so. Faults: AWS's rules."""
    known = {one.type: one for one in spec.logs}
    asked = _asked(context, params, spec.release, known)
    if asked and not params.get("ApplyImmediately"):
        raise invalid_combination("Log delivery configurations can only be modified with ApplyImmediately set to true.")
    return with_logs(spec.logs, asked)


def shown(cache: Cache) -> list[Answer]:
    """AWS's LogDeliveryConfigurations."""
    return [
        _described(one.configuration) | {"Status": one.status.value} | ({"Message": one.message} if one.message else {})
        for one in standings(cache.spec.logs, cache.deliveries or {})
    ]


def pending(cache: Cache) -> Answer:
    """What is on its way, of PendingModifiedValues; nothing when all is as desired."""
    moving = [_described(one.configuration) for one in changing(cache.spec.logs, cache.deliveries or {})]
    return {"LogDeliveryConfigurations": moving} if moving else {}


def _described(configuration: LogConfiguration) -> Answer:
    details, field, _ = _DETAILS[configuration.destination]
    return {
        "LogType": configuration.type.value,
        "DestinationType": configuration.destination.value,
        "DestinationDetails": {details: {field: configuration.name}},
        "LogFormat": configuration.format.value,
    }


def _asked(
    context: Context, params: Params, release: EngineVersion, known: Mapping[LogType, LogConfiguration]
) -> dict[LogType, LogConfiguration | None]:
    """By type; None for one that is not to be delivered."""
    asked = dict[LogType, LogConfiguration | None]()
    for request in params.get("LogDeliveryConfigurations") or ():
        kind = LogType(_one_of(LogType, request, "LogType"))
        if kind in asked:
            raise invalid_combination(f"LogDeliveryConfigurations has more than one configuration for LogType {kind}.")
        if request.get("Enabled", True):
            asked[kind] = _configuration(context, request, kind, release, known.get(kind))
        else:
            asked[kind] = None
    return asked


def _configuration(
    context: Context,
    request: Mapping[str, Any],
    kind: LogType,
    release: EngineVersion,
    known: LogConfiguration | None,
) -> LogConfiguration:
    if not has_log(release, kind):
        raise invalid_combination(
            f"Log delivery of {kind} is not supported for engine {release.engine} version {release.version}."
        )
    destination = DestinationType(_one_of(DestinationType, request, "DestinationType"))
    usual = known.format if known else LogFormat.TEXT
    form = LogFormat(_one_of(LogFormat, {"LogFormat": usual.value, **request}, "LogFormat"))
    return LogConfiguration(kind, destination, _name(request, destination), form, context.now)


def _name(request: Mapping[str, Any], destination: DestinationType) -> str:
    """The log group, or the delivery stream."""
    given = {name: value for name, value in (request.get("DestinationDetails") or {}).items() if value}
    details, field, allowed = _DETAILS[destination]
    if not given:
        raise invalid_value(f"DestinationDetails must be given for DestinationType {destination}.")
    if set(given) != {details}:
        raise invalid_combination(f"DestinationDetails must have {details} alone for DestinationType {destination}.")
    name = str(given[details].get(field) or "")
    if not allowed.fullmatch(name):
        raise invalid_value(f"Invalid value {name} for {field}." if name else f"{field} must be given.")
    return name


def _one_of(kind: type[LogType | DestinationType | LogFormat], request: Mapping[str, Any], name: str) -> str:
    value = str(request.get(name) or "")
    words = [one.value for one in kind]
    if value not in words:
        raise invalid_value(f"Invalid value {value or None} for {name}. Must be one of: {', '.join(words)}")
    return value
