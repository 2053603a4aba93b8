"""Answers in pages: AWS's MaxRecords and Marker."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from cachewright.controlplane.model.faults import invalid_value

FEWEST = 20
MOST = 100

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Page:
    """What a request wants to see: `size` records behind the one called `after`, from the first when that is empty."""

    size: int
    after: str

    @property
    def limit(self) -> int:
        """How many records to read: one more than is shown tells whether there is another page."""
        return self.size + 1

    def cut(self, records: Sequence[Record], name: Callable[[Record], str]) -> tuple[Sequence[Record], dict[str, str]]:
        """Of the records that were read, those of this page, and the `Marker` of the next one if there is one."""
        if len(records) <= self.size:
            return records, {}
        shown = records[: self.size]
        return shown, {"Marker": urlsafe_b64encode(name(shown[-1]).encode()).decode()}


def page_of(params: Mapping[str, Any]) -> Page:
    """The page that a request asks for. Faults: MaxRecords out of range, a Marker that no answer had."""
    size = params.get("MaxRecords", MOST)
    if not FEWEST <= size <= MOST:
        raise invalid_value(f"Invalid value {size} for MaxRecords. Must be between {FEWEST} and {MOST}")
    return Page(size, _after(params.get("Marker") or ""))


def _after(marker: str) -> str:
    try:
        return urlsafe_b64decode(marker.encode("ascii")).decode()
    except ValueError:
        raise invalid_value("Invalid value for Marker.") from None
