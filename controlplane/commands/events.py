"""`cachewright events`: what happened, from the oldest to the newest."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from cachewright.controlplane.commands.aws import elasticache
from cachewright.controlplane.commands.plane import ControlPlane, NoAnswer
from cachewright.controlplane.model.access_keys import AccessKey

PAUSE = 0.5  # seconds between two questions
Event = Mapping[str, Any]


def show(plane: ControlPlane, source: str, console: Console, *, follow: bool, as_json: bool) -> None:
    """Print the events of the last hour, of one source if it is given; with `follow` also those to come."""
    with suppress(KeyboardInterrupt):
        for event in _following(plane, source) if follow else told(plane, source, timedelta(hours=1)):
            console.print(_line(event, as_json=as_json), highlight=False, soft_wrap=True)


def as_account(plane: ControlPlane, account: str) -> ControlPlane:
    """The same control plane, asked by an account; where keys are wanted, the key tells the account."""
    return plane if plane.key or not account else replace(plane, key=AccessKey(account, "any"))


def told(plane: ControlPlane, source: str, span: timedelta) -> list[Event]:
    """The events of a time that ends now; NoAnswer when there is no answer."""
    pages = elasticache(plane).get_paginator("describe_events").paginate(StartTime=datetime.now(UTC) - span)
    try:
        events = [event for page in pages for event in page["Events"]]
    except (BotoCoreError, ClientError) as error:
        raise NoAnswer(f"cannot read the events of {plane.url}: {error}") from error
    return [event for event in reversed(events) if source in ("", event["SourceIdentifier"])]


def _following(plane: ControlPlane, source: str) -> Iterator[Event]:
    """Each once. Events of the same moment may come one after the other, so a little more is asked for each time."""
    known: list[Event] = []
    span = timedelta(hours=1)
    while True:
        now = told(plane, source, span)
        yield from (event for event in now if event not in known)
        known, span = now, timedelta(minutes=1)
        time.sleep(PAUSE)


def _line(event: Event, *, as_json: bool) -> str:
    if as_json:
        return escape(json.dumps({**event, "Date": event["Date"].isoformat()}))
    moment = f"{event['Date'].astimezone():%H:%M:%S.%f}"[:-3]
    return f"[dim]{moment}[/]  {escape(event['SourceIdentifier'])}  {escape(event['Message'])}"
