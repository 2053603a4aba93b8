"""Telling the directory who is listed."""

from agents.directory import recipe
from agents.directory.members import listing_of
from agents.planning.routes import CONFIGURATION
from agents.registrar import DIRECTORY
from agents.tools import Tools
from controlplane.model.cache import Cache, Discovery, Status


def enlist(tools: Tools, cache: Cache, status: Status, discovery: Discovery) -> None:
    """This is the list of a cluster. For an encrypted one the directory needs a certificate first."""
    port, listing = discovery.address.port, listing_of(status, discovery)
    if listing.encrypted:
        tools.directory.state()  # it may just be starting; without its container nothing can be copied into that
        identity = tools.guard.identity(_called(tools, cache, status))
        keys = recipe.keys(port, identity.certificate, identity.key, identity.authority)
        for container in tools.runtime.containers(DIRECTORY):
            tools.runtime.copy(container.name, [keys], recipe.USER)
    tools.directory.enlist(port, listing)


def _called(tools: Tools, cache: Cache, status: Status) -> tuple[str, ...]:
    """How clients may call the configuration endpoint, whether host names are told or not."""
    address = status.endpoints[CONFIGURATION].host
    return (address, *tools.naming.names(cache, CONFIGURATION), "localhost", "127.0.0.1")
