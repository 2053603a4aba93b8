// What is other than before, in words: for the timeline, and for those who hear the page.
import { nodeTitle } from "./words.js";

const nodesOf = (cache) => new Map(cache.shards.flatMap((shard) => shard.nodes.map((node) => [node.name, node])));

function ofNodes(before, now) {
  const known = nodesOf(before);
  const said = [];
  for (const [name, node] of nodesOf(now)) {
    const was = known.get(name);
    const title = nodeTitle(now, node);
    if (!was) said.push([title, "comes"]);
    else if (was.role !== node.role && node.role) said.push([title, `is ${node.role} now`]);
    else if (was.phase !== node.phase) said.push([title, `is ${node.phase}`]);
    known.delete(name);
  }
  return [...said, ...[...known.values()].map((node) => [nodeTitle(now, node), "goes"])];
}

function ofEndpoints(before, now) {
  const led = new Map(before.endpoints.map((endpoint) => [endpoint.name, endpoint.nodes.join()]));
  const titles = new Map([...nodesOf(now)].map(([name, node]) => [name, nodeTitle(now, node)]));
  const moved = now.endpoints.filter(({ name, nodes }) => led.has(name) && led.get(name) !== nodes.join() && nodes.length);
  return moved.map(({ name, nodes }) => [`${name} endpoint`, `leads to ${nodes.map((node) => titles.get(node) ?? node).join(", ")}`]);
}

function ofItself(before, now, known) {
  if (!before) return known ? [[now.id, `is ${now.phase}`]] : [];
  const said = before.phase === now.phase ? [] : [[now.id, `is ${now.phase}`]];
  if (now.reason && before.reason !== now.reason) said.push([now.id, `is not as wished: ${now.reason}`]);
  return said;
}

/** The changes between two looks at a cache. One that was not there before is new, if others were `known`. */
export function changesOf(before, now, known) {
  const said = [...ofItself(before, now, known), ...(before ? [...ofNodes(before, now), ...ofEndpoints(before, now)] : [])];
  const { account, region, kind, id } = now;
  const moment = new Date().toISOString();
  const common = { moment, kind: "change", cache: { account, region, kind, id } };
  return said.map(([source, text], at) => ({ ...common, key: `${moment}/${id}/${at}`, source, text }));
}
