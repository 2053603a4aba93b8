"""Firehose at an endpoint of the user's.

Source: the API reference of Firehose, PutRecordBatch and DescribeDeliveryStream.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cachewright.agents.aws import Service
from cachewright.agents.outward.logs.answers import CONFIG, field_of, told
from cachewright.agents.outward.logs.destinations import LogStream, Undeliverable
from cachewright.agents.planning.log_records import Record
from cachewright.controlplane.model.cache import Key
from cachewright.controlplane.model.log_delivery import LogConfiguration

ATTEMPTS = 3  # of records that a batch was taken without


@dataclass(slots=True, eq=False)
class Firehose:
    """Implements `Destination`. Records of all nodes go to one stream, a line each."""

    endpoint: str  # a URL
    _service: Service = field(init=False)

    def __post_init__(self) -> None:
        self._service = Service("firehose", self.endpoint, CONFIG)

    def check(self, key: Key, configuration: LogConfiguration) -> None:
        """The delivery stream has to be there: nobody makes it."""
        name = configuration.name
        with told(self._service, key.region, f"delivery stream {name}") as client:
            field_of(client.describe_delivery_stream(DeliveryStreamName=name), "DeliveryStreamDescription")

    def put(self, stream: LogStream, records: Sequence[Record]) -> None:
        """See `Destination`. What Firehose did not take of a batch is sent again, by itself."""
        name = stream.configuration.name
        left = [{"Data": record.text.encode() + b"\n"} for record in records]
        with told(self._service, stream.key.region, f"delivery stream {name}") as client:
            for _ in range(ATTEMPTS):
                answer = client.put_record_batch(DeliveryStreamName=name, Records=left)
                taken = field_of(answer, "RequestResponses")
                left = [sent for sent, one in zip(left, taken, strict=True) if one.get("ErrorCode")]
                if not left:
                    return
        raise Undeliverable(f"The delivery stream {name} did not take {len(left)} records.")
