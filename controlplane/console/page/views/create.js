// A new cache: the form, and what it comes to as a command and as a template, as one types.
import { html, useState } from "../vendor/preact-htm.js";
import { call, reason } from "../lib/api.js";
import { useChoices } from "../lib/choices.js";
import { command, template } from "../lib/equivalents.js";
import { addressOf, go, place } from "../lib/router.js";
import { useServerlessSnapshots, useSnapshots, useUserGroups } from "../lib/questions.js";
import { create } from "../lib/requests.js";
import { engineName } from "../lib/words.js";
import { Choice, Copyable, Field } from "./parts.js";
import { Title } from "./title.js";

const SHAPES = {
  nodes: ["One node", "Simple, and empty after a failure."],
  group: ["Primary and replicas", "It fails over by itself."],
  cluster: ["Shards (cluster mode)", "Keys are spread over shards, which can be added and removed."],
  serverless: ["Serverless", "An address, and nothing to size: limits only."],
};
const OF_MEMCACHED = ["nodes", "serverless"];
const KINDS = { CacheCluster: "cache-cluster", ReplicationGroup: "replication-group", ServerlessCache: "serverless-cache" };

const START = { snapshot: null, userGroup: "", storage: 0, ecpus: 0, engine: "valkey", shape: "group", id: "", version: "", nodeType: "cache.t3.micro", nodes: 1, shards: 2, replicas: 1, multiAz: true, tls: false, token: "", account: "000000000000", region: "" };

function Radios({ legend, name, options, value, onPick }) {
  return html`
    <fieldset class="radios"><legend>${legend}</legend>
      ${options.map(([id, words, hint]) => html`
        <label key=${id} class=${id === value ? "picked" : ""}>
          <input type="radio" name=${name} value=${id} checked=${id === value} onChange=${() => onPick(id)} />
          <span><strong>${words}</strong>${hint && html`<span class="hint">${hint}</span>`}</span>
        </label>`)}
    </fieldset>`;
}

const Counted = ({ label, hint, value, least, most, onPick }) => html`
  <${Field} label=${label} hint=${hint}><input type="number" min=${least} max=${most} value=${value} onInput=${(event) => onPick(Number(event.target.value))} /><//>`;

const Tick = ({ label, hint, value, onPick }) => html`
  <label class="tick"><input type="checkbox" checked=${value} onChange=${(event) => onPick(event.target.checked)} /><span>${label}${hint && html`<span class="hint">${hint}</span>`}</span></label>`;

function Size({ wish, set }) {
  if (wish.shape === "serverless") {
    return html`
      <${Counted} label="Most data, GB" hint="0: no limit." value=${wish.storage} least=${0} most=${5000} onPick=${set("storage")} />
      <${Counted} label="Most ECPUs per second" hint="0: no limit; else 1,000 or more." value=${wish.ecpus} least=${0} most=${15000000} onPick=${set("ecpus")} />`;
  }
  if (wish.shape === "nodes")
    return wish.engine === "memcached" && html`<${Counted} label="Nodes" value=${wish.nodes} least=${1} most=${40} onPick=${set("nodes")} />`;
  return html`
    ${wish.shape === "cluster" && html`<${Counted} label="Shards" value=${wish.shards} least=${1} most=${90} onPick=${set("shards")} />`}
    <${Counted} label=${wish.shape === "cluster" ? "Replicas of each shard" : "Replicas"} value=${wish.replicas} least=${0} most=${5} onPick=${set("replicas")} />
    ${wish.replicas > 0 && html`<${Tick} label="Multi-AZ" hint="The nodes stand in different zones." value=${wish.multiAz} onPick=${set("multiAz")} />`}`;
}

function Equivalents({ request, region }) {
  return html`
    <aside class="card equivalents" aria-label="The same in other words">
      <h2>The same with the AWS CLI</h2><${Copyable} text=${command(request, region)} label="the command of the AWS CLI" />
      <h2>The same in CloudFormation</h2><${Copyable} text=${template(request)} label="the fragment of CloudFormation" />
    </aside>`;
}

/** Who may enter: a token, or the users of a group. */
function Access({ wish, set }) {
  const { rows } = useUserGroups(wish);
  const groups = (rows ?? []).filter(({ engine }) => engine === wish.engine || wish.engine === "valkey").map(({ id }) => id);
  const several = wish.shape !== "serverless";
  return html`
    ${several && html`<${Field} label="AUTH token (optional)" hint="16 to 128 characters that clients have to bring."><input type="password" autocomplete="new-password" value=${wish.token} onInput=${(event) => set("token")(event.target.value.trim())} /><//>`}
    ${groups.length > 0 && html`<${Field} label="User group (optional)"><${Choice} value=${wish.userGroup} options=${[["", "none"], ...groups]} onPick=${set("userGroup")} /><//>`}`;
}

/** What a cache begins with that is made of a snapshot. */
function seeded(snapshot) {
  const { engine, version, nodeType, shards, clustered, serverless } = snapshot;
  const shape = serverless ? "serverless" : clustered ? "cluster" : "group";
  return { ...START, snapshot, engine, version, shape, shards, ...(nodeType ? { nodeType } : {}) };
}

/** The form, once it is known what a snapshot is that the address names. */
export function Create() {
  const { query } = place.use();
  const name = query.get("snapshot");
  if (!name) return html`<${Form} key="new" start=${START} />`;
  return html`<${Restore} key=${name} name=${name} where=${{ account: query.get("account"), region: query.get("region") }} kind=${query.get("kind")} />`;
}

function Restore({ name, where, kind }) {
  const nodes = useSnapshots(where);
  const serverless = useServerlessSnapshots(where);
  const { rows, wrong } = kind === "serverless" ? serverless : nodes;
  const snapshot = rows?.find((one) => one.name === name);
  if (snapshot) return html`<${Form} start=${{ ...seeded(snapshot), ...where }} />`;
  return html`
    <div class="head"><${Title} page="Restore">Restore ${name}<//></div>
    ${wrong ? html`<p class="notice bad" role="alert">${wrong}</p>` : html`<p class="muted">${rows ? "There is no such snapshot (any more)." : "Looking…"}</p>`}`;
}

function Form({ start }) {
  const { versions, node_types: types, region } = useChoices();
  const [told, setTold] = useState(start);
  const [state, setState] = useState({ busy: false, wrong: "" });
  const set = (name) => (value) => setTold((before) => ({ ...before, [name]: value }));
  const text = (name) => (event) => set(name)(event.target.value.trim());
  const offered = versions[told.engine] ?? [];
  const version = offered.includes(told.version) ? told.version : (offered[0] ?? "");
  const memcached = told.engine === "memcached";
  const shape = memcached && !OF_MEMCACHED.includes(told.shape) ? "nodes" : told.shape;
  const nodes = memcached ? told.nodes : 1;
  const wish = { ...told, version, shape, nodes, region: told.region || region };
  const request = create({ ...wish, id: wish.id || "NAME" });
  const submit = async (event) => {
    event.preventDefault();
    setState({ busy: true, wrong: "" });
    try {
      const answer = await call(request, wish);
      const account = answer.getElementsByTagName("ARN")[0].textContent.split(":")[4]; // a key has one of its own, whatever is typed
      go(addressOf({ ...wish, account, id: wish.id.toLowerCase(), kind: KINDS[request.resource] }));
    } catch (error) {
      setState({ busy: false, wrong: reason(error) });
    }
  };
  const shapes = Object.entries(SHAPES).filter(([id]) => !memcached || OF_MEMCACHED.includes(id)).map(([id, words]) => [id, ...words]);
  const title = told.snapshot ? `Restore ${told.snapshot.name}` : "Create a cache";
  return html`
    <div class="head"><${Title} page=${title}>${title}<//>${told.snapshot && html`<p class="summary">A new cache that begins with what ${told.snapshot.cache} held.</p>`}</div>
    <div class="two">
      <form class="card" onSubmit=${submit}>
        <${Field} label="Name" hint="Letters, digits and hyphens; it begins with a letter."><input required value=${told.id} spellcheck=${false} autocomplete="off" onInput=${text("id")} /><//>
        <${Radios} legend="Engine" name="engine" value=${told.engine} onPick=${set("engine")} options=${["valkey", "redis", "memcached"].map((id) => [id, engineName(id)])} />
        <${Radios} legend="Shape" name="shape" value=${shape} onPick=${set("shape")} options=${shapes} />
        <div class="row">
          <${Field} label="Version"><${Choice} value=${version} options=${offered} onPick=${set("version")} /><//>
          ${shape !== "serverless" && html`<${Field} label="Node type"><${Choice} value=${told.nodeType} options=${[...new Set([told.nodeType, ...types])]} onPick=${set("nodeType")} /><//>`}
        </div>
        <div class="row"><${Size} wish=${wish} set=${set} /></div>
        ${shape === "serverless" ? !memcached && html`<${Access} wish=${wish} set=${set} />` : html`<${Tick} label="Encryption in transit" hint="Clients come with TLS." value=${told.tls} onPick=${set("tls")} />`}
        ${told.tls && request.resource === "ReplicationGroup" && html`<${Access} wish=${wish} set=${set} />`}
        <div class="row">
          <${Field} label="Account"><input required pattern="[0-9]{12}" value=${told.account} onInput=${text("account")} /><//>
          <${Field} label="Region"><input required value=${wish.region} onInput=${text("region")} /><//>
        </div>
        ${state.wrong && html`<p class="notice bad" role="alert">${state.wrong}</p>`}
        <button class="primary" disabled=${state.busy}>${state.busy ? "Asking…" : told.snapshot ? "Restore" : "Create"}</button>
      </form>
      <${Equivalents} request=${request} region=${wish.region} />
    </div>`;
}
