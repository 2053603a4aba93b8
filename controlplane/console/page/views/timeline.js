// What happened, who asked for what, and what was seen to change, in one list.
import { html, useEffect, useState } from "../vendor/preact-htm.js";
import { feed } from "../lib/feed.js";
import { followTimeline } from "../lib/timeline.js";
import { clock } from "../lib/words.js";
import { Empty } from "./parts.js";
import { Title } from "./title.js";
import { Where, useWhere } from "./where.js";

const KINDS = [["event", "Events"], ["request", "Requests"], ["change", "Changes seen"]];

/** The entries of an account in a region, or of one cache, as they come. */
function useEntries(account, region, cache) {
  const { news } = feed.use();
  const [state, setState] = useState({ entries: null, error: "" });
  useEffect(() => followTimeline({ account, region, ...(cache ? { cache } : {}) }, setState), [account, region, cache]);
  const own = news.filter((one) => one.cache.account === account && one.cache.region === region && (!cache || one.cache.id === cache));
  const all = [...(state.entries ?? []), ...own].sort((one, other) => Date.parse(other.moment) - Date.parse(one.moment));
  return { ...state, all };
}

function Entry({ entry }) {
  const refused = entry.kind === "request" && entry.error;
  return html`
    <li class=${`${entry.kind} ${refused ? "refused" : ""}`}>
      <time datetime=${entry.moment}>${clock(entry.moment)}</time>
      <span class="kind">${entry.kind}</span>
      <div>
        <strong>${entry.source}</strong> ${entry.kind === "request" ? html`<span class="muted params">${entry.text}</span>` : entry.text}
        ${refused && html`<p class="reason"><strong>${entry.error}</strong> ${entry.message}</p>`}
      </div>
      <span class="number muted">${entry.milliseconds === null || entry.milliseconds === undefined ? "" : `${entry.milliseconds} ms`}</span>
    </li>`;
}

function Entries({ account, region, cache }) {
  const { all, entries, error } = useEntries(account, region, cache);
  const [hidden, setHidden] = useState(new Set());
  const toggle = (kind) => {
    const next = new Set(hidden);
    if (!next.delete(kind)) next.add(kind);
    setHidden(next);
  };
  const shown = all.filter((entry) => !hidden.has(entry.kind));
  return html`
    <div class="chips" role="group" aria-label="Show">
      ${KINDS.map(([kind, words]) => html`
        <button type="button" key=${kind} aria-pressed=${String(!hidden.has(kind))} onClick=${() => toggle(kind)}>
          ${words} <span class="number">${all.filter((entry) => entry.kind === kind).length}</span>
        </button>`)}
    </div>
    ${error && html`<p class="notice bad" role="alert">${error}</p>`}
    ${entries && !shown.length && html`<${Empty} title="Nothing happened yet"><p>Events of 14 days stand here, the last requests, and what changes while this page is open.</p><//>`}
    <ol class="entries">${shown.map((entry) => html`<${Entry} key=${entry.key ?? `${entry.moment}/${entry.source}/${entry.text}`} entry=${entry} />`)}</ol>`;
}

export const Timeline = ({ cache }) => html`<${Entries} account=${cache.account} region=${cache.region} cache=${cache.id} />`;

/** The timeline of an account in a region. */
export function TimelineView() {
  const where = useWhere();
  return html`
    <div class="head"><${Title} page="Timeline">Timeline<//></div>
    <${Where} path="timeline" where=${where} />
    <${Entries} key=${`${where.account} ${where.region}`} account=${where.account} region=${where.region} cache="" />`;
}
