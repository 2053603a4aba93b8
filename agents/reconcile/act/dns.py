"""Telling the directory the host names of a cache."""

from collections.abc import Mapping
from dataclasses import replace

from cachewright.agents.gateway.published import LOCAL
from cachewright.agents.planning.actions import PublishDns
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Key


def set_names(acting: Acting, told: PublishDns) -> None:
    """These are the names of a cache, and no others. Those of nodes that it took over are told by it from now on.

    Whoever asks the directory is on its network, where the gateway's own address stands for published endpoints.
    """
    tools, cache = acting.tools, acting.cache
    suffix = tools.naming.suffix
    for origin in cache.spec.origins:
        former = replace(cache.key, kind=origin.kind, id=origin.id)
        tools.directory.set_names(owner(former, origin.incarnation), {}, suffix)
    tools.directory.set_names(owner(cache.key, cache.incarnation), inside(tools, told.names), suffix)
    endpoints = (*cache.status.endpoints.values(), *acting.status.endpoints.values())
    tools.gateway.name({endpoint: told.led.get(endpoint, ()) for endpoint in endpoints})


def inside(tools: Tools, names: Mapping[str, str]) -> dict[str, str]:
    """What names lead to on Cachewright's network."""
    gateway = str(tools.network.gateway)
    return {name: gateway if address == LOCAL else address for name, address in names.items()}


def owner(key: Key, incarnation: str) -> str:
    """How the directory knows a cache; an earlier one of the same name is another one."""
    return f"{key} {incarnation}"
