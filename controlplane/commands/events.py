"""`cachewright events`: what happened, from the oldest to the newest."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.markup import escape

from cachewright.controlplane.commands.aws import asking, elasticache
from cachewright.controlplane.commands.plane import ControlPlane

PAUSE = 0.5  # seconds between two questions
Event = Mapping[str, Any]
Events = Callable[[timedelta], list[Event]]
"""The events of a time that ends now."""


def show(events: Events, console: Console, *, follow: bool, as_json: bool) -> None:
    """Print the events of the last hour; with `follow` also those to come."""
    with suppress(KeyboardInterrupt):
        for event in _following(events) if follow else events(timedelta(hours=1)):
            console.print(_line(event, as_json=as_json), highlight=False, soft_wrap=True)


def of(plane: ControlPlane, region: str, source: str) -> Events:
    """Where events come from, of one source if it is given; NoAnswer when there is no answer."""

    def told(span: timedelta) -> list[Event]:
        with asking(plane, "read events"):
            paginator = elasticache(plane, region).get_paginator("describe_events")
            pages = paginator.paginate(StartTime=datetime.now(UTC) - span)
            events = [event for page in pages for event in page["Events"]]
        return [event for event in reversed(events) if source in ("", event["SourceIdentifier"])]

    return told


def _following(events: Events) -> Iterator[Event]:
    """Each once. Events of the same moment may come one after the other, so a little more is asked for each time."""
    known: list[Event] = []
    span = timedelta(hours=1)
    while True:
        now = events(span)
        yield from (event for event in now if event not in known)
        known, span = now, timedelta(minutes=1)
        time.sleep(PAUSE)


def _line(event: Event, *, as_json: bool) -> str:
    if as_json:
        return escape(json.dumps({**event, "Date": event["Date"].isoformat()}))
    moment = f"{event['Date'].astimezone():%H:%M:%S.%f}"[:-3]
    return f"[dim]{moment}[/]  {escape(event['SourceIdentifier'])}  {escape(event['Message'])}"
