"""What is done to containers."""

from typing import assert_never

from cachewright.agents.planning.actions import (
    Adopt,
    Delay,
    Discard,
    Disconnect,
    Launch,
    OfContainers,
    Recycle,
    Reinstate,
    Relay,
    Remove,
    RemoveVolume,
    Restart,
    Unpause,
)
from cachewright.agents.planning.containers import USER
from cachewright.agents.reconcile.act.acting import Acting


def carry_out(acting: Acting, action: OfContainers) -> None:
    """Do it."""
    runtime, blueprints = acting.tools.runtime, acting.blueprints
    match action:
        case Launch(node):
            acting.disconnect([node])
            _make_volume(acting, action)
            runtime.launch(blueprints.node(action))
        case Adopt(node):
            acting.tools.ahead.take(ahead := acting.status.nodes[node].ahead)
            runtime.rename(ahead, blueprints.name(node))
        case Recycle(node, container):
            acting.disconnect([node])
            if not acting.tools.ahead.recycle(acting.tools, acting.cache, node, container):
                runtime.remove(container)
        case Remove(container):
            runtime.remove(container)
        case RemoveVolume(volume):
            runtime.remove_volume(volume)
        case Restart(container):
            _discard(acting, container)
            runtime.restart(container)
        case Discard(container, node):
            if contents := acting.driver.contents:
                contents.settle(acting.reach(node))
            _discard(acting, container)
        case Unpause(container):
            runtime.unpause(container)
        case Disconnect(container):
            runtime.disconnect(container)
        case Reinstate(container, address):
            runtime.connect(container, address)
            runtime.unpause(container)
        case Relay():
            runtime.launch(blueprints.relay(action))
        case Delay():
            runtime.launch(blueprints.delay(action))
        case _:
            assert_never(action)


def _make_volume(acting: Acting, launch: Launch) -> None:
    """The node's volume is there, with its labels; who begins with something else finds nothing there."""
    volume, runtime = acting.status.nodes[launch.node].volume, acting.tools.runtime
    if not volume:
        return
    if launch.seed or launch.anew:
        runtime.remove(acting.blueprints.name(launch.node))
        runtime.remove_volume(volume)
    runtime.create_volume(volume, acting.blueprints.labels(launch.node), acting.status.nodes[launch.node].host)


def _discard(acting: Acting, container: str) -> None:
    """What a node holds is lost as it is restarted: it would load the file of a save that nobody took away, or the one
    that it began with.
    """
    if persistence := acting.driver.persistence:
        acting.tools.runtime.copy(container, [persistence.discarded()], USER)
