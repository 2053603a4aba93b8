"""Specs, reports and parameter groups as JSON documents."""

from functools import cache, lru_cache

from pydantic import TypeAdapter

from cachewright.controlplane.model.cache import Spec, Status
from cachewright.controlplane.model.parameter_groups import ParameterGroup

KEPT = 2048  # documents that are not decoded again: they are values, and most are read far more often than written


@cache
def _spec() -> TypeAdapter[Spec]:
    return TypeAdapter(Spec)


@cache
def _status() -> TypeAdapter[Status]:
    return TypeAdapter(Status)


@cache
def _group() -> TypeAdapter[ParameterGroup]:
    return TypeAdapter(ParameterGroup)


def spec_to_json(spec: Spec) -> str:
    """The document of a spec."""
    return _spec().dump_json(spec, exclude_defaults=True).decode()


@lru_cache(KEPT)
def spec_from_json(document: str) -> Spec:
    """The spec in a document."""
    return _spec().validate_json(document)


def status_to_json(status: Status) -> str:
    """The document of a report."""
    return _status().dump_json(status, exclude_defaults=True).decode()


@lru_cache(KEPT)
def status_from_json(document: str) -> Status:
    """The report in a document."""
    return _status().validate_json(document)


def group_to_json(group: ParameterGroup) -> str:
    """The document of a parameter group."""
    return _group().dump_json(group, exclude_defaults=True).decode()


@lru_cache(KEPT)
def group_from_json(document: str) -> ParameterGroup:
    """The parameter group in a document."""
    return _group().validate_json(document)
