"""Where endpoints lead, and what the directory answers."""

from typing import assert_never

from cachewright.agents.planning.actions import (
    OfEndpoints,
    PublishDiscovery,
    PublishDns,
    Route,
    Unroute,
    WithdrawDiscovery,
)
from cachewright.agents.reconcile.act.acting import Acting
from cachewright.agents.reconcile.act.discovery import publish
from cachewright.agents.reconcile.act.dns import set_names
from cachewright.agents.reconcile.families import in_families


def carry_out(acting: Acting, action: OfEndpoints) -> None:
    """Do it."""
    gateway, directory = acting.tools.gateway, acting.tools.directory
    match action:
        case Route(routes, sole):
            gateway.route(in_families(acting.tools.network, acting.cache.spec, routes), sole)
        case Unroute(endpoints):
            gateway.unroute(*in_families(acting.tools.network, acting.cache.spec, dict.fromkeys(endpoints, ())))
        case PublishDiscovery(discovery):
            publish(acting, discovery)
        case WithdrawDiscovery(port):
            directory.withdraw(port)
        case PublishDns():
            set_names(acting, action)
        case _:
            assert_never(action)
