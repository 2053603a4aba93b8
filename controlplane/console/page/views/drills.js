// Failures on purpose: what one did, and what it cost.
import { html, useEffect, useState } from "../vendor/preact-htm.js";
import { reason, told } from "../lib/api.js";
import { isClustered, isGroup, nodeTitle, nodesOf } from "../lib/words.js";
import { Choice, Field } from "./parts.js";
import { Outage } from "./outage.js";

const KINDS = [
  ["kill", "Kill: the process is gone at once"],
  ["pause", "Pause: it is there, and answers nobody"],
  ["cut-off", "Cut off: it leaves the network"],
  ["slow-down", "Slow down: every packet is late"],
  ["fill-memory", "Fill the memory: no room for another key"],
  ["zone-down", "Zone down: every node in it is killed"],
];
const NAMES = Object.fromEntries(KINDS.map(([kind, words]) => [kind, words.split(":")[0]]));
const PROGRESS = { running: "under way", done: "over", failed: "broken off" };
const GLANCE = 400; // milliseconds between two looks at a drill that runs

function targets(cache, kind) {
  if (kind === "zone-down") return [...new Set(nodesOf(cache).map(({ zone }) => zone))].sort();
  const nodes = nodesOf(cache).map((node) => [node.name.replace(".", "/"), `node ${nodeTitle(cache, node)}`]);
  const shards = isClustered(cache) ? cache.shards.map(({ id }) => [`${cache.id}/${id}`, `the primary of shard ${id}`]) : [];
  const whole = isGroup(cache) && !isClustered(cache) ? [[cache.id, "the primary"]] : [];
  return [...whole, ...shards, ...nodes];
}

const ms = (value) => (value === null || value === undefined ? "–" : `${Math.round(value)} ms`);
/** @type {[string, (outcome: any) => unknown][]} */
const COLUMNS = [
  ["Failure noticed after", (outcome) => ms(outcome.detection_ms)],
  ["New primary after", (outcome) => ms(outcome.promotion_ms)],
  ["All well again after", (outcome) => ms(outcome.recovery_ms)],
  ["Longest time without a write", (outcome) => ms(outcome.outage_ms)],
  ["Writes acknowledged", (outcome) => outcome.writes ?? "–"],
  ["Of these lost", (outcome) => outcome.lost ?? "–"],
];

function Report({ report }) {
  return html`
    <section class="card report" aria-label="The drill">
      <h2>${NAMES[report.order.kind] ?? report.order.kind}, ${report.order.target}: <span role="status">${PROGRESS[report.progress]}</span></h2>
      ${report.reason && html`<p class="notice bad" role="alert">${report.reason}</p>`}
      ${report.writes.map((writes) => html`<${Outage} key=${writes.cache} writes=${writes} steps=${report.steps} />`)}
      <ol class="steps">${report.steps.map(({ at_ms: at, what }) => html`<li key=${`${at}/${what}`}><span class="number muted">${ms(at)}</span> ${what}</li>`)}</ol>
      ${report.outcomes.length > 0 && html`
        <div class="scroll" tabindex="0" role="group" aria-label="what the drill cost, which can be scrolled">
          <table>
            <thead><tr><th scope="col">Cache</th>${COLUMNS.map(([name]) => html`<th key=${name} scope="col">${name}</th>`)}</tr></thead>
            <tbody>${report.outcomes.map((outcome) => html`<tr key=${outcome.cache}><th scope="row">${outcome.cache}</th>${COLUMNS.map(([name, value]) => html`<td key=${name} class="number">${value(outcome)}</td>`)}</tr>`)}</tbody>
          </table>
        </div>`}
    </section>`;
}

/** A drill as it goes on, until it is over. */
function useReport(begun, account) {
  const [report, setReport] = useState(null);
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    if (!begun) return undefined;
    setReport(begun);
    setWrong("");
    let pause;
    const look = async () => {
      try {
        const now = await told("GET", `/_cachewright/drills/${begun.id}`, { account });
        setReport(now);
        if (now.progress === "running") pause = setTimeout(look, GLANCE);
      } catch (error) {
        setWrong(error.message);
      }
    };
    pause = setTimeout(look, GLANCE);
    return () => clearTimeout(pause);
  }, [begun]);
  return { report, wrong };
}

export function Drills({ cache }) {
  const [kind, setKind] = useState("kill");
  const [picked, setPicked] = useState("");
  const [seconds, setSeconds] = useState(5);
  const [begun, setBegun] = useState(null);
  const [refused, setRefused] = useState("");
  const { report, wrong } = useReport(begun, cache.account);
  const offered = targets(cache, kind);
  const names = offered.map((option) => (Array.isArray(option) ? option[0] : option));
  const target = names.includes(picked) ? picked : names[0];
  const running = report?.progress === "running";
  const begin = async (event) => {
    event.preventDefault();
    setRefused("");
    try {
      setBegun(await told("POST", "/_cachewright/drills", { content: { kind, target, seconds, account: cache.account }, account: cache.account }));
    } catch (error) {
      setRefused(reason(error));
    }
  };
  return html`
    <form class="card" onSubmit=${begin}>
      <h2>Break it on purpose</h2>
      <p class="muted">A client of the drill writes a key every 5 ms meanwhile: one sees when its writes are answered, and in the end what the failure would have cost a client of yours. What is broken is mended afterwards.</p>
      <div class="controls">
        <${Field} label="What happens"><${Choice} value=${kind} options=${KINDS} onPick=${setKind} /><//>
        <${Field} label="To whom"><${Choice} value=${target} options=${offered} onPick=${setPicked} /><//>
        <${Field} label="For seconds"><input type="number" min="1" max="3600" value=${seconds} onInput=${(event) => setSeconds(Number(event.target.value))} /><//>
        </div>
      <button class="danger" disabled=${running}>${running ? "Under way…" : "Begin"}</button>
      ${(refused || wrong) && html`<p class="notice bad" role="alert">${refused || wrong}</p>`}
    </form>
    ${report && html`<${Report} report=${report} />`}`;
}
