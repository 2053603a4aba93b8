"""What a client does with a control plane, one call and its consequences at a time."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.waiting import milliseconds, until
from benchmarks.wire import ACCOUNT, Client, request, told

WATCH = 0.02  # seconds between two looks of a client that waits
SMALL: Mapping[str, str | int] = {"Engine": "redis", "CacheNodeType": "cache.t3.micro"}
_TRIO: Mapping[str, str | int] = {
    "ReplicationGroupDescription": "measured",
    "NumCacheClusters": 3,
    "AutomaticFailoverEnabled": "true",
}
_SHARDED: Mapping[str, str | int] = {"ReplicationGroupDescription": "measured", "AutomaticFailoverEnabled": "true"}
_NOTHING_ELSE: Mapping[str, str | int] = {}


@dataclass(frozen=True, slots=True)
class Plane:
    """A control plane that serves."""

    client: Client
    pid: int

    def create_cluster(
        self,
        name: str,
        interval: float = WATCH,
        asked: Mapping[str, str | int] = _NOTHING_ELSE,
        *,
        first: float = 0.0,
    ) -> None:
        """Ask for a cache cluster of one Redis node, a small one but for what is desired otherwise, and look every
        `interval` seconds until it is available, after `first` seconds for the first time.
        """
        self.client.call("CreateCacheCluster", {"CacheClusterId": name, "NumCacheNodes": 1, **SMALL, **asked})
        time.sleep(first)
        self.await_cluster(name, interval=interval)

    def create_group(self, name: str, asked: Mapping[str, str | int] = _NOTHING_ELSE) -> None:
        """Ask for a small Redis primary with two replicas, but for what is desired otherwise, and wait until all is in
        sync.
        """
        self.client.call("CreateReplicationGroup", {"ReplicationGroupId": name, **_TRIO, **SMALL, **asked})
        self.await_group(name)

    def create_shards(
        self, name: str, shards: int, replicas: int, asked: Mapping[str, str | int] = _NOTHING_ELSE
    ) -> None:
        """Ask for small Redis shards with so many replicas each, but for what is desired otherwise, and wait until all
        slots are served.
        """
        shape: Mapping[str, str | int] = {"NumNodeGroups": shards, "ReplicasPerNodeGroup": replicas}
        self.client.call("CreateReplicationGroup", {"ReplicationGroupId": name, **_SHARDED, **SMALL, **shape, **asked})
        self.await_group(name)

    def resize_group(self, name: str, verb: str, replicas: int) -> None:
        """Increase or Decrease the number of replicas, and wait until the group is as desired."""
        asked = {"ReplicationGroupId": name, "NewReplicaCount": str(replicas), "ApplyImmediately": "true"}
        self.client.call(f"{verb}ReplicaCount", asked)
        self.await_group(name)

    def reshard(self, name: str, shards: int) -> float:
        """Ask for another number of shards, and wait until all slots are where they shall be; how many milliseconds
        that was after the first ones were seen there.
        """
        asked: Mapping[str, str | int] = {"NodeGroupCount": shards, "ApplyImmediately": "true"}
        self.client.call("ModifyReplicationGroupShardConfiguration", {"ReplicationGroupId": name, **asked})
        look = request("DescribeReplicationGroups", {"ReplicationGroupId": name})
        until(lambda: self._moves(look), f"slots of {name} that move", WATCH)
        return milliseconds(lambda: self.await_group(name))

    def _moves(self, look: bytes) -> bool:
        """Whether the first slots have moved, or nothing is left to do."""
        body = self.client.send(look)
        progress = re.search(b"<ProgressPercentage>([0-9.]+)<", body)
        return told(body, "Status") == "available" or bool(progress and float(progress[1]) > 0)

    def reboot(self, name: str, account: str, interval: float) -> None:
        """Reboot the first node of a cache cluster, and wait until it is available again."""
        asked = {"CacheClusterId": name, "CacheNodeIdsToReboot.member.1": "0001"}
        self.client.call("RebootCacheCluster", asked, account)
        self.await_cluster(name, account, interval)

    def await_cluster(self, name: str, account: str = ACCOUNT, interval: float = WATCH) -> None:
        """Look every `interval` seconds until the cluster is available."""
        look = request("DescribeCacheClusters", {"CacheClusterId": name}, account)
        until(lambda: told(self.client.send(look), "CacheClusterStatus") == "available", f"cluster {name}", interval)

    def await_group(self, name: str) -> None:
        """Look until the group is available."""
        look = request("DescribeReplicationGroups", {"ReplicationGroupId": name}, region=self.client.region)
        until(lambda: told(self.client.send(look), "Status") == "available", f"group {name}", WATCH)

    def delete(self, noun: str, name: str) -> None:
        """Delete a CacheCluster or a ReplicationGroup, and wait until nothing is left of it."""
        self.client.call(f"Delete{noun}", {f"{noun}Id": name})
        look = request(f"Describe{noun}s", {f"{noun}Id": name})
        until(lambda: self.client.exchange(look)[0] == 404, f"the end of {name}", WATCH)

    def create_serverless(self, name: str, engine: str) -> None:
        """Ask for a serverless cache, and wait until it is available."""
        self.client.call("CreateServerlessCache", {"ServerlessCacheName": name, "Engine": engine})
        look = request("DescribeServerlessCaches", {"ServerlessCacheName": name})
        until(lambda: told(self.client.send(look), "Status") == "available", name, WATCH)

    def delete_serverless(self, name: str) -> None:
        """Delete it, and wait until nothing is left of it."""
        self.client.call("DeleteServerlessCache", {"ServerlessCacheName": name})
        look = request("DescribeServerlessCaches", {"ServerlessCacheName": name})
        until(lambda: self.client.exchange(look)[0] == 404, f"the end of {name}", WATCH)

    def serverless_endpoint(self, name: str) -> tuple[str, int]:
        """Where its primary is reached."""
        body = self.client.send(request("DescribeServerlessCaches", {"ServerlessCacheName": name}))
        found = body.partition(b"<Endpoint>")[2]
        return told(found, "Address"), int(told(found, "Port"))

    def save(self, snapshot: str, cluster: str) -> None:
        """Ask for a snapshot of a cache cluster, and look until it is available."""
        self.client.call("CreateSnapshot", {"SnapshotName": snapshot, "CacheClusterId": cluster})
        look = request("DescribeSnapshots", {"SnapshotName": snapshot})
        until(lambda: told(self.client.send(look), "SnapshotStatus") == "available", f"snapshot {snapshot}", WATCH)

    def forget(self, snapshot: str) -> None:
        """Delete a snapshot, and wait until nothing is left of it."""
        self.client.call("DeleteSnapshot", {"SnapshotName": snapshot})
        look = request("DescribeSnapshots", {"SnapshotName": snapshot})
        until(lambda: self.client.exchange(look)[0] == 404, f"the end of {snapshot}", WATCH)

    def primary_endpoint(self, group: str) -> tuple[str, int]:
        """Where the primary of a group answers, whoever it is."""
        body = self.client.call("DescribeReplicationGroups", {"ReplicationGroupId": group})
        endpoint = body.partition(b"<PrimaryEndpoint>")[2]
        return told(endpoint, "Address"), int(told(endpoint, "Port"))

    def primary(self, group: str) -> str:
        """The cache cluster that leads the first shard of a group."""
        body = self.client.call("DescribeReplicationGroups", {"ReplicationGroupId": group})
        for member in body.split(b"<NodeGroupMember>"):
            if b"<CurrentRole>primary<" in member:
                return told(member, "CacheClusterId")
        return ""
