"""The source of an online migration, as requests name it."""

import re

from cachewright.controlplane.api.common.context import Context, Params
from cachewright.controlplane.model import questions
from cachewright.controlplane.model.cache import Cache
from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.migration import SourceCheck

_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}|::[0-9a-fA-F:.]{1,43}")


def checked_source(context: Context, cache: Cache, params: Params) -> tuple[int, SourceCheck]:
    """The port of the source that a request names, and what an agent says of it; Fault for what is no address."""
    endpoints = params.get("CustomerNodeEndpointList") or []
    if len(endpoints) != 1:
        raise invalid_value("CustomerNodeEndpointList must have exactly one element.")
    host, port = endpoints[0].get("Address", ""), endpoints[0].get("Port")
    if not _HOST.fullmatch(host):
        raise invalid_value(f"Invalid Address in CustomerNodeEndpointList: {host}")
    if port is None or not 1 <= port <= 65535:
        raise invalid_value(f"Invalid Port in CustomerNodeEndpointList: {port}")
    return port, context.answers.to(questions.source(cache, host, port))
