// What is asked for: operations with their parameters as the query protocol writes them. Lists are numbered: `Ids.Id.1`.
import { clusterOf, idOf, isClustered, isGroup, isServerless, nodesOf } from "./words.js";

const numbered = (list, of, values) => Object.fromEntries(values.map((value, at) => [`${list}.${of}.${at + 1}`, value]));

/** A new cache. `wish` is what the form of the console has. AWS has no cache cluster of Valkey: one node is a group, too. */
export function create(wish) {
  const common = { Engine: wish.engine, EngineVersion: wish.version, CacheNodeType: wish.nodeType };
  const tls = wish.tls ? { TransitEncryptionEnabled: true } : {};
  if (wish.shape === "nodes" && wish.engine !== "valkey") {
    const several = wish.nodes > 1 ? { AZMode: "cross-az" } : {};
    const params = { CacheClusterId: wish.id, ...common, NumCacheNodes: wish.nodes, ...several, ...tls };
    return { operation: "CreateCacheCluster", resource: "CacheCluster", params };
  }
  const clustered = wish.shape === "cluster";
  const replicas = wish.shape === "nodes" ? 0 : wish.replicas;
  const failover = clustered || replicas > 0;
  const size = clustered ? { NumNodeGroups: wish.shards, ReplicasPerNodeGroup: replicas } : { NumCacheClusters: replicas + 1 };
  const params = {
    ReplicationGroupId: wish.id,
    ReplicationGroupDescription: wish.description || "made in the console",
    ...common,
    ...size,
    AutomaticFailoverEnabled: failover,
    ...(replicas > 0 && wish.multiAz ? { MultiAZEnabled: true } : {}),
    ...tls,
    ...(wish.tls && wish.token ? { AuthToken: wish.token } : {}),
  };
  return { operation: "CreateReplicationGroup", resource: "ReplicationGroup", params };
}

const own = (cache) => (isGroup(cache) ? { ReplicationGroupId: cache.id } : { CacheClusterId: cache.id });

export const failover = (cache, shard) => ({ operation: "TestFailover", params: { ReplicationGroupId: cache.id, NodeGroupId: shard } });

export function reboot(node) {
  const params = { CacheClusterId: clusterOf(node), ...numbered("CacheNodeIdsToReboot", "CacheNodeId", [idOf(node)]) };
  return { operation: "RebootCacheCluster", params };
}

export const snapshot = (cache, name) => ({ operation: "CreateSnapshot", params: { ...own(cache), SnapshotName: name } });

export function remove(cache, last) {
  if (isServerless(cache)) return { operation: "DeleteServerlessCache", params: { ServerlessCacheName: cache.id } };
  const operation = isGroup(cache) ? "DeleteReplicationGroup" : "DeleteCacheCluster";
  return { operation, params: { ...own(cache), ...(last ? { FinalSnapshotIdentifier: last } : {}) } };
}

/** Another value of something that has one: the node type or the version. */
export function modify(cache, changed) {
  const operation = isGroup(cache) ? "ModifyReplicationGroup" : "ModifyCacheCluster";
  return { operation, params: { ...own(cache), ...changed, ApplyImmediately: true } };
}

/** Another number of replicas of each shard. */
export function replicas(cache, number) {
  const now = nodesOf(cache).length / cache.shards.length - 1;
  const operation = number < now ? "DecreaseReplicaCount" : "IncreaseReplicaCount";
  return { operation, params: { ReplicationGroupId: cache.id, NewReplicaCount: number, ApplyImmediately: true } };
}

/** Another number of shards: the last ones leave. */
export function shards(cache, number) {
  const leaving = cache.shards.slice(number).map((shard) => shard.id);
  const params = { ReplicationGroupId: cache.id, NodeGroupCount: number, ApplyImmediately: true };
  return { operation: "ModifyReplicationGroupShardConfiguration", params: { ...params, ...numbered("NodeGroupsToRemove", "NodeGroupToRemove", leaving) } };
}

/** Another number of nodes of a Memcached cluster: the last ones leave. */
export function nodes(cache, number) {
  const leaving = nodesOf(cache).slice(number).map(idOf);
  const params = { CacheClusterId: cache.id, NumCacheNodes: number, ApplyImmediately: true };
  return { operation: "ModifyCacheCluster", params: { ...params, ...numbered("CacheNodeIdsToRemove", "CacheNodeId", leaving) } };
}

export const mayFailOver = (cache) => isGroup(cache) && (isClustered(cache) || nodesOf(cache).length > 1);
