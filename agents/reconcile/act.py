"""Carry out actions. Each raises Later or Never when it fails."""

from dataclasses import dataclass
from typing import assert_never

from cachewright.agents.engines.driver import Driver, Move
from cachewright.agents.engines.redis.acl import acl_rules
from cachewright.agents.engines.settings import Configuration, of_the_group
from cachewright.agents.planning.actions import (
    Action,
    ApplyAcl,
    ApplyParameters,
    AssignSlots,
    ClusterForget,
    ClusterMeet,
    ClusterReplicate,
    EncryptBus,
    ForcedFailover,
    Launch,
    MigrateSlots,
    OfClusters,
    OfContainers,
    OfEndpoints,
    OfReplication,
    Promote,
    PublishDiscovery,
    PublishDns,
    Relay,
    Remove,
    ReplicateFrom,
    RequestAck,
    Restart,
    Route,
    StabilizeSlots,
    Switchover,
    Unpause,
    Unroute,
    WithdrawDiscovery,
)
from cachewright.agents.planning.cluster.nodes import cluster_node_id
from cachewright.agents.planning.links import Reach, reach
from cachewright.agents.planning.sizing import size_of
from cachewright.agents.reconcile.blueprints import Blueprints
from cachewright.agents.reconcile.observe import configuration
from cachewright.agents.reconcile.publish_discovery import enlist
from cachewright.agents.reconcile.publish_dns import call
from cachewright.agents.tools import Tools
from cachewright.controlplane.model.cache import Address, Cache, Status
from cachewright.controlplane.model.slots import Ranges


@dataclass(frozen=True, slots=True)
class Acting:
    """What actions on one cache need to know."""

    tools: Tools
    cache: Cache
    status: Status  # as decided, and written down

    def carry_out(self, action: Action) -> None:
        """Do it."""
        match action:
            case Launch() | Remove() | Restart() | Unpause() | Relay():
                self._contain(action)
            case ReplicateFrom() | RequestAck() | Promote() | ForcedFailover() | Switchover():
                self._replicate(action)
            case (
                ClusterMeet()
                | ClusterForget()
                | ClusterReplicate()
                | EncryptBus()
                | AssignSlots()
                | StabilizeSlots()
                | MigrateSlots()
            ):
                self._cluster(action)
            case ApplyAcl(node):
                self._driver.apply_acl(self._reach(node), acl_rules(self.cache.spec))
            case ApplyParameters(node):
                self._driver.configure(self._reach(node), self._configuration(node))
            case Route() | Unroute() | PublishDiscovery() | WithdrawDiscovery() | PublishDns():
                self._tell(action)
            case _:
                assert_never(action)

    def _contain(self, action: OfContainers) -> None:
        runtime, name = self.tools.runtime, self._blueprints.name
        match action:
            case Launch(node):
                self._driver.forget(self._reach(node))
                runtime.launch(self._blueprints.node(action))
            case Remove(container):
                runtime.remove(container)
            case Restart(node):
                runtime.restart(name(node))
            case Unpause(node):
                runtime.unpause(name(node))
            case Relay(node, start):
                runtime.launch(self._blueprints.relay(node, start))

    def _replicate(self, action: OfReplication) -> None:
        driver, runtime, to = self._driver, self.tools.runtime, self._reach
        match action:
            case ReplicateFrom(node, primary):
                driver.follow(to(node), primary)
            case RequestAck(node, leader):
                driver.request_ack(to(node), to(leader))
            case Promote(node, endpoint):
                driver.promote(to(node))
                self._lead(endpoint, node)
            case ForcedFailover(container, node, endpoint):
                runtime.disconnect(container)
                driver.promote(to(node))
                self._lead(endpoint, node)
                runtime.kill(container)
            case Switchover(old_primary, node, endpoint, entry):
                driver.switchover(reach(self.status, old_primary, entry), to(node))
                self._lead(endpoint, node)
                runtime.kill(
                    self._blueprints.name(old_primary)
                )  # it is rebuilt next; nobody shall wait for it meanwhile

    def _cluster(self, action: OfClusters) -> None:
        driver, to = self._driver, self._reach
        match action:
            case ClusterMeet(node, peers):
                driver.meet(to(node), peers)
            case ClusterForget(node, strangers):
                driver.part(to(node), strangers)
            case ClusterReplicate(node, leader):
                driver.join(to(node), self._cluster_node_id(leader))
            case EncryptBus(node, wanted):
                driver.encrypt(to(node), wanted)
            case AssignSlots(node, slots):
                driver.own(to(node), slots)
            case StabilizeSlots(node, slots):
                driver.close(to(node), slots)
            case MigrateSlots(source, target, slots):
                driver.move(self._move(source, target, slots))

    def _tell(self, action: OfEndpoints) -> None:
        gateway, directory = self.tools.gateway, self.tools.directory
        match action:
            case Route(endpoint, targets):
                gateway.point(endpoint, targets)
            case Unroute(endpoint):
                gateway.forget(endpoint)
            case PublishDiscovery(discovery):
                enlist(self.tools, self.cache, self.status, discovery)
            case WithdrawDiscovery(port):
                directory.strike(port)
            case PublishDns(names):
                call(self.tools, self.cache, names)

    def hurry(self, node: str) -> None:
        """Tell a node at once what its parameter group sets; Configure sees to all the rest."""
        spec, build = self.cache.spec, self.status.nodes[node].build
        if (wanted := of_the_group(spec, size_of(spec, self.tools.machine), build)).directives:
            self._driver.hint(self._reach(node), wanted)

    @property
    def _blueprints(self) -> Blueprints:
        return Blueprints(self.tools, self.cache, self.status)

    @property
    def _driver(self) -> Driver:
        return self.tools.drivers[self.cache.spec.engine]

    def _address(self, node: str) -> Address:
        return self.status.nodes[node].address

    def _reach(self, node: str) -> Reach:
        return reach(self.status, node)

    def _lead(self, endpoint: Address | None, node: str) -> None:
        if endpoint:
            self.tools.gateway.point(endpoint, (self._address(node),))

    def _configuration(self, node: str) -> Configuration:
        return configuration(self.cache.spec, self.status.nodes[node], self.tools.machine)

    def _cluster_node_id(self, node: str) -> str:
        return cluster_node_id(self.cache.incarnation, node)

    def _move(self, source: str, target: str, slots: Ranges) -> Move:
        return Move(
            self._reach(source),
            self._reach(target),
            self._address(target),
            slots,
            (self._cluster_node_id(source), self._cluster_node_id(target)),
        )
