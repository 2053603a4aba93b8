// Where everything stands in the picture of a cache: zones are columns, shards are rows, endpoints stand at the left.
// On narrow screens there is one column, with the endpoints above it.
const GAP = { x: 22, y: 22 };
const EDGE = 22; // around the nodes of a shard: arrows pass there
const HEAD = 40; // above the first row: the names of the zones
const LINKS = 96; // between endpoints and nodes: room for the arrows
const LANE = 14; // between two arrows side by side
const TIP = 9; // the length of the head of an arrow

const WIDE = { node: { width: 196, height: 88 }, endpoint: { width: 226, height: 56 } };
const NARROW = { node: { width: 268, height: 88 }, endpoint: { width: 268, height: 52 } };

const zonesOf = (cache) => [...new Set(cache.shards.flatMap((shard) => shard.nodes.map((node) => node.zone)))].sort();

function row(shard, columns, { x, y, node: size }) {
  const depth = columns.map(() => 0);
  const nodes = shard.nodes.map((node, order) => {
    const column = Math.max(0, columns.indexOf(node.zone));
    const top = y + EDGE + depth[column]++ * (size.height + GAP.y);
    return { node, column, order, x: x + column * (size.width + GAP.x), y: top };
  });
  const height = Math.max(1, ...depth) * (size.height + GAP.y) - GAP.y + 2 * EDGE;
  return { shard, y, height, nodes };
}

function rowsOf(cache, columns, place) {
  let { y } = place;
  const rows = cache.shards.map((shard) => {
    const made = row(shard, columns, { ...place, y });
    y += made.height + 14;
    return made;
  });
  return { rows, bottom: y - 14 };
}

/** Into a node of the first column from the left, into others from above or below: no arrow crosses a node. */
function wideArrow(from, to, lane, several, size) {
  const start = { x: from.x + WIDE.endpoint.width, y: from.y + WIDE.endpoint.height / 2 };
  if (to.column === 0) {
    const y = to.y + size.height / 2 + (lane - (several - 1) / 2) * LANE;
    const bend = (to.x - start.x) / 2;
    return `M${start.x} ${start.y}C${start.x + bend} ${start.y} ${to.x - bend} ${y} ${to.x - TIP} ${y}`;
  }
  const below = start.y > to.y + size.height / 2;
  const passage = below ? to.y + size.height + EDGE / 2 : to.y - EDGE / 2;
  const gate = start.x + LINKS - EDGE;
  const end = to.x + size.width / 2;
  const into = below ? to.y + size.height + TIP - 2 : to.y - TIP + 2;
  const bend = (gate - start.x) / 2;
  return `M${start.x} ${start.y}C${start.x + bend} ${start.y} ${gate - bend} ${passage} ${gate} ${passage}H${end - 6}Q${end} ${passage} ${end} ${into}`;
}

/** Down a lane of its own at the left edge, and into the node. */
function narrowArrow(from, to, at, size) {
  const x = 10 + at * LANE;
  const y = to.y + size.height / 2 + (at - 0.5) * LANE;
  return `M${from.x} ${from.y + NARROW.endpoint.height / 2}H${x + 8}Q${x} ${from.y + NARROW.endpoint.height / 2} ${x} ${from.y + NARROW.endpoint.height / 2 + 8}V${y - 8}Q${x} ${y} ${x + 8} ${y}H${to.x - TIP}`;
}

function arrows(endpoints, nodes, drawn) {
  return endpoints.flatMap((each, at) => {
    const targets = nodes.filter(({ node }) => each.endpoint.nodes.includes(node.name));
    return targets.map((target) => {
      const others = endpoints.filter(({ endpoint }) => endpoint.nodes.includes(target.node.name));
      const key = `${each.endpoint.name}>${target.node.name}`;
      return { key, name: each.endpoint.name, path: drawn(each, target, { at, lane: others.indexOf(each), several: others.length }) };
    });
  });
}

function wide(cache) {
  const { node, endpoint } = WIDE;
  const zones = zonesOf(cache);
  const left = EDGE + (cache.endpoints.length ? endpoint.width + LINKS : 0);
  const { rows, bottom: end } = rowsOf(cache, zones, { x: left, y: HEAD, node });
  const bottom = Math.max(end, HEAD + cache.endpoints.length * (endpoint.height + 14));
  const share = (bottom - HEAD) / Math.max(1, cache.endpoints.length);
  const middle = HEAD + (bottom - HEAD) / 2;
  const span = Math.min(share, 150);
  const endpoints = cache.endpoints.map((one, at) => {
    const y = middle + (at - (cache.endpoints.length - 1) / 2) * span - endpoint.height / 2;
    return { endpoint: one, x: 2, y };
  });
  const nodes = rows.flatMap((each) => each.nodes);
  const columns = zones.map((zone, at) => ({ zone, x: left + at * (node.width + GAP.x) + node.width / 2 }));
  const drawn = (from, to, { lane, several }) => wideArrow(from, to, lane, several, node);
  const width = left + zones.length * (node.width + GAP.x) - GAP.x + EDGE + 2;
  return { sizes: WIDE, width, height: bottom + 2, columns, rows, nodes, endpoints, arrows: arrows(endpoints, nodes, drawn), band: { x: left - EDGE, width: width - left + EDGE - 2 } };
}

function narrow(cache) {
  const { node, endpoint } = NARROW;
  const left = 10 + Math.max(1, cache.endpoints.length) * LANE + 20;
  const endpoints = cache.endpoints.map((one, at) => ({ endpoint: one, x: left, y: 2 + at * (endpoint.height + 10) }));
  const top = 2 + endpoints.length * (endpoint.height + 10) + 8;
  const { rows, bottom } = rowsOf(cache, [""], { x: left, y: top - EDGE / 2, node });
  const nodes = rows.flatMap((each) => each.nodes);
  const drawn = (from, to, { at }) => narrowArrow(from, to, at, node);
  const width = left + node.width + 12;
  return { sizes: NARROW, width, height: bottom + 2, columns: [], rows, nodes, endpoints, arrows: arrows(endpoints, nodes, drawn), band: { x: left - 10, width: node.width + 20 } };
}

/** Places of all parts, and the size of the whole. */
export const layout = (cache, isNarrow) => (isNarrow ? narrow(cache) : wide(cache));
