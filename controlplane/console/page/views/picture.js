// A cache as a picture. Everything in it is also said in words: in its description, and in the table of nodes below.
import { html } from "../vendor/preact-htm.js";
import { bytes, plain } from "../lib/charts.js";
import { layout } from "../lib/layout.js";
import { useNewest } from "../lib/newest.js";
import { useNarrow } from "../lib/screen.js";
import { isClustered, isServerless, nodeTitle, nodesOf } from "../lib/words.js";
import { Slots } from "./slots.js";

const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function describe(cache) {
  const titles = new Map(nodesOf(cache).map((node) => [node.name, nodeTitle(cache, node)]));
  const nodes = cache.shards.flatMap((shard) =>
    shard.nodes.map((node) => `${nodeTitle(cache, node)}: ${node.role || "node"} in ${node.zone}, ${node.phase}`),
  );
  const ways = cache.endpoints.map(({ name, nodes: led }) => `the ${name} endpoint leads to ${led.map((name) => titles.get(name) ?? name).join(", ") || "nobody"}`);
  return [...nodes, ...ways].join("; ");
}

function inWords(point, role) {
  if (!point) return "";
  const lag = role === "replica" && point.lag !== null && `lag ${plain(point.lag)} s`;
  return [point.memory !== null && bytes(point.memory), lag].filter(Boolean).join(" · ");
}

function NodeBox({ cache, at, size, zoned, point }) {
  const { node, x, y } = at;
  const role = node.role || "node";
  const state = [role, node.phase !== "available" && node.phase, zoned && node.zone].filter(Boolean).join(" · ");
  const figures = inWords(point, node.role);
  return html`
    <g class=${`node ${node.role || "alone"} ${node.phase === "available" ? "" : "busy"}`} transform=${`translate(${x} ${y})`}>
      <rect key=${`${role}/${node.phase}`} class="box" width=${size.width} height=${size.height} rx="10" />
      <circle class="mark" cx="18" cy="22" r="6" />
      <text class="name" x="34" y="27">${short(nodeTitle(cache, node), 20)}</text>
      <text class="role" x="34" y="45">${state}</text>
      <text class="address" x="34" y="61">${node.address || "no address yet"}</text>
      <text class="figures" x="34" y="77">${figures}</text>
      <title>${nodeTitle(cache, node)}: ${role}, ${node.phase}, ${node.address || "no address yet"}, ${node.build}, ${figures}</title>
    </g>`;
}

function EndpointBox({ at, size }) {
  const { endpoint, x, y } = at;
  return html`
    <g class=${`endpoint ${endpoint.name}`} transform=${`translate(${x} ${y})`}>
      <rect class="box" width=${size.width} height=${size.height} rx=${size.height / 2} />
      <text class="name" x="22" y="24">${endpoint.name} endpoint</text>
      <text class="address" x="22" y="42">${short(endpoint.address, 28)}</text>
    </g>`;
}

const Row = ({ row, at, named }) => html`
  <g class="shard">
    <rect class="band" x=${at.band.x} y=${row.y} width=${at.band.width} height=${row.height} rx="14" />
    ${named && html`<title>shard ${row.shard.id}, slots ${row.shard.slots || "none"}</title>`}
  </g>`;

export function Picture({ cache }) {
  const isNarrow = useNarrow();
  const at = layout(cache, isNarrow);
  const newest = useNewest();
  return html`
    <figure class="picture">
      <div class="scroll" tabindex="0" role="group" aria-label="picture of the cache, which can be scrolled">
        <svg viewBox=${`0 0 ${at.width} ${at.height}`} width=${at.width} height=${at.height} role="img" aria-label=${describe(cache)}>
          <defs>
            <marker id="tip" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">
              <path class="tip" d="M0 0L8 4L0 8z" />
            </marker>
          </defs>
          ${at.rows.map((row) => html`<${Row} key=${row.shard.id} row=${row} at=${at} named=${isClustered(cache)} />`)}
          ${at.columns.map(({ zone, x }) => html`<text key=${zone} class="zone" x=${x} y="24">${zone}</text>`)}
          ${at.arrows.map(({ key, name, path }) => html`<path key=${key} class=${`arrow ${name}`} d=${path} marker-end="url(#tip)" />`)}
          ${at.nodes.map((each) => html`<${NodeBox} key=${each.node.name} cache=${cache} at=${each} size=${at.sizes.node} zoned=${isNarrow} point=${newest.of(cache, each.node)} />`)}
          ${at.endpoints.map((each) => html`<${EndpointBox} key=${each.endpoint.name} at=${each} size=${at.sizes.endpoint} />`)}
        </svg>
      </div>
      ${isClustered(cache) && !isServerless(cache) && html`<${Slots} cache=${cache} />`}
    </figure>`;
}
