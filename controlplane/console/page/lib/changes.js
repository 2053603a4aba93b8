// What is other than before, in words: for the timeline, and for those who hear the page.
import { nodeTitle } from "./words.js";

const nodesOf = (cache) => new Map(cache.shards.flatMap((shard) => shard.nodes.map((node) => [node.name, node])));

function ofNodes(before, now) {
  const known = nodesOf(before);
  const words = [];
  for (const [name, node] of nodesOf(now)) {
    const was = known.get(name);
    const title = nodeTitle(now, node);
    if (!was) words.push(`${title} comes`);
    else if (was.role !== node.role && node.role) words.push(`${title} is ${node.role} now`);
    else if (was.phase !== node.phase) words.push(`${title} is ${node.phase}`);
    known.delete(name);
  }
  return [...words, ...[...known.values()].map((node) => `${nodeTitle(now, node)} goes`)];
}

function ofEndpoints(before, now) {
  const led = new Map(before.endpoints.map((endpoint) => [endpoint.name, endpoint.nodes.join()]));
  const moved = now.endpoints.filter(({ name, nodes }) => led.has(name) && led.get(name) !== nodes.join() && nodes.length);
  return moved.map(({ name, nodes }) => `the ${name} endpoint leads to ${nodes.join(", ")}`);
}

/** The changes between two looks at a cache. One that was not there before is new, unless everything is. */
export function changesOf(before, now, known) {
  const said = [];
  if (!before) {
    if (known) said.push(`it is ${now.phase}`);
  } else {
    if (before.phase !== now.phase) said.push(`it is ${now.phase}`);
    if (now.reason && before.reason !== now.reason) said.push(`why it is not as wished: ${now.reason}`);
    said.push(...ofNodes(before, now), ...ofEndpoints(before, now));
  }
  const { account, region, kind, id } = now;
  const moment = new Date().toISOString();
  return said.map((text, place) => ({ key: `${moment}/${id}/${place}`, moment, kind: "change", cache: { account, region, kind, id }, source: id, text }));
}
