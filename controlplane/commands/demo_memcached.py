"""The demo's Memcached cluster: items spread over two nodes, of which one is rebooted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

from cachewright.controlplane.commands.scene import CREATING, MOVING, NODE_TYPE, Scene
from cachewright.controlplane.commands.throwaway import Broken
from cachewright.controlplane.model.cache import Address

NAME = "demo-memcached"
NODES = 2
KEYS = 400
TIMEOUT = 2.0  # seconds for one request


@dataclass(frozen=True, slots=True)
class MemcachedAct:
    """Two nodes that know nothing of each other; the client spreads the keys."""

    scene: Scene

    def create(self) -> None:
        """Ask for the cluster."""
        with self.scene.stage.step(f"call CreateCacheCluster {NAME} (Memcached, {NODES} nodes)"):
            self.scene.aws.create_cache_cluster(
                CacheClusterId=NAME, Engine="memcached", CacheNodeType=NODE_TYPE, NumCacheNodes=NODES
            )

    def wait(self) -> None:
        """Until every node answered."""
        with self.scene.stage.step(f"wait for {NAME} to be available") as step:
            self.scene.available(NAME, self._cluster, "CacheClusterStatus", CREATING)
            step.outcome = f"nodes {', '.join(map(str, self._nodes()))}"

    def use(self) -> None:
        """Set items and read them all back."""
        with self.scene.stage.step(f"set and get {KEYS} Memcached items") as step, self._client() as client:
            for number in range(KEYS):
                client.set(_key(number), str(number))
            found = _found(client)
            if found != KEYS:
                raise Broken(f"{KEYS - found} of {KEYS} items cannot be read back")
            step.outcome = f"items on each node: {' and '.join(map(str, self._items()))}"

    def reboot(self) -> None:
        """Reboot the first node: its address stays, its items are gone; the other node keeps its own."""
        before, nodes = self._items(), self._nodes()
        with self.scene.stage.step(f"call RebootCacheCluster on node 0001 of {NAME} and wait until it is over") as step:
            self.scene.aws.reboot_cache_cluster(CacheClusterId=NAME, CacheNodeIdsToReboot=["0001"])
            self.scene.available(NAME, self._cluster, "CacheClusterStatus", MOVING)
            with self._client() as client:
                found = _found(client)
            if (self._nodes(), found) != (nodes, before[1]):
                raise Broken(f"{found} items are left where {before[1]} were expected")
            step.outcome = f"same addresses; {before[0]} items are gone with the node, {found} are left on the other"

    def delete(self) -> None:
        """Ask for its end."""
        with self.scene.stage.step(f"call DeleteCacheCluster {NAME}"):
            self.scene.aws.delete_cache_cluster(CacheClusterId=NAME)

    def wait_gone(self) -> None:
        """Until nothing of it is left."""
        with self.scene.stage.step(f"wait for {NAME} to be gone"):
            self.scene.gone(NAME, self._cluster, "CacheClusterNotFound")

    def _cluster(self) -> dict[str, Any]:
        answer = self.scene.aws.describe_cache_clusters(CacheClusterId=NAME, ShowCacheNodeInfo=True)
        return dict(answer["CacheClusters"][0])

    def _nodes(self) -> list[Address]:
        endpoints = [node["Endpoint"] for node in self._cluster()["CacheNodes"]]
        return [Address(endpoint["Address"], endpoint["Port"]) for endpoint in endpoints]

    @contextmanager
    def _client(self) -> Iterator[Any]:
        servers = [(node.host, node.port) for node in self._nodes()]
        client = HashClient(servers, timeout=TIMEOUT, connect_timeout=TIMEOUT)
        try:
            yield client
        finally:
            client.close()

    def _items(self) -> list[int]:
        return [_items(node) for node in self._nodes()]


def _items(node: Address) -> int:
    client = Client((node.host, node.port), timeout=TIMEOUT, connect_timeout=TIMEOUT)
    try:
        return int(client.stats()[b"curr_items"])
    finally:
        client.close()


def _found(client: Any) -> int:  # noqa: ANN401 - pymemcache is not annotated
    return sum(client.get(_key(number)) == str(number).encode() for number in range(KEYS))


def _key(number: int) -> str:
    return f"demo-{number}"
