"""Where notifications go: the SNS of the user's, or a file."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cachewright.agents.aws import Denied, Service, Unanswered
from cachewright.controlplane.model.notifications import Notice
from cachewright.controlplane.settings import Settings

FILE = "notifications.jsonl"  # of the data directory
# SNS says these of the topic itself. Whatever else it says, such as of the credentials, may be mended without it.
# Source: the API reference of SNS, Publish.
_FINAL = frozenset({"NotFound", "AuthorizationError", "InvalidParameter"})
_KMS = "KMS"  # an encrypted topic: AWS publishes to none


class Refused(Exception):  # noqa: N818 - what became of a notification is no error of this program's
    """A topic takes no notification, this one or another; `str` says why."""


class Publisher(Protocol):
    """Takes one notification after the other; of different topics, in several threads at the same time."""

    def publish(self, notice: Notice) -> None:
        """Returns when it is there. Refused by its topic; `aws.Unusable` for what another time may be done."""


@dataclass(slots=True, eq=False)
class Sns:
    """Implements `Publisher`: an SNS at an endpoint, with the credentials of the user's AWS environment."""

    endpoint: str  # a URL
    _service: Service = field(init=False)

    def __post_init__(self) -> None:
        from botocore.config import Config  # noqa: PLC0415 - who has no endpoint needs none

        patient = Config(connect_timeout=2.0, read_timeout=5.0, retries={"total_max_attempts": 1})
        self._service = Service("sns", self.endpoint, patient)

    def publish(self, notice: Notice) -> None:
        """See `Publisher`."""
        try:
            with self._service.answers(notice.topic.region) as client:
                answer = client.publish(TopicArn=notice.topic.arn, Message=notice.message)
        except Denied as error:
            if error.code in _FINAL or error.code.startswith(_KMS):
                raise Refused(str(error)) from error
            raise
        if not answer.get("MessageId"):
            raise Unanswered(f"{self.endpoint} answers as no SNS does")


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
            raise Unanswered(f"cannot write {self.path}: {error.strerror}") from error


def publisher_of(settings: Settings) -> Publisher:
    """Where the notifications of an installation go."""
    if settings.sns_endpoint:
        return Sns(settings.sns_endpoint)
    return NotificationFile(settings.data_dir / FILE)
