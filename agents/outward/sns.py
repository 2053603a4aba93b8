"""An SNS at an endpoint of the user's."""

from dataclasses import dataclass, field

from botocore.config import Config

from cachewright.agents.aws import Denied, Service, Unusable
from cachewright.agents.outward.publishers import Refused, Unpublished
from cachewright.controlplane.model.notifications import Notice

# SNS says these of the topic itself. Whatever else it says, such as of the credentials, may be mended without it.
# Source: the API reference of SNS, Publish.
_FINAL = frozenset({"NotFound", "AuthorizationError", "InvalidParameter"})
_KMS = "KMS"  # an encrypted topic: AWS publishes to none
_PATIENT = Config(connect_timeout=2.0, read_timeout=5.0, retries={"total_max_attempts": 1})


@dataclass(slots=True, eq=False)
class Sns:
    """Implements `Publisher`, with the credentials of the user's AWS environment."""

    endpoint: str  # a URL
    _service: Service = field(init=False)

    def __post_init__(self) -> None:
        self._service = Service("sns", self.endpoint, _PATIENT)

    def publish(self, notice: Notice) -> None:
        """See `Publisher`."""
        try:
            with self._service.answers(notice.topic.region) as client:
                answer = client.publish(TopicArn=notice.topic.arn, Message=notice.message)
        except Denied as error:
            final = error.code in _FINAL or error.code.startswith(_KMS)
            raise (Refused if final else Unpublished)(str(error)) from error
        except Unusable as error:
            raise Unpublished(str(error)) from error
        if not answer.get("MessageId"):
            raise Unpublished(f"{self.endpoint} answers as no SNS does")
