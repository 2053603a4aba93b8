// What can be done to a cache. Each goes through the same API as everybody's requests, so the same rules hold.
import { html, useState } from "../vendor/preact-htm.js";
import * as requests from "../lib/requests.js";
import { isClustered, isGroup, isServerless, nodeTitle, nodesOf } from "../lib/words.js";
import { useChoices } from "../lib/choices.js";
import { Deed } from "./deed.js";
import { Choice, Field } from "./parts.js";
import { ParameterGroup, UserGroup } from "./settings_deeds.js";
import { Limits } from "./limits.js";

function FailOver({ cache }) {
  const able = requests.mayFailOver(cache);
  const [picked, setPicked] = useState("");
  if (!able.length) {
    return html`
      <section class="card deed"><h2>Fail over</h2><p class="muted">${isClustered(cache) ? "No shard has a replica" : "There is no replica"} that could take the place of the primary. Add one first: change the number of replicas.</p></section>`;
  }
  const shard = able.some(({ id }) => id === picked) ? picked : able[0].id;
  return html`
    <${Deed} cache=${cache} title="Fail over" label="Fail over" request=${requests.failover(cache, shard)}
      words="The primary is taken away, and a replica takes its place: watch the picture.">
      ${isClustered(cache) && html`<${Field} label="Shard"><${Choice} value=${shard} options=${able.map(({ id }) => id)} onPick=${setPicked} /><//>`}
    <//>`;
}

function Reboot({ cache }) {
  const every = nodesOf(cache);
  const [name, setName] = useState(every[0].name);
  const node = every.find((each) => each.name === name) ?? every[0];
  return html`
    <${Deed} cache=${cache} title="Reboot a node" label=${`Reboot ${nodeTitle(cache, node)}`} request=${requests.reboot(node)}
      words="The engine of one node starts anew.">
      <${Field} label="Node"><${Choice} value=${node.name} options=${every.map((each) => [each.name, nodeTitle(cache, each)])} onPick=${setName} /><//>
    <//>`;
}

function Snapshot({ cache }) {
  const [name, setName] = useState(`${cache.id}-${new Date().toISOString().slice(0, 10)}`);
  return html`
    <${Deed} cache=${cache} title="Take a snapshot" label="Take it" request=${requests.snapshot(cache, name)} missing=${name ? "" : "Give the snapshot a name."}
      words="What it holds becomes a file, out of which other caches can be made.">
      <${Field} label="Name"><input value=${name} spellcheck=${false} onInput=${(event) => setName(event.target.value.trim())} /><//>
    <//>`;
}

const Numbered = ({ value, least, most, onPick }) =>
  html`<input type="number" min=${least} max=${most} value=${value} onInput=${(event) => onPick(Number(event.target.value))} />`;

function Size({ cache }) {
  const memcached = cache.engine === "memcached";
  const now = memcached ? nodesOf(cache).length : Math.round(nodesOf(cache).length / cache.shards.length) - 1;
  const [number, setNumber] = useState(now);
  const request = memcached ? requests.nodes(cache, number) : requests.replicas(cache, number);
  const what = memcached ? "nodes" : isClustered(cache) ? "replicas of each shard" : "replicas";
  return html`
    <${Deed} cache=${cache} title=${`Change the ${what}`} label="Change" request=${request} missing=${number === now ? `It has ${now} already.` : ""}
      words="Nodes come, or the last ones go.">
      <${Field} label=${`Number of ${what}`}><${Numbered} value=${number} least=${memcached ? 1 : 0} most=${memcached ? 40 : 5} onPick=${setNumber} /><//>
    <//>`;
}

function Reshard({ cache }) {
  const now = cache.shards.length;
  const [number, setNumber] = useState(now);
  return html`
    <${Deed} cache=${cache} title="Reshard" label="Reshard" request=${requests.shards(cache, number)} missing=${number === now ? `It has ${now} already.` : ""}
      words="Shards come or the last ones go, and slots move while clients go on: watch the bar.">
      <${Field} label="Number of shards"><${Numbered} value=${number} least=${1} most=${90} onPick=${setNumber} /><//>
    <//>`;
}

function Modify({ cache }) {
  const { node_types: types, versions } = useChoices();
  const [wish, setWish] = useState({ CacheNodeType: cache.node_type, EngineVersion: cache.version });
  const changed = {};
  if (wish.CacheNodeType !== cache.node_type) changed.CacheNodeType = wish.CacheNodeType;
  if (wish.EngineVersion !== cache.version) changed.EngineVersion = wish.EngineVersion;
  const offered = [...new Set([cache.version, ...(versions[cache.engine] ?? [])])];
  const pick = (name) => (value) => setWish({ ...wish, [name]: value });
  return html`
    <${Deed} cache=${cache} title="Modify" label="Modify now" request=${requests.modify(cache, changed)} missing=${Object.keys(changed).length ? "" : "Choose something else than it has."}
      words="Another node type or version: the nodes are replaced one after the other.">
      <${Field} label="Node type"><${Choice} value=${wish.CacheNodeType} options=${[...new Set([cache.node_type, ...types])]} onPick=${pick("CacheNodeType")} /><//>
      <${Field} label="Engine version"><${Choice} value=${wish.EngineVersion} options=${offered} onPick=${pick("EngineVersion")} /><//>
    <//>`;
}

/** Of clusters of Memcached AWS takes none. */
const hasSnapshots = (cache) => isServerless(cache) || cache.engine !== "memcached";

function Delete({ cache }) {
  const [typed, setTyped] = useState("");
  const [last, setLast] = useState("");
  const sure = typed === cache.id;
  return html`
    <${Deed} cache=${cache} title="Delete" danger=${true} label=${`Delete ${cache.id}`} request=${requests.remove(cache, last)} missing=${sure ? "" : `Type ${cache.id} to delete it.`}
      words="Its nodes go, and all that they hold. There is no way back.">
      <${Field} label="Its name, to be sure"><input value=${typed} placeholder=${cache.id} spellcheck=${false} autocomplete="off" onInput=${(event) => setTyped(event.target.value.trim())} /><//>
      ${hasSnapshots(cache) && html`<${Field} label="Last snapshot (optional)"><input value=${last} spellcheck=${false} autocomplete="off" onInput=${(event) => setLast(event.target.value.trim())} /><//>`}
    <//>`;
}

export function Deeds({ cache }) {
  const memcached = cache.engine === "memcached";
  if (isServerless(cache)) {
    return html`
      <div class="deeds">
        <${Limits} cache=${cache} />
        <${Snapshot} cache=${cache} />
        ${!memcached && html`<${UserGroup} cache=${cache} />`}
        <${Delete} cache=${cache} />
      </div>`; // it sees to itself otherwise
  }
  return html`
    <div class="deeds">
      ${isGroup(cache) && html`<${FailOver} cache=${cache} />`}
      <${Reboot} cache=${cache} />
      <${Modify} cache=${cache} />
      ${(isGroup(cache) || memcached) && html`<${Size} cache=${cache} />`}
      ${isClustered(cache) && html`<${Reshard} cache=${cache} />`}
      ${hasSnapshots(cache) && html`<${Snapshot} cache=${cache} />`}
      <${ParameterGroup} cache=${cache} />
      ${isGroup(cache) && html`<${UserGroup} cache=${cache} />`}
      <${Delete} cache=${cache} />
    </div>`;
}
