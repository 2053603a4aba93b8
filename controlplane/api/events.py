"""DescribeEvents: what happened, the newest first."""

from datetime import datetime, timedelta

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.model.events import HISTORY, DatedEvent
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.pages import invalid_marker, page_of
from cachewright.controlplane.store.events import EventQuery

USUAL = 60  # minutes that are looked back on unless the request says otherwise
LONGEST = int(HISTORY.total_seconds()) // 60  # minutes
SOURCE_TYPES = (
    "cache-cluster",
    "cache-parameter-group",
    "cache-security-group",
    "cache-subnet-group",
    "replication-group",
    "serverless-cache",
    "serverless-cache-snapshot",
    "user",
    "user-group",
)


def describe_events(context: Context, params: Params) -> Answer:
    """A page of the events of an interval. A source that nobody knows has none."""
    page = page_of("DescribeEvents", params)
    query = _query(context, params)
    read = context.transaction.events.newest(query, _number(page.after), page.limit)
    shown, marker = page.cut(read, lambda record: str(record.number))
    return {"Events": [_event(record) for record in shown], **marker}


def _query(context: Context, params: Params) -> EventQuery:
    source_type = params.get("SourceType")
    if source_type and source_type not in SOURCE_TYPES:
        raise invalid_value(f"Invalid value {source_type} for SourceType. Must be one of: {', '.join(SOURCE_TYPES)}")
    start, end = _interval(params, context.now)
    source = (params.get("SourceIdentifier") or "").lower()
    return EventQuery(context.caller.account, context.caller.region, start, end, source_type, source)


def _interval(params: Params, now: datetime) -> tuple[datetime, datetime]:
    """AWS does not say what a Duration means beside other limits: here it counts from the one that is given."""
    start, end, duration = params.get("StartTime"), params.get("EndTime"), params.get("Duration")
    if duration is not None and not 1 <= duration <= LONGEST:
        raise invalid_value(f"Invalid value {duration} for Duration. Must be between 1 and {LONGEST}")
    if start and end and duration:
        raise invalid_combination("Duration cannot be given with both StartTime and EndTime.")
    span = timedelta(minutes=duration or USUAL)
    if not end:
        end = start + span if start and duration else now
    start = start or end - span
    if end < start:
        raise invalid_combination("EndTime must not be before StartTime.")
    return max(start, now - HISTORY), end


def _number(after: str) -> int | None:
    if not after:
        return None
    if not after.isdecimal():
        raise invalid_marker()
    return int(after)


def _event(record: DatedEvent) -> Answer:
    return {
        "SourceIdentifier": record.event.source,
        "SourceType": record.event.source_type,
        "Message": record.event.message,
        "Date": record.date,
    }


OPERATIONS: Operations = {
    "DescribeEvents": Operation(describe_events, "Complete.", writes=False),
}
