"""Answers of services that take logs, and what comes in their place."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.config import Config

from cachewright.agents.aws import Denied, Service, Unanswered, Unusable
from cachewright.agents.outward.logs.destinations import Undeliverable

CONFIG = Config(connect_timeout=1.0, read_timeout=5.0, retries={"total_max_attempts": 1})


@contextmanager
def told(service: Service, region: str, what: str) -> Iterator[Any]:
    """The client of a region, for one request; Undeliverable for what comes of it but an answer. `what` it is about."""
    try:
        with service.answers(region) as client:
            yield client
    except Unanswered as error:
        raise Undeliverable(f"Cannot deliver to {what}: {service.endpoint} does not answer as it should.") from error
    except Unusable as error:
        code = error.code if isinstance(error, Denied) else ""
        raise Undeliverable(f"Cannot deliver to {what}: {error}", code) from error


def field_of(answer: Mapping[str, Any], field: str) -> Any:  # noqa: ANN401 - whatever a field of an answer is
    """A field of an answer; ValueError for one without it: botocore takes any page of a web server for an answer."""
    if field not in answer:
        raise ValueError("it answers something else")
    return answer[field]
