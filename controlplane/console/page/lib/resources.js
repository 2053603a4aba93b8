// What is asked for of things that are no caches: snapshots, users, parameters, global datastores.
import { numbered } from "./tree.js";

const given = (params) => Object.fromEntries(Object.entries(params).filter(([, value]) => value !== "" && value !== undefined));
const name = ({ serverless }) => (serverless ? "ServerlessCacheSnapshot" : "Snapshot");

export const copySnapshot = (snapshot, target) => ({
  operation: `Copy${name(snapshot)}`,
  params: {
    [snapshot.serverless ? "SourceServerlessCacheSnapshotName" : "SourceSnapshotName"]: snapshot.name,
    [snapshot.serverless ? "TargetServerlessCacheSnapshotName" : "TargetSnapshotName"]: target,
  },
});

export const deleteSnapshot = (snapshot) => ({
  operation: `Delete${name(snapshot)}`,
  params: { [snapshot.serverless ? "ServerlessCacheSnapshotName" : "SnapshotName"]: snapshot.name },
});

/** With what a user enters: `password`, `no-password-required` or `iam`; nothing said keeps what it has. */
function entrance({ way, passwords }) {
  if (!way) return {};
  if (way === "password") return numbered("Passwords", "member", passwords.filter(Boolean));
  return way === "iam" ? { "AuthenticationMode.Type": "iam" } : { NoPasswordRequired: true };
}

export const createUser = (wish) => ({
  operation: "CreateUser",
  params: { UserId: wish.id, UserName: wish.name || wish.id, Engine: wish.engine, AccessString: wish.access, ...entrance(wish) },
});

export const modifyUser = (user, wish) => ({
  operation: "ModifyUser",
  params: { UserId: user.id, ...given({ AccessString: wish.access === user.access ? "" : wish.access }), ...entrance(wish) },
});

export const deleteUser = (id) => ({ operation: "DeleteUser", params: { UserId: id } });

export const createUserGroup = ({ id, engine, users }) => ({
  operation: "CreateUserGroup",
  params: { UserGroupId: id, Engine: engine, ...numbered("UserIds", "member", users) },
});

/** A user group with other users. */
export function modifyUserGroup(group, users) {
  const comes = users.filter((one) => !group.users.includes(one));
  const goes = group.users.filter((one) => !users.includes(one));
  return {
    operation: "ModifyUserGroup",
    params: { UserGroupId: group.id, ...numbered("UserIdsToAdd", "member", comes), ...numbered("UserIdsToRemove", "member", goes) },
  };
}

export const deleteUserGroup = (id) => ({ operation: "DeleteUserGroup", params: { UserGroupId: id } });

export const createParameterGroup = ({ name, family, words }) => ({
  operation: "CreateCacheParameterGroup",
  params: { CacheParameterGroupName: name, CacheParameterGroupFamily: family, Description: words },
});

const ofParameter = (at, parts) => Object.fromEntries(Object.entries(parts).map(([part, value]) => [`ParameterNameValues.ParameterNameValue.${at}.${part}`, value]));

export const setParameter = (group, parameter, value) => ({
  operation: "ModifyCacheParameterGroup",
  params: { CacheParameterGroupName: group, ...ofParameter(1, { ParameterName: parameter, ParameterValue: value }) },
});

export const resetParameter = (group, parameter) => ({
  operation: "ResetCacheParameterGroup",
  params: { CacheParameterGroupName: group, ...ofParameter(1, { ParameterName: parameter }) },
});

export const deleteParameterGroup = (group) => ({ operation: "DeleteCacheParameterGroup", params: { CacheParameterGroupName: group } });

export const failOverDatastore = (datastore, member) => ({
  operation: "FailoverGlobalReplicationGroup",
  params: { GlobalReplicationGroupId: datastore.id, PrimaryRegion: member.region, PrimaryReplicationGroupId: member.id },
});

export const disassociate = (datastore, member) => ({
  operation: "DisassociateGlobalReplicationGroup",
  params: { GlobalReplicationGroupId: datastore.id, ReplicationGroupId: member.id, ReplicationGroupRegion: member.region },
});
