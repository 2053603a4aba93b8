"""Telling the directory who is listed."""

from cachewright.agents.directory import blueprint
from cachewright.agents.directory.members import listing_of
from cachewright.agents.planning.endpoints.routes import CONFIGURATION
from cachewright.agents.system.directory import DIRECTORY
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Cache, Discovery, Status


def enlist(tools: Tools, cache: Cache, status: Status, discovery: Discovery) -> None:
    """This is the list of a cluster. For an encrypted one the directory needs a certificate first."""
    port, listing = discovery.address.port, listing_of(status, discovery)
    if listing.encrypted:
        tools.directory.state()  # it may just be starting; without its container nothing can be copied into that
        identity = tools.secret_store.identity(_called(tools, cache, status))
        keys = blueprint.keys(port, identity.certificate, identity.key, identity.authority)
        for container in tools.runtime.containers(DIRECTORY):
            tools.runtime.copy(container.name, [keys], blueprint.USER)
    tools.directory.enlist(port, listing)


def _called(tools: Tools, cache: Cache, status: Status) -> tuple[str, ...]:
    """How clients may call the configuration endpoint, whether host names are told or not."""
    address = status.endpoints[CONFIGURATION].host
    return (address, *tools.naming.names(cache, CONFIGURATION), "localhost", "127.0.0.1")
