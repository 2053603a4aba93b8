"""What takes logs: services at endpoints of the user's, or files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cachewright.agents.planning.log_records import Record
from cachewright.controlplane.model.cache import Key, Node
from cachewright.controlplane.model.log_delivery import DestinationType, LogConfiguration
from cachewright.controlplane.model.versions import Engine


class Undeliverable(Exception):  # noqa: N818 - what became of a delivery is no error of this program's
    """Why nothing can be delivered now, in words for a person; `code` is AWS's, if a service said one."""

    def __init__(self, words: str, code: str = "") -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class LogStream:
    """One log of one node."""

    key: Key
    engine: Engine
    node: Node
    configuration: LogConfiguration

    @property
    def name(self) -> str:
        """As AWS names the stream in a log group. Source: the user guide, Logging destinations."""
        return f"elasticache/{self.engine}/{self.node.cluster}/{self.node.id}/{self.configuration.type}"


class Destination(Protocol):
    """What takes logs. Whatever keeps it from that raises Undeliverable."""

    def check(self, key: Key, configuration: LogConfiguration) -> None:
        """Whether it is there."""

    def put(self, stream: LogStream, records: Sequence[Record]) -> None:
        """Take records, as many as the limits of the service allow, from the oldest to the newest."""


Destinations = Mapping[DestinationType, Destination]
