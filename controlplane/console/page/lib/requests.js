// What is asked for: operations with their parameters as the query protocol writes them. Lists are numbered: `Ids.Id.1`.
import { numbered } from "./tree.js";
import { clusterOf, idOf, isClustered, isGroup, isServerless, nodesOf } from "./words.js";

/** Limits of a serverless cache; what is 0 is not limited. */
function limits({ storage, ecpus }, both) {
  const ofStorage = { "CacheUsageLimits.DataStorage.Maximum": storage, "CacheUsageLimits.DataStorage.Unit": "GB" };
  return { ...(storage || both ? ofStorage : {}), ...(ecpus || both ? { "CacheUsageLimits.ECPUPerSecond.Maximum": ecpus } : {}) };
}

function createServerless(wish) {
  const params = {
    ServerlessCacheName: wish.id,
    Engine: wish.engine,
    MajorEngineVersion: wish.engine === "memcached" ? wish.version.split(".").slice(0, 2).join(".") : wish.version.split(".")[0],
    ...limits(wish, false),
    ...(wish.userGroup && wish.engine !== "memcached" ? { UserGroupId: wish.userGroup } : {}),
    ...(wish.snapshot ? numbered("SnapshotArnsToRestore", "SnapshotArn", [wish.snapshot.arn]) : {}),
  };
  return { operation: "CreateServerlessCache", resource: "ServerlessCache", params };
}

/** A new cache. `wish` is what the form of the console has. AWS has no cache cluster of Valkey: one node is a group, too. */
export function create(wish) {
  if (wish.shape === "serverless") return createServerless(wish);
  const seed = wish.snapshot ? { SnapshotName: wish.snapshot.name } : {};
  const common = { Engine: wish.engine, EngineVersion: wish.version, CacheNodeType: wish.nodeType };
  const tls = wish.tls ? { TransitEncryptionEnabled: true } : {};
  if (wish.shape === "nodes" && wish.engine !== "valkey") {
    const several = wish.nodes > 1 ? { AZMode: "cross-az" } : {};
    const params = { CacheClusterId: wish.id, ...common, NumCacheNodes: wish.nodes, ...several, ...tls, ...seed };
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
    ...(wish.tls && wish.userGroup ? numbered("UserGroupIds", "member", [wish.userGroup]) : {}),
    ...seed,
  };
  return { operation: "CreateReplicationGroup", resource: "ReplicationGroup", params };
}

const own = (cache) => (isGroup(cache) ? { ReplicationGroupId: cache.id } : { CacheClusterId: cache.id });

export const failover = (cache, shard) => ({ operation: "TestFailover", params: { ReplicationGroupId: cache.id, NodeGroupId: shard } });

export function reboot(node) {
  const params = { CacheClusterId: clusterOf(node), ...numbered("CacheNodeIdsToReboot", "CacheNodeId", [idOf(node)]) };
  return { operation: "RebootCacheCluster", params };
}

export function snapshot(cache, name) {
  if (isServerless(cache)) return { operation: "CreateServerlessCacheSnapshot", params: { ServerlessCacheName: cache.id, ServerlessCacheSnapshotName: name } };
  return { operation: "CreateSnapshot", params: { ...own(cache), SnapshotName: name } };
}

export function remove(cache, last) {
  if (isServerless(cache)) return { operation: "DeleteServerlessCache", params: { ServerlessCacheName: cache.id, ...(last ? { FinalSnapshotName: last } : {}) } };
  const operation = isGroup(cache) ? "DeleteReplicationGroup" : "DeleteCacheCluster";
  return { operation, params: { ...own(cache), ...(last ? { FinalSnapshotIdentifier: last } : {}) } };
}

/** Another value of something that has one: the node type or the version. */
export function modify(cache, changed) {
  const operation = isGroup(cache) ? "ModifyReplicationGroup" : "ModifyCacheCluster";
  return { operation, params: { ...own(cache), ...changed, ApplyImmediately: true } };
}

/** Other limits of a serverless cache: 0 lifts one. */
export const limit = (cache, wish) => ({ operation: "ModifyServerlessCache", params: { ServerlessCacheName: cache.id, ...limits(wish, true) } });

export const parameterGroup = (cache, name) => modify(cache, { CacheParameterGroupName: name });

/** Another user group in place of those that a cache has; an empty one takes them away. */
export function userGroup(cache, id) {
  if (isServerless(cache)) return { operation: "ModifyServerlessCache", params: { ServerlessCacheName: cache.id, ...(id ? { UserGroupId: id } : { RemoveUserGroup: true }) } };
  return modify(cache, id ? numbered("UserGroupIdsToAdd", "member", [id]) : { RemoveUserGroups: true });
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

/** The shards that have somebody to take over. */
export const mayFailOver = (cache) => (isGroup(cache) ? cache.shards.filter((shard) => shard.nodes.length > 1) : []);
