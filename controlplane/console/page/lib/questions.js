// What the page asks the API for, and what it reads in the answers.
import { text, texts, useRows } from "./answers.js";

const settled = new Set(["available", "active", "failed", "create-failed"]);
const moves = ({ status }) => !settled.has(status);

function snapshot(element) {
  const shards = Number(text(element, "NumNodeGroups")) || 1;
  const group = text(element, "CacheParameterGroupName");
  return {
    serverless: false,
    name: text(element, "SnapshotName"),
    arn: text(element, "ARN"),
    cache: text(element, "ReplicationGroupId") || text(element, "CacheClusterId"),
    engine: text(element, "Engine"),
    version: text(element, "EngineVersion"),
    nodeType: text(element, "CacheNodeType"),
    shards,
    clustered: shards > 1 || group.endsWith(".cluster.on"),
    source: text(element, "SnapshotSource"),
    status: text(element, "SnapshotStatus"),
    taken: element.getElementsByTagName("SnapshotCreateTime")[0]?.textContent ?? "",
  };
}

function serverlessSnapshot(element) {
  const of = element.getElementsByTagName("ServerlessCacheConfiguration")[0];
  return {
    serverless: true,
    name: text(element, "ServerlessCacheSnapshotName"),
    arn: text(element, "ARN"),
    cache: text(of, "ServerlessCacheName"),
    engine: text(of, "Engine"),
    version: text(of, "MajorEngineVersion"),
    nodeType: "",
    shards: 1,
    clustered: true,
    source: text(element, "SnapshotType"),
    status: text(element, "Status"),
    taken: text(element, "CreateTime"),
  };
}

export const useSnapshots = (place) => useRows({ operation: "DescribeSnapshots", params: {}, list: "Snapshots" }, place, snapshot, { moves });

export const useServerlessSnapshots = (place) =>
  useRows({ operation: "DescribeServerlessCacheSnapshots", params: {}, list: "ServerlessCacheSnapshots", mark: "NextToken" }, place, serverlessSnapshot, { moves });

const user = (element) => ({
  id: text(element, "UserId"),
  name: text(element, "UserName"),
  engine: text(element, "Engine"),
  status: text(element, "Status"),
  access: text(element, "AccessString"),
  groups: texts(element, "UserGroupIds"),
  entrance: element.getElementsByTagName("Type")[0]?.textContent ?? "",
  passwords: Number(element.getElementsByTagName("PasswordCount")[0]?.textContent ?? 0),
});

export const useUsers = (place) => useRows({ operation: "DescribeUsers", params: {}, list: "Users" }, place, user, { moves });

const userGroup = (element) => ({
  id: text(element, "UserGroupId"),
  engine: text(element, "Engine"),
  status: text(element, "Status"),
  users: texts(element, "UserIds"),
  caches: [...texts(element, "ReplicationGroups"), ...texts(element, "ServerlessCaches")],
});

export const useUserGroups = (place) => useRows({ operation: "DescribeUserGroups", params: {}, list: "UserGroups" }, place, userGroup, { moves });

const parameterGroup = (element) => ({
  name: text(element, "CacheParameterGroupName"),
  family: text(element, "CacheParameterGroupFamily"),
  words: text(element, "Description"),
});

export const useParameterGroups = (place) =>
  useRows({ operation: "DescribeCacheParameterGroups", params: {}, list: "CacheParameterGroups" }, place, parameterGroup);

const parameter = (element) => ({
  name: text(element, "ParameterName"),
  value: text(element, "ParameterValue"),
  words: text(element, "Description"),
  source: text(element, "Source"),
  type: text(element, "DataType"),
  allowed: text(element, "AllowedValues"),
  modifiable: text(element, "IsModifiable") === "true",
  takes: text(element, "ChangeType"),
});

export const useParameters = (place, group) =>
  useRows({ operation: "DescribeCacheParameters", params: { CacheParameterGroupName: group }, list: "Parameters" }, place, parameter);

const datastore = (element) => ({
  id: text(element, "GlobalReplicationGroupId"),
  status: text(element, "Status"),
  engine: text(element, "Engine"),
  version: text(element, "EngineVersion"),
  nodeType: text(element, "CacheNodeType"),
  members: [...(element.getElementsByTagName("Members")[0]?.children ?? [])].map((member) => ({
    id: text(member, "ReplicationGroupId"),
    region: text(member, "ReplicationGroupRegion"),
    role: text(member, "Role").toLowerCase(),
    status: text(member, "Status"),
  })),
});

const inMotion = ({ status, members }) => !["available", "primary-only"].includes(status) || members.some((member) => member.status !== "associated");

/** Asked again with every change of a cache, `stamp`: a member that fails is one. */
export const useDatastores = (place, stamp) =>
  useRows({ operation: "DescribeGlobalReplicationGroups", params: { ShowMemberInfo: true }, list: "GlobalReplicationGroups" }, place, datastore, { moves: inMotion, stamp });

const limitOf = (element, name) => Number(element.getElementsByTagName(name)[0]?.getElementsByTagName("Maximum")[0]?.textContent ?? 0);

const limits = (element) => ({ storage: limitOf(element, "DataStorage"), ecpus: limitOf(element, "ECPUPerSecond") });

/** The limits of a serverless cache, 0 where there is none, asked again with every change of its status. */
export const useLimits = (cache) =>
  useRows({ operation: "DescribeServerlessCaches", params: { ServerlessCacheName: cache.id }, list: "ServerlessCaches", mark: "NextToken" }, cache, limits, { stamp: cache.phase, asks: cache.phase !== "deleting" });
