"""Where notifications go: the SNS of the user's, or a file."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cachewright.controlplane.model.notifications import Notice
from cachewright.controlplane.settings import Settings

FILE = "notifications.jsonl"  # of the data directory


class Refused(Exception):  # noqa: N818 - what became of a notification is no error of this program's
    """A topic takes no notification, this one or another; `str` says why."""


class Unpublished(Exception):  # noqa: N818
    """A notification did not arrive, and may another time; `str` says why."""


class Publisher(Protocol):
    """Takes one notification after the other; of different topics, in several threads at the same time."""

    def publish(self, notice: Notice) -> None:
        """Returns when it is there. Refused or Unpublished."""


@dataclass(frozen=True, slots=True)
class NotificationFile:
    """Implements `Publisher`: a line of JSON for each. It is opened for each, so it may be moved away or removed."""

    path: Path

    def publish(self, notice: Notice) -> None:
        """See `Publisher`."""
        content = {"Date": notice.date.isoformat(), "TopicArn": notice.topic.arn, "Message": notice.message}
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(content) + "\n")
        except OSError as error:
            raise Unpublished(f"cannot write {self.path}: {error.strerror}") from error


def publisher_of(settings: Settings) -> Publisher:
    """Where the notifications of an installation go."""
    if not settings.sns_endpoint:
        return NotificationFile(settings.files / FILE)
    from cachewright.agents.outward.sns import Sns  # noqa: PLC0415 - botocore's clients take 0.1 s to import

    return Sns(settings.sns_endpoint)
