// What happened, who asked for what, and what was seen to change, in one list.
import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { told } from "../lib/api.js";
import { feed } from "../lib/feed.js";
import { HOME, go, place } from "../lib/router.js";
import { clock } from "../lib/words.js";
import { Choice, Empty, Field } from "./parts.js";
import { Title } from "./title.js";

const PAUSE = 150; // milliseconds between something that happened and the question for it, so that several make one
const KINDS = [["event", "Events"], ["request", "Requests"], ["change", "Changes seen"]];

/** The entries of an account in a region, or of one cache, renewed with whatever happens. */
function useEntries(account, region, cache) {
  const { activity, news, caches } = feed.use();
  const [state, setState] = useState({ entries: null, error: "" });
  const asking = useRef(null); // the next question, for which others do not wait once more
  useEffect(() => {
    const ask = async () => {
      asking.current = null;
      try {
        const { entries } = await told("GET", "/_cachewright/timeline", { query: { account, region, ...(cache ? { cache } : {}) }, account });
        setState({ entries, error: "" });
      } catch (error) {
        setState((before) => ({ ...before, error: error.message }));
      }
    };
    asking.current ??= setTimeout(ask, state.entries ? PAUSE : 0);
  }, [activity, caches]);
  useEffect(() => () => clearTimeout(asking.current), []);
  const own = news.filter((one) => one.cache.account === account && one.cache.region === region && (!cache || one.cache.id === cache));
  const all = [...(state.entries ?? []), ...own].sort((one, other) => new Date(other.moment) - new Date(one.moment));
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
  const { caches } = feed.use();
  const { query } = place.use();
  const places = [...new Set([...caches.values()].map(({ account, region }) => `${account} ${region}`))].sort();
  const asked = query.get("account") ? `${query.get("account")} ${query.get("region")}` : places[0] ?? "000000000000 us-east-1";
  const [account, region] = asked.split(" ");
  const pick = (chosen) => {
    const [its, there] = chosen.split(" ");
    go(`${HOME}/timeline?account=${its}&region=${there}`);
  };
  return html`
    <div class="head"><${Title} page="Timeline">Timeline<//></div>
    <div class="filters"><${Field} label="Account and region"><${Choice} value=${asked} options=${[...new Set([asked, ...places])]} onPick=${pick} /><//></div>
    <${Entries} key=${asked} account=${account} region=${region} cache="" />`;
}
