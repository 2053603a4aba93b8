"""Telling the directory who is listed."""

from cachewright.agents.directory import blueprint
from cachewright.agents.directory.members import listing_of
from cachewright.agents.planning.endpoints.routes import CONFIGURATION
from cachewright.agents.planning.labels import DIRECTORY
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.controlplane.model.cache import Discovery


def publish(acting: Acting, discovery: Discovery) -> None:
    """This is the list of a cluster. For an encrypted one the directory needs a certificate first."""
    tools, port, listing = acting.tools, discovery.address.port, listing_of(acting.status, discovery)
    if listing.encrypted:
        tools.directory.state()  # it may just be starting; without its container nothing can be copied into that
        identity = tools.secret_store.identity(_host_names(acting))
        keys = blueprint.keys(port, identity.certificate, identity.key, identity.authority)
        for container in tools.runtime.containers(DIRECTORY):
            tools.runtime.copy(container.name, [keys], blueprint.USER)
    tools.directory.publish(port, listing)


def _host_names(acting: Acting) -> tuple[str, ...]:
    """How clients may call the configuration endpoint, whether host names are shown or not."""
    address = acting.status.endpoints[CONFIGURATION].host
    return (address, *acting.tools.naming.names(acting.cache, CONFIGURATION), "localhost", "127.0.0.1")
