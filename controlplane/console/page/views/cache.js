// One cache: its picture, which stays in sight, and below it what one wants to know or do.
import { html } from "../vendor/preact-htm.js";
import { feed } from "../lib/feed.js";
import { HOME, addressOf } from "../lib/router.js";
import { count, engineName, isClustered, isServerless, kindName, nodeTitle, nodesOf } from "../lib/words.js";
import { Connect } from "./connect.js";
import { Data } from "./data.js";
import { Deeds } from "./deeds.js";
import { Drills } from "./drills.js";
import { Figures } from "./figures.js";
import { Badge, Empty } from "./parts.js";
import { Picture } from "./picture.js";
import { Timeline } from "./timeline.js";
import { Title } from "./title.js";

const TABS = { "": "Nodes", figures: "Figures", timeline: "Timeline", data: "Data", connect: "Connect", actions: "Actions", drills: "Drills" };

function Facts({ cache }) {
  const facts = [
    ["Engine", `${engineName(cache.engine)} ${cache.version}`],
    ...(isServerless(cache) ? [] : [["Node type", cache.node_type]]),
    ["Shape", `${isClustered(cache) ? `${count(cache.shards.length, "shard")}, ` : ""}${count(nodesOf(cache).length, "node")}`],
    ["Encryption", cache.encrypted ? "TLS" : "none"],
    ["Account", cache.account],
    ["Region", cache.region],
  ];
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function Nodes({ cache }) {
  const rows = cache.shards.flatMap((shard) => shard.nodes.map((node) => ({ shard, node })));
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="table of nodes, which can be scrolled">
      <table>
        <thead><tr><th scope="col">Node</th>${isClustered(cache) && html`<th scope="col">Shard</th>`}<th scope="col">Role</th><th scope="col">Status</th><th scope="col">Zone</th><th scope="col">Address</th><th scope="col">Runs</th></tr></thead>
        <tbody>
          ${rows.map(({ shard, node }) => html`
            <tr key=${node.name}>
              <th scope="row">${nodeTitle(cache, node)}</th>${isClustered(cache) && html`<td class="number">${shard.id}</td>`}<td>${node.role || "–"}</td><td>${node.phase}</td><td>${node.zone}</td>
              <td class="number">${node.address || "–"}</td><td>${node.build || "–"}</td>
            </tr>`)}
        </tbody>
      </table>
    </div>
    ${cache.notes.length > 0 && html`<h2>Other than at AWS</h2><ul class="notes">${cache.notes.map((note) => html`<li key=${note}>${note}</li>`)}</ul>`}`;
}

const VIEWS = { "": Nodes, figures: Figures, timeline: Timeline, data: Data, connect: Connect, actions: Deeds, drills: Drills };

function Gone({ name, live }) {
  if (live === "connecting") return html`<${Title} page=${name[3]}>${name[3]}<//><p class="muted">Looking…</p>`;
  return html`
    <${Title} page=${name[3]}>${name[3]}<//>
    <${Empty} title="This cache is gone, or never was">
      <p>Whatever was said about it stays in the <a href=${`${HOME}/timeline?account=${name[0]}&region=${name[1]}`}>timeline</a>. <a href=${HOME}>Show all caches</a></p>
    <//>`;
}

export function CacheView({ name, tab }) {
  const { caches, live } = feed.use();
  const cache = caches.get(name.join("/"));
  if (!cache) return html`<${Gone} name=${name} live=${live} />`;
  const Shown = VIEWS[tab] ?? Nodes;
  return html`
    <div class="head">
      <p class="crumbs"><a href=${HOME}>Caches</a> / ${kindName(cache)}</p>
      <div class="line"><${Title} page=${cache.id}>${cache.id}<//><${Badge} cache=${cache} /></div>
      ${cache.reason && html`<p class="notice warn" role="status">${cache.reason}</p>`}
      <${Facts} cache=${cache} />
    </div>
    <${Picture} cache=${cache} />
    <nav class="tabs" aria-label="About this cache">
      ${Object.entries(TABS).map(([id, words]) => html`<a key=${id} href=${addressOf(cache, id)} aria-current=${id === tab ? "page" : null}>${words}</a>`)}
    </nav>
    <section class="tab"><${Shown} cache=${cache} /></section>`;
}
