// A new cache: the form, and what it comes to as a command and as a template, as one types.
import { html, useState } from "../vendor/preact-htm.js";
import { call, reason } from "../lib/api.js";
import { useChoices } from "../lib/choices.js";
import { command, template } from "../lib/equivalents.js";
import { addressOf, go } from "../lib/router.js";
import { create } from "../lib/requests.js";
import { engineName } from "../lib/words.js";
import { Choice, Copyable, Field } from "./parts.js";
import { Title } from "./title.js";

const SHAPES = {
  nodes: ["One node", "Simple, and empty after a failure."],
  group: ["Primary and replicas", "It fails over by itself."],
  cluster: ["Shards (cluster mode)", "Keys are spread over shards, which can be added and removed."],
};

const START = { engine: "valkey", shape: "group", id: "", version: "", nodeType: "cache.t3.micro", nodes: 1, shards: 2, replicas: 1, multiAz: true, tls: false, token: "", account: "000000000000", region: "" };

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

export function Create() {
  const { versions, node_types: types, region } = useChoices();
  const [told, setTold] = useState(START);
  const [state, setState] = useState({ busy: false, wrong: "" });
  const set = (name) => (value) => setTold((before) => ({ ...before, [name]: value }));
  const text = (name) => (event) => set(name)(event.target.value.trim());
  const offered = versions[told.engine] ?? [];
  const version = offered.includes(told.version) ? told.version : (offered[0] ?? "");
  const shape = told.engine === "memcached" ? "nodes" : told.shape;
  const nodes = told.engine === "memcached" ? told.nodes : 1;
  const wish = { ...told, version, shape, nodes, region: told.region || region };
  const request = create({ ...wish, id: wish.id || "NAME" });
  const submit = async (event) => {
    event.preventDefault();
    setState({ busy: true, wrong: "" });
    try {
      const answer = await call(request, wish);
      const account = answer.getElementsByTagName("ARN")[0].textContent.split(":")[4]; // a key has one of its own, whatever is typed
      const kind = request.resource === "CacheCluster" ? "cache-cluster" : "replication-group";
      go(addressOf({ ...wish, account, id: wish.id.toLowerCase(), kind }));
    } catch (error) {
      setState({ busy: false, wrong: reason(error) });
    }
  };
  const shapes = Object.entries(SHAPES).map(([id, words]) => [id, ...words]);
  return html`
    <div class="head"><${Title} page="Create a cache">Create a cache<//></div>
    <div class="two">
      <form class="card" onSubmit=${submit}>
        <${Field} label="Name" hint="Letters, digits and hyphens; it begins with a letter."><input required value=${told.id} spellcheck="false" autocomplete="off" onInput=${text("id")} /><//>
        <${Radios} legend="Engine" name="engine" value=${told.engine} onPick=${set("engine")} options=${["valkey", "redis", "memcached"].map((id) => [id, engineName(id)])} />
        ${told.engine !== "memcached" && html`<${Radios} legend="Shape" name="shape" value=${shape} onPick=${set("shape")} options=${shapes} />`}
        <div class="row">
          <${Field} label="Version"><${Choice} value=${version} options=${offered} onPick=${set("version")} /><//>
          <${Field} label="Node type"><${Choice} value=${told.nodeType} options=${types} onPick=${set("nodeType")} /><//>
        </div>
        <div class="row"><${Size} wish=${wish} set=${set} /></div>
        <${Tick} label="Encryption in transit" hint="Clients come with TLS." value=${told.tls} onPick=${set("tls")} />
        ${told.tls && request.resource === "ReplicationGroup" && html`<${Field} label="AUTH token (optional)" hint="16 to 128 characters that clients have to bring."><input type="password" autocomplete="new-password" value=${told.token} onInput=${text("token")} /><//>`}
        <div class="row">
          <${Field} label="Account"><input required pattern="[0-9]{12}" value=${told.account} onInput=${text("account")} /><//>
          <${Field} label="Region"><input required value=${wish.region} onInput=${text("region")} /><//>
        </div>
        ${state.wrong && html`<p class="notice bad" role="alert">${state.wrong}</p>`}
        <button class="primary" disabled=${state.busy}>${state.busy ? "Asking…" : "Create"}</button>
      </form>
      <${Equivalents} request=${request} region=${wish.region} />
    </div>`;
}
