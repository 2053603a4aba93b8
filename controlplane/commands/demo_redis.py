"""The demo's replication group: written to without a pause while its primary changes."""

import time
from dataclasses import dataclass
from typing import Any

from cachewright.agents.engines.redis.probe import PACE, Probe, RedisClient, connection, longest_gap
from cachewright.controlplane.commands.scene import CREATING, MOVING, NODE_TYPE, Scene
from cachewright.controlplane.commands.stage import until
from cachewright.controlplane.commands.throwaway import Broken
from cachewright.controlplane.model.cache import Address

NAME = "demo-redis"
NODES = 3
WARM = 200  # writes before the failover, and again after it
READERS = 8  # connections to the reader endpoint
_ROLES = {"master": "primary", "slave": "replica"}  # what Redis calls them


@dataclass(frozen=True, slots=True)
class RedisAct:
    """One primary, two replicas."""

    scene: Scene

    def create(self) -> None:
        """Ask for the group."""
        with self.scene.stage.step(f"call CreateReplicationGroup {NAME} (Redis, {NODES} nodes)"):
            self.scene.aws.create_replication_group(
                ReplicationGroupId=NAME,
                ReplicationGroupDescription="of the demo",
                Engine="redis",
                CacheNodeType=NODE_TYPE,
                NumCacheClusters=NODES,
                AutomaticFailoverEnabled=True,
                MultiAZEnabled=True,
            )

    def wait(self) -> None:
        """Until every node answered and is in sync."""
        with self.scene.stage.step(f"wait for {NAME} to be available") as step:
            self.scene.available(NAME, self._group, "Status", CREATING)
            step.outcome = f"primary endpoint {self._endpoint('PrimaryEndpoint')}, {self._roles_told()}"

    def fail_over(self) -> None:
        """Write all the time, read from the replicas, call TestFailover, count what it cost."""
        stage = self.scene.stage
        with Probe(RedisClient(self._endpoint("PrimaryEndpoint")), "demo") as writer:
            with stage.step(f"write through the primary endpoint every {PACE * 1000:.0f} ms") as step:
                self._more_writes(writer)
                step.outcome = f"{len(writer.acknowledged)} writes acknowledged, and they go on"
            with stage.step("read through the reader endpoint") as step:
                step.outcome = self._read(writer)
            with stage.step(f"call TestFailover on {NAME} and wait until it is over") as step:
                called = time.monotonic()
                self._change_primary()
                self._more_writes(writer)
                step.outcome = self._roles_told()
        with stage.step("read every acknowledged write back") as step:
            step.outcome = _cost(writer, called)

    def delete(self) -> None:
        """Ask for its end."""
        with self.scene.stage.step(f"call DeleteReplicationGroup {NAME}"):
            self.scene.aws.delete_replication_group(ReplicationGroupId=NAME)

    def wait_gone(self) -> None:
        """Until nothing of it is left."""
        with self.scene.stage.step(f"wait for {NAME} to be gone"):
            self.scene.gone(NAME, self._group, "ReplicationGroupNotFoundFault")

    def _group(self) -> dict[str, Any]:
        answer = self.scene.aws.describe_replication_groups(ReplicationGroupId=NAME)
        return dict(answer["ReplicationGroups"][0])

    def _endpoint(self, name: str) -> Address:
        found = self._group()["NodeGroups"][0][name]
        return Address(found["Address"], found["Port"])

    def _primary(self) -> str:
        members = self._group()["NodeGroups"][0]["NodeGroupMembers"]
        return next((row["CacheClusterId"] for row in members if row.get("CurrentRole") == "primary"), "nobody")

    def _roles_told(self) -> str:
        return f"the primary is [bold]{self._primary()}[/]"

    def _more_writes(self, writer: Probe) -> None:
        wanted = len(writer.acknowledged) + WARM
        what = f"{WARM} more writes to be acknowledged"
        until(what, lambda: "" if len(writer.acknowledged) >= wanted else writer.complaint or "they go on", MOVING)

    def _read(self, writer: Probe) -> str:
        reader = self._endpoint("ReaderEndpoint")
        seen = [_asked(reader, writer.key(0)) for _ in range(READERS)]
        if wrong := [value for value, _, _ in seen if value != "0"]:
            raise Broken(f"the first key reads {wrong[0]!r} at {reader}")
        roles = {role for _, role, _ in seen}
        servers = {server for _, _, server in seen}
        return f"{READERS} connections to {reader} met {len(servers)} nodes; roles: {', '.join(sorted(roles))}"

    def _change_primary(self) -> None:
        before = self._primary()
        self.scene.aws.test_failover(ReplicationGroupId=NAME, NodeGroupId="0001")
        until("another primary", lambda: "" if self._primary() != before else f"it is still {before}", MOVING)
        self.scene.available(NAME, self._group, "Status", MOVING)


def _asked(address: Address, key: str) -> tuple[str, str, str]:
    """What a new connection reads, and the role and the identity of the server that answers."""
    client = connection(address)
    try:
        facts: dict[str, Any] = {**client.info("replication"), **client.info("server")}
        return str(client.get(key)), _ROLES[facts["role"]], str(facts["run_id"])
    finally:
        client.close()


def _cost(writer: Probe, called: float) -> str:
    gap = longest_gap(writer.acknowledged, called) * 1000
    lost = writer.lost()
    told = f"[bold {'red' if lost else 'green'}]{lost} lost[/]"
    return (
        f"longest time without an acknowledged write: [bold]{gap:.0f} ms[/] "
        f"(of which {PACE * 1000:.0f} ms are the client's own pace); "
        f"{len(writer.acknowledged)} writes acknowledged, {told}, {writer.failures} refused and tried again"
    )
