// All caches, those first that are not as wished.
import { Component, html } from "../vendor/preact-htm.js";
import { bytes, plain } from "../lib/charts.js";
import { feed } from "../lib/feed.js";
import { useNewest } from "../lib/newest.js";
import { HOME, addressOf, go, place } from "../lib/router.js";
import { byUrgency, count, engineName, isAsWished, isServerless, kindName, matches, nodesOf, shape } from "../lib/words.js";
import { Members } from "./members.js";
import { Badge, Dots, Empty } from "./parts.js";
import { Title } from "./title.js";
import { Windowed } from "./windowed.js";

const FILTERS = [["", "All"], ["attention", "Not as wished"], ["valkey", "Valkey"], ["redis", "Redis OSS"], ["memcached", "Memcached"]];

const shows = (filter) => (cache) => !filter || (filter === "attention" ? !isAsWished(cache) : cache.engine === filter);

const inWords = ({ memory, operations, hits }) =>
  [
    memory !== null && bytes(memory),
    operations !== null && `${plain(operations)} commands/s`,
    hits !== null && `${Math.round(hits)} % hits`,
  ]
    .filter(Boolean)
    .join(", ");

/** Drawn again only when there is something else to show: of a thousand a few change. */
class Item extends Component {
  shouldComponentUpdate({ cache, figures, at, of }) {
    return cache !== this.props.cache || figures !== this.props.figures || at !== this.props.at || of !== this.props.of;
  }

  render({ cache, figures, at, of }) {
    return html`
      <li class=${isAsWished(cache) ? "" : "attention"} aria-posinset=${at + 1} aria-setsize=${of}>
        <div class="who">
          <a class="name" href=${addressOf(cache)}>${cache.id}</a>
          <span class="muted">${kindName(cache)}</span>
        </div>
        <span class="engine">${engineName(cache.engine)} <span class="number">${cache.version}</span></span>
        <span class="shape"><${Dots} cache=${cache} />${shape(cache)}</span>
        <span class="type">${isServerless(cache) ? "serverless" : cache.node_type}<span class="muted">${figures}</span></span>
        <span class="muted where"><span class="number">${cache.account}</span> ${cache.region}</span>
        <${Badge} cache=${cache} />
        ${cache.reason && html`<p class="reason">${cache.reason}</p>`}
      </li>`;
  }
}

function Nothing() {
  return html`
    <${Empty} title="There is no cache yet">
      <p>Create one here, or with any AWS client that is led to this address:</p>
      <pre tabindex="0" role="region" aria-label="an example"><code>aws elasticache create-cache-cluster --endpoint-url ${location.origin} \\
    --cache-cluster-id first --engine redis --cache-node-type cache.t3.micro --num-cache-nodes 1</code></pre>
      <p><a class="button primary" href=${`${HOME}/create`}>Create a cache</a></p>
    <//>`;
}

function summary(caches) {
  if (!caches.length) return "None yet";
  const nodes = caches.reduce((sum, cache) => sum + nodesOf(cache).length, 0);
  const unlike = caches.filter((cache) => !isAsWished(cache)).length;
  return `${count(caches.length, "cache")}, ${count(nodes, "node")}, ${unlike ? `${unlike} not as wished` : "all as wished"}`;
}

export function Overview() {
  const { caches, live } = feed.use();
  const newest = useNewest();
  const { query } = place.use();
  const typed = query.get("q") ?? "";
  const filter = query.get("show") ?? "";
  const ask = (changed) => {
    const wanted = Object.entries({ q: typed, show: filter, ...changed }).filter(([, value]) => value);
    const text = new URLSearchParams(wanted).toString();
    go(text ? `${HOME}?${text}` : HOME, { replace: "q" in changed });
  };
  const every = [...caches.values()].sort(byUrgency);
  const found = every.filter(shows(filter)).filter((cache) => matches(cache, typed));
  const draw = (cache, at, of) => html`<${Item} key=${addressOf(cache)} cache=${cache} figures=${inWords(newest.sum(cache))} at=${at} of=${of} />`;
  return html`
    <div class="head">
      <${Title} page="Caches">Caches<//>
      <p class="summary">${live === "connecting" ? "Looking…" : summary(every)}</p>
    </div>
    ${every.length > 0 && html`
      <div class="filters" role="search">
        <input type="search" aria-label="Search caches" placeholder="Search by name, version, region, reason…" value=${typed} onInput=${(event) => ask({ q: event.target.value })} />
        <div class="chips" role="group" aria-label="Show">
          ${FILTERS.map(([name, words]) => html`
            <button type="button" key=${name} aria-pressed=${String(filter === name)} onClick=${() => ask({ show: name })}>
              ${words} <span class="number">${every.filter(shows(name)).length}</span>
            </button>`)}
        </div>
      </div>`}
    ${live !== "connecting" && !every.length && html`<${Nothing} />`}
    ${every.length > 0 && !found.length && html`
      <${Empty} title="No cache is like that"><p><button type="button" onClick=${() => go(HOME)}>Show all ${every.length}</button></p><//>`}
    ${found.length > 0 && html`<${Windowed} class="caches" items=${found} draw=${draw} />`}
    <${Members} />`;
}
