"""Specs, reports and records as JSON documents."""

from functools import cache, lru_cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from cachewright.controlplane.model.cache import Spec, Status
from cachewright.controlplane.model.presentation import Presentation

Record = TypeVar("Record")

KEPT = 2048  # documents that are not decoded again: they are values, and most are read far more often than written


@cache
def _spec() -> TypeAdapter[Spec]:
    return TypeAdapter(Spec)


@cache
def _status() -> TypeAdapter[Status]:
    return TypeAdapter(Status)


@cache
def _presentation() -> TypeAdapter[Presentation]:
    return TypeAdapter(Presentation)


@cache
def _record(kind: Any) -> TypeAdapter[Any]:  # noqa: ANN401 - a type
    return TypeAdapter(kind)


def spec_to_json(spec: Spec) -> str:
    """The document of a spec."""
    return _spec().dump_json(spec, exclude_defaults=True).decode()


@lru_cache(KEPT)
def spec_from_json(document: str) -> Spec:
    """The spec in a document."""
    return _spec().validate_json(document)


def presentation_to_json(presentation: Presentation) -> str:
    """The document of what is shown."""
    return _presentation().dump_json(presentation, exclude_defaults=True).decode()


@lru_cache(KEPT)
def presentation_from_json(document: str) -> Presentation:
    """What is shown, out of a document."""
    return _presentation().validate_json(document)


def status_to_json(status: Status) -> str:
    """The document of a report."""
    return _status().dump_json(status, exclude_defaults=True).decode()


@lru_cache(KEPT)
def status_from_json(document: str) -> Status:
    """The report in a document."""
    return _status().validate_json(document)


def record_to_json(record: object) -> str:
    """The document of a record."""
    kind: object = type(record)
    return _record(kind).dump_json(record, exclude_defaults=True).decode()


def record_from_json(kind: type[Record], document: str) -> Record:
    """The record of that kind in a document."""
    same: object = kind
    record: Record = _decoded(same, document)
    return record


@lru_cache(KEPT)
def _decoded(kind: object, document: str) -> Any:  # noqa: ANN401 - of that kind
    return _record(kind).validate_json(document)
