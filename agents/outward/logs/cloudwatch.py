"""CloudWatch Logs at an endpoint of the user's.

Source: the API reference of CloudWatch Logs, PutLogEvents, CreateLogStream and DescribeLogGroups.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cachewright.agents.aws import Service
from cachewright.agents.outward.logs.answers import CONFIG, field_of, told
from cachewright.agents.outward.logs.destinations import LogStream, Undeliverable
from cachewright.agents.planning.log_delivery import in_order
from cachewright.agents.planning.log_records import Record
from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.log_delivery import LogConfiguration

_THERE, _ABSENT = "ResourceAlreadyExistsException", "ResourceNotFoundException"


@dataclass(slots=True, eq=False)
class CloudWatchLogs:
    """Implements `Destination`."""

    endpoint: str  # a URL
    _service: Service = field(init=False)

    def __post_init__(self) -> None:
        self._service = Service("logs", self.endpoint, CONFIG)

    def check(self, key: Key, configuration: LogConfiguration) -> None:
        """The log group has to be there: nobody makes it."""
        name = configuration.name
        with told(self._service, key.region, f"log group {name}") as client:
            groups = field_of(client.describe_log_groups(logGroupNamePrefix=name), "logGroups")
            if name not in [str(group.get("logGroupName")) for group in groups]:
                raise Undeliverable(f"The log group {name} does not exist.")

    def put(self, stream: LogStream, records: Sequence[Record]) -> None:
        """See `Destination`. The log stream is made when it is not there."""
        try:
            self._put(stream, records)
        except Undeliverable as refusal:
            if refusal.code != _ABSENT:
                raise
            self._create(stream)
            self._put(stream, records)

    def _put(self, stream: LogStream, records: Sequence[Record]) -> None:
        group, events = stream.configuration.name, list(map(_event, in_order(records)))
        with told(self._service, stream.key.region, f"log group {group}") as client:
            answer = client.put_log_events(logGroupName=group, logStreamName=stream.name, logEvents=events)
            field_of(answer, "nextSequenceToken")  # it means nothing any more, but every one has it

    def _create(self, stream: LogStream) -> None:
        group = stream.configuration.name
        try:
            with told(self._service, stream.key.region, f"log group {group}") as client:
                client.create_log_stream(logGroupName=group, logStreamName=stream.name)
        except Undeliverable as refusal:
            if refusal.code != _THERE:
                raise


def _event(record: Record) -> dict[str, object]:
    return {"timestamp": record.moment, "message": record.text}
