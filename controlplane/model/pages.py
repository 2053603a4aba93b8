"""Answers in pages: AWS's MaxRecords and Marker; of operations on serverless caches MaxResults and NextToken."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from cachewright.controlplane.model.faults import Fault, invalid_value

FEWEST = 20
MOST = 100
MOST_RESULTS = 50
TOKEN = "NextToken"  # noqa: S105 - of a page
BETWEEN = "\n"  # an operation and the record at which its next page goes on, in a marker

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Page:
    """What a request wants to see: `size` records behind the one called `after`, from the first when that is empty."""

    operation: str
    size: int
    after: str
    next: str = "Marker"  # what AWS calls the place of the next page

    @property
    def limit(self) -> int:
        """How many records to read: one more than is shown tells whether there is another page."""
        return self.size + 1

    def cut(self, records: Sequence[Record], name: Callable[[Record], str]) -> tuple[Sequence[Record], dict[str, str]]:
        """Of the records that were read, those of this page, and the place of the next one if there is one."""
        if len(records) <= self.size:
            return records, {}
        shown = records[: self.size]
        return shown, {self.next: _marker(self.operation, name(shown[-1]))}


def page_of(operation: str, params: Mapping[str, Any], most: int = MOST) -> Page:
    """The page that a request asks for, of at most so many. Faults: MaxRecords out of range, a Marker that it never
    gave out.
    """
    size = params.get("MaxRecords", most)
    if not FEWEST <= size <= most:
        raise invalid_value(f"Invalid value {size} for MaxRecords. Must be between {FEWEST} and {most}")
    marker = params.get("Marker")
    return Page(operation, size, _after(operation, marker) if marker else "")


def page_of_results(operation: str, params: Mapping[str, Any]) -> Page:
    """The page that a request about serverless caches asks for. Faults: MaxResults out of range, a NextToken that it
    never gave out.
    """
    size = params.get("MaxResults", MOST_RESULTS)
    if not 1 <= size <= MOST_RESULTS:
        raise invalid_value(f"Invalid value {size} for MaxResults. Must be between 1 and {MOST_RESULTS}")
    token = params.get(TOKEN)
    return Page(operation, size, _after(operation, token, TOKEN) if token else "", TOKEN)


def invalid_marker(name: str = "Marker") -> Fault:
    """The refusal of a Marker that was not given out."""
    return invalid_value(f"Invalid value for {name}.")


def _marker(operation: str, after: str) -> str:
    return urlsafe_b64encode(f"{operation}{BETWEEN}{after}".encode()).decode()


def _after(operation: str, marker: str, name: str = "Marker") -> str:
    """Where the page begins. The marker must be as it is written here: decoding alone skips what is no base64."""
    try:
        after = urlsafe_b64decode(marker.encode("ascii")).decode().partition(BETWEEN)[2]
    except ValueError:
        raise invalid_marker(name) from None
    if not after or marker != _marker(operation, after):
        raise invalid_marker(name)
    return after
