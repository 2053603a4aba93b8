"""Whoever puts metrics somewhere, if anybody does."""

from collections.abc import Callable
from datetime import datetime
from threading import Event
from typing import Protocol

from cachewright.controlplane.model.metrics.own import SenderFigures
from cachewright.controlplane.model.metrics.samples import Collected


class Sender(Protocol):
    """Sends each minute."""

    @property
    def figures(self) -> SenderFigures:
        """How that went so far."""

    def follow(self, stop: Event) -> None:
        """Send until `stop` is set."""


def sender_to(
    endpoint: str, collect: Callable[[], Collected], clock: Callable[[], datetime], holds: Callable[[], bool]
) -> Sender | None:
    """The sender to the CloudWatch at a URL, which sends while it `holds` that duty; None without one."""
    if not endpoint:
        return None
    from cachewright.agents.outward.metrics.cloudwatch import CloudWatch  # noqa: PLC0415 - botocore's clients take 0.1 s to import

    return CloudWatch(endpoint, collect, clock, holds=holds)
