// How things are called on the page.
const ENGINES = { redis: "Redis OSS", valkey: "Valkey", memcached: "Memcached" };

export const engineName = (engine) => ENGINES[engine] ?? engine;
export const kindName = (cache) => cache.kind.replaceAll("-", " ");
export const isGroup = (cache) => cache.kind === "replication-group";
export const isServerless = (cache) => cache.kind === "serverless-cache";
export const isClustered = (cache) => cache.cluster_mode !== "disabled";
export const nodesOf = (cache) => cache.shards.flatMap((shard) => shard.nodes);
export const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

/** A node as people call it: the cache cluster of a group, which has one node; else the number in its cluster. */
export function nodeTitle(cache, node) {
  const [cluster, id] = node.name.split(/\.(?=[^.]*$)/);
  return isGroup(cache) ? cluster : `${cluster}.${id}`;
}

export const clusterOf = (node) => node.name.split(".")[0];
export const idOf = (node) => node.name.split(".")[1];

/** The shape in words: `2 shards, 6 nodes`. */
export function shape(cache) {
  const nodes = nodesOf(cache).length;
  if (isClustered(cache)) return `${count(cache.shards.length, "shard")}, ${count(nodes, "node")}`;
  if (cache.engine === "memcached" || !isGroup(cache)) return count(nodes, "node");
  return nodes === 1 ? "primary alone" : `primary, ${count(nodes - 1, "replica")}`;
}

const SEVERITY = { failed: 0, modifying: 1, rebooting: 2, creating: 3, deleting: 4 };

/** Lower is more urgent; what is as wished comes last. */
export const severity = (cache) => (cache.reason ? 0 : 10) + (SEVERITY[cache.phase] ?? 50);
export const isAsWished = (cache) => cache.phase === "available" && !cache.reason;

const order = new Intl.Collator().compare; // of a thousand names in a millisecond

export const byUrgency = (one, other) =>
  severity(one) - severity(other) || order(one.id, other.id) || order(one.account, other.account);

/** Whether a cache has every word that was typed. */
export function matches(cache, typed) {
  const text = [cache.id, cache.engine, cache.version, cache.node_type, cache.account, cache.region, cache.phase, cache.reason];
  const all = [...text, ...nodesOf(cache).map((node) => node.name)].join(" ").toLowerCase();
  return typed.toLowerCase().split(/\s+/).every((word) => all.includes(word));
}

export function hostAndPort(address) {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ""), port: address.slice(at + 1) };
}

export const clock = (moment) => new Date(moment).toLocaleTimeString([], { hour12: false });
