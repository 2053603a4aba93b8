"""Telling the directory who is listed."""

from collections.abc import Iterator

from cachewright.agents.directory import blueprint
from cachewright.agents.directory.members import listing_of
from cachewright.agents.planning.containers import File
from cachewright.agents.planning.endpoints.routes import CONFIGURATION
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Discovery


def publish(acting: Acting, discovery: Discovery) -> None:
    """This is the list of a cluster. For an encrypted one the directory needs a certificate first."""
    tools, listing = acting.tools, listing_of(acting.status, discovery)
    keys = keys_of(tools, acting.cache) if listing.encrypted else None
    tools.directory.publish(discovery.address.port, listing, keys)


def keys_of(tools: Tools, cache: Cache) -> File:
    """The keys of an encrypted cluster, for whichever directory answers for it."""
    assert cache.status.discovery, "it is discovered"
    identity = tools.secret_store.identity(tuple(dict.fromkeys(_names(tools, cache))))
    return blueprint.keys(cache.status.discovery.address.port, identity.certificate, identity.key, identity.authority)


def _names(tools: Tools, cache: Cache) -> Iterator[str]:
    """How clients may call the configuration endpoint, whether host names are shown or not, and at whichever host."""
    own = cache.status.endpoints[CONFIGURATION].host
    yield from (own, tools.network.twin(own)) if cache.spec.dual else (own,)
    yield from (host.address for host in tools.hosts.known().values())
    yield from (*tools.naming.names(cache, CONFIGURATION), "localhost", "127.0.0.1")
