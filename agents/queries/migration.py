"""Sources of online migrations: whether they fit, and whether a cache has all that its source has written."""

import time
from ipaddress import ip_address

from cachewright.agents.engines.driver import having
from cachewright.agents.planning.links import reach
from cachewright.agents.planning.sizing import size_of
from cachewright.agents.planning.verdicts import Later, Never
from cachewright.agents.reconcile.source_access import access_to
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Address, Cache
from cachewright.controlplane.model.migration import SourceCheck, called, unfit_source
from cachewright.controlplane.model.upstreams import Upstream

WITHIN = 2.0  # seconds for nodes to receive what the source had written when it was asked
_POLL = 0.01  # seconds between two looks


def checked(tools: Tools, cache: Cache, source: Upstream) -> SourceCheck:
    """Whether a cache can follow a source. To a container the loopback address is its own: the engine's machine is
    meant, and reached as containers reach it.
    """
    here = is_loopback(source.host)
    if here and tools.ports is not None:
        there = "containers reach this machine by another name, such as host.docker.internal; give that one"
        return SourceCheck(source.host, f"{source.host} is each container's own address: {there}")
    host = str(tools.network.host) if here else source.host
    address = Address(host, source.port)
    if refusal := _refusal(tools, cache, address, source):
        where = f" ({source.host} as containers reach it; a source has to listen there, too)" if here else ""
        return SourceCheck(host, f"{address}{where}: {refusal}")
    return SourceCheck(host)


def is_loopback(host: str) -> bool:
    """Whether a host is whoever asks; the unspecified address is, too, to whoever connects."""
    try:
        return ip_address(host).is_loopback or ip_address(host).is_unspecified
    except ValueError:
        return host.lower() == "localhost"


def _refusal(tools: Tools, cache: Cache, address: Address, named: Upstream) -> str:
    own = {*(known.address for known in cache.status.nodes.values()), *cache.status.endpoints.values()}
    if address in own:
        return f"it is an address of the {called(cache.spec)} itself"
    replication = having(tools.drivers[cache.spec.engine].replication, cache.spec.engine, "replication")
    try:
        source = replication.source(address, access_to(tools, named))
    except (Later, Never) as verdict:
        return verdict.reason
    build = next(iter(cache.status.nodes.values())).build
    return unfit_source(source, cache.spec, build, size_of(cache.spec, tools.machine).items)


def unsynced(tools: Tools, cache: Cache) -> str:
    """Which node lacks something that the source had written when it was asked, after as long as it may take."""
    upstream, driver = cache.spec.upstream, tools.drivers[cache.spec.engine]
    if upstream is None:
        return ""
    replication = having(driver.replication, cache.spec.engine, "replication")
    try:
        offset = replication.source(Address(upstream.host, upstream.port), access_to(tools, upstream)).offset
    except (Later, Never) as verdict:
        return f"{upstream}: {verdict.reason}"
    deadline = time.monotonic() + WITHIN
    names = [node.name for node in cache.spec.nodes]
    while behind := [name for name in names if not _has(tools, cache, name, offset)]:
        if time.monotonic() > deadline:
            return f"node {behind[0]} does not have everything that {upstream} has"
        time.sleep(_POLL)
    return ""


def _has(tools: Tools, cache: Cache, name: str, offset: int) -> bool:
    answer = tools.drivers[cache.spec.engine].look(reach(cache.status, name))
    place = answer.replication if answer else None
    return place is not None and place.linked and not place.leads and place.offset >= offset
