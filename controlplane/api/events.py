"""DescribeEvents: what happened, the newest first."""

from datetime import UTC, datetime, timedelta

from cachewright.controlplane.api.common.context import Answer, Context, Params
from cachewright.controlplane.api.common.operation import Operation, Operations
from cachewright.controlplane.model.events import HISTORY, DatedEvent, Event
from cachewright.controlplane.model.faults import invalid_combination, invalid_value
from cachewright.controlplane.model.pages import invalid_marker, page_of
from cachewright.controlplane.store.events import EventQuery

USUAL = 60  # minutes that are looked back on unless the request says otherwise
LONGEST = int(HISTORY.total_seconds()) // 60  # minutes
_BEGIN, _TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_DIGITS = 17  # of both at most: the year 5138
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
    read = context.transaction.events.newest(query, _shown_last(page.after), page.limit)
    shown, marker = page.cut(read, _place)
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


def _place(record: DatedEvent) -> str:
    """Where the next page goes on: a moment in microseconds, and a number."""
    return f"{(record.date - _BEGIN) // _TICK} {record.number}"


def _shown_last(after: str) -> DatedEvent | None:
    """Of the event that the page before ended with, what `_place` tells."""
    if not after:
        return None
    moment, _, number = after.partition(" ")
    if not (moment.isdecimal() and number.isdecimal()) or max(len(moment), len(number)) > _DIGITS:
        raise invalid_marker()
    return DatedEvent(Event("", "", ""), _BEGIN + int(moment) * _TICK, int(number))


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
