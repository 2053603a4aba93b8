"""What the containers of a cache are once deeds are done, where that is known without a look at them. Pure."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import reduce

from cachewright.agents.planning.actions import (
    SPOKEN,
    Action,
    Adopt,
    PublishDiscovery,
    PublishDns,
    Recycle,
    Remove,
    Route,
    Unroute,
    WithdrawDiscovery,
)
from cachewright.agents.planning.containers import Container, State
from cachewright.agents.planning.world import Sight, World

# Words to engines, to the gateway and to the directory: no container is another one afterwards.
_WORDS = (*SPOKEN, Route, Unroute, PublishDiscovery, WithdrawDiscovery, PublishDns)
_KNOWN = (*_WORDS, Adopt, Recycle, Remove)


def after(world: World, actions: Iterable[Action], name: Callable[[str], str]) -> World | None:
    """The containers once all of these are done; None when they have to be looked at: what is no node's any more of
    volumes follows from a look. `name` tells what the container of a node is called.
    """
    every = tuple(actions)
    if not all(isinstance(action, SPOKEN if world.volumes or world.stray_volumes else _KNOWN) for action in every):
        return None
    gone = {action.container for action in every if isinstance(action, Recycle | Remove)}
    called = {action.node: name(action.node) for action in every if isinstance(action, Adopt)}
    return _without(reduce(_renamed, called.items(), world), gone)


def suffices(world: World, actions: Iterable[Action]) -> bool:
    """Whether engines have said by now what has to be known after these: everybody who runs did, and was told nothing
    since.
    """
    running = [one for one in world.nodes.values() if one.container and one.container.state is State.RUNNING]
    return all(sight.answer for sight in running) and not any(isinstance(action, SPOKEN) for action in actions)


def _renamed(world: World, called: tuple[str, str]) -> World:
    node, name = called
    sight = world.at(node)
    if sight.container is None:
        return world
    return replace(world, nodes={**world.nodes, node: replace(sight, container=replace(sight.container, name=name))})


def _without(world: World, gone: Collection[str]) -> World:
    if not gone:
        return world
    left = {node: _left(sight, gone) for node, sight in world.nodes.items()}
    there = {node: sight for node, sight in left.items() if sight.containers}
    return replace(world, nodes=there, strays=tuple(name for name in world.strays if name not in gone))


def _left(sight: Sight, gone: Collection[str]) -> Sight:
    def unless_gone(container: Container | None) -> Container | None:
        return None if container is None or container.name in gone else container

    container = unless_gone(sight.container)
    answer = sight.answer if container else None
    relay, delayer = unless_gone(sight.relay), unless_gone(sight.delayer)
    return replace(sight, container=container, answer=answer, relay=relay, delayer=delayer)
