// Figures of the last 15 minutes: a small chart for each, a line for each node. The numbers are said in a table, too.
import { html, useEffect, useState } from "../vendor/preact-htm.js";
import { told } from "../lib/api.js";
import { SIZE, bytes, ceiling, path, plain, spanOf } from "../lib/charts.js";
import { count, nodeTitle, nodesOf } from "../lib/words.js";
import { Empty } from "./parts.js";

const EVERY = 10_000; // milliseconds
const COLOURS = 8;
/** @type {[string, string, (value: any) => string, string][]} */
const CHARTS = [
  ["operations", "Commands per second", plain, "Rates need two looks: the next one is within 10 seconds."],
  ["hits", "Hit rate, %", plain, "Nobody has read a key between two looks. Read one, and it is here within 10 seconds."],
  ["memory", "Memory", bytes, "No node has told its memory yet."],
  ["connections", "Connections", plain, "No node has told its connections yet."],
  ["lag", "Replication lag, s", plain, "There is no replica that could lag."],
  ["evictions", "Evictions per second", plain, "Rates need two looks: the next one is within 10 seconds."],
];

/** The points of each node, renewed while somebody looks. */
function usePoints({ account, region, id }) {
  const [state, setState] = useState({ nodes: null, wrong: "" });
  useEffect(() => {
    let pause;
    let wanted = true;
    const look = async () => {
      try {
        const { nodes } = await told("GET", "/_cachewright/figures", { query: { account, region, cache: id }, account });
        if (wanted) setState({ nodes, wrong: "" });
      } catch (error) {
        if (wanted) setState((before) => ({ ...before, wrong: error.message }));
      }
      if (wanted) pause = setTimeout(look, EVERY);
    };
    look();
    return () => ((wanted = false), clearTimeout(pause));
  }, [account, region, id]);
  return state;
}

const last = (points, name) => points.findLast((point) => point[name] !== null)?.[name] ?? null;

function Chart({ name, words, shown, why, series, span }) {
  const values = series.flatMap(({ points }) => points.map((point) => point[name])).filter((value) => value !== null);
  if (!values.length) {
    return html`<figure class="chart card"><figcaption><span>${words}</span><strong>–</strong></figcaption><p class="nothing muted">${why}</p></figure>`;
  }
  const top = name === "hits" ? 100 : ceiling(Math.max(...values));
  const now = series.map(({ points }) => last(points, name)).filter((value) => value !== null);
  const told = name === "hits" || name === "lag" ? Math.max(...now) : now.reduce((sum, value) => sum + value, 0);
  return html`
    <figure class="chart card">
      <figcaption><span>${words}</span><strong>${shown(told)}</strong></figcaption>
      <svg viewBox=${`0 0 ${SIZE.width} ${SIZE.height}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="grid" d=${`M0 6H${SIZE.width}M0 ${SIZE.height / 2}H${SIZE.width}M0 ${SIZE.height - 4}H${SIZE.width}`} />
        ${series.map(({ node, points }, at) => html`<path key=${node} class=${`line of-${at % COLOURS}`} d=${path(points, name, span, top)} />`)}
      </svg>
      <div class="scale muted"><span>${count(Math.round((span.end - span.begin) / 60), "minute")} ago</span><span>up to ${shown(top)}</span><span>now</span></div>
    </figure>`;
}

function Numbers({ series }) {
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="the newest figures, a table which can be scrolled">
      <table>
        <thead><tr><th scope="col">Node</th>${CHARTS.map(([name, words]) => html`<th key=${name} scope="col">${words}</th>`)}</tr></thead>
        <tbody>
          ${series.map(({ node, title, points }, at) => html`
            <tr key=${node}>
              <th scope="row"><span class=${`swatch of-${at % COLOURS}`} aria-hidden="true"></span>${title}</th>
              ${CHARTS.map(([name, , shown]) => {
                const value = last(points, name);
                return html`<td key=${name} class="number">${value === null ? "–" : shown(value)}</td>`;
              })}
            </tr>`)}
        </tbody>
      </table>
    </div>`;
}

export function Figures({ cache }) {
  const { nodes, wrong } = usePoints(cache);
  const titles = nodesOf(cache).map((node) => ({ node: node.name, title: nodeTitle(cache, node), points: nodes?.[node.name] ?? [] }));
  const series = titles.filter(({ points }) => points.length);
  const span = spanOf(series);
  return html`
    ${wrong && html`<p class="notice bad" role="alert">${wrong}</p>`}
    ${!nodes && !wrong && html`<p class="muted">Asking the nodes…</p>`}
    ${nodes && !series.length && html`<${Empty} title="No node has answered yet"><p>Figures come every 10 seconds, as soon as a node answers.</p><//>`}
    <div class="charts">${series.length > 0 && CHARTS.map(([name, words, shown, why]) => html`<${Chart} key=${name} ...${{ name, words, shown, why, series, span }} />`)}</div>
    ${series.length > 0 && html`<${Numbers} series=${series} /><p class="muted">They are taken every 10 seconds while a page is open. The control plane's own commands count, too.</p>`}`;
}
