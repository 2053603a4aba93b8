// Parameter groups and their values, which can be changed where AWS lets one.
import { html, useState } from "../vendor/preact-htm.js";
import { useParameterGroups, useParameters } from "../lib/questions.js";
import { go, place } from "../lib/router.js";
import { Empty, Choice, Field } from "./parts.js";
import { GroupDeeds, ParameterDeeds } from "./parameter_deeds.js";
import { Table } from "./table.js";
import { Title } from "./title.js";
import { Where, addressIn, useWhere } from "./where.js";

const HEAD = ["Parameter", "Value", "Allowed", "Type", "Takes effect", "Source"];
const TAKES = { immediate: "at once", "requires-reboot": "after a reboot" };

const isOwn = ({ name }) => !name.startsWith("default."); // AWS's cannot be changed

const row = (own, pick) => (parameter) => ({
  key: parameter.name,
  cells: [
    own && parameter.modifiable ? html`<button type="button" class="quiet" title=${parameter.words} onClick=${() => pick(parameter.name)} aria-label=${`Change ${parameter.name}`}>${parameter.name}</button>` : html`<span title=${parameter.words}>${parameter.name}</span>`,
    html`<code>${parameter.value || "–"}</code>`,
    html`<span class="allowed">${parameter.allowed || "–"}</span>`,
    parameter.type,
    parameter.modifiable ? (TAKES[parameter.takes] ?? parameter.takes) : "cannot be changed",
    parameter.source,
  ],
});

function Values({ group, where }) {
  const { rows, wrong, again } = useParameters(where, group.name);
  const [typed, setTyped] = useState("");
  const [picked, setPicked] = useState("");
  if (!rows) return wrong ? html`<p class="notice bad" role="alert">${wrong}</p>` : html`<p class="muted">Looking…</p>`;
  const found = rows.filter(({ name, words }) => `${name} ${words}`.toLowerCase().includes(typed.toLowerCase()));
  const pick = (name) => {
    setPicked(name);
    document.getElementById("new-value")?.focus();
  };
  return html`
    ${isOwn(group) && html`<div class="deeds"><${ParameterDeeds} ...${{ group, parameters: rows, picked, setPicked, where, again }} /></div>`}
    <div class="filters below"><input type="search" aria-label="Search parameters" placeholder="Search by name or meaning…" value=${typed} onInput=${(event) => setTyped(event.target.value)} /></div>
    ${found.length ? html`<${Table} label="parameters" head=${HEAD} rows=${found.map(row(isOwn(group), pick))} />` : html`<${Empty} title="No parameter is like that"><p><button type="button" onClick=${() => setTyped("")}>Show all ${rows.length}</button></p><//>`}`;
}

function Groups({ where, wanted }) {
  const { rows, wrong, again } = useParameterGroups(where);
  if (!rows) return wrong ? html`<p class="notice bad" role="alert">${wrong}</p>` : html`<p class="muted">Looking…</p>`;
  const own = rows.filter(isOwn);
  const group = rows.find(({ name }) => name === wanted) ?? own[0] ?? rows.findLast(({ family }) => family.startsWith("valkey")) ?? rows[0];
  const show = (name) => go(addressIn("parameters", where, { group: name }), { replace: true });
  return html`
    <div class="filters"><${Field} label="Parameter group" hint=${`Of the family ${group.family}.${isOwn(group) ? "" : " AWS's own groups cannot be changed: create one of your own below."}`}><${Choice} value=${group.name} options=${[...own, ...rows.filter((one) => !own.includes(one))].map(({ name }) => name)} onPick=${show} /><//></div>
    <${Values} key=${group.name} group=${group} where=${where} />
    <div class="deeds below"><${GroupDeeds} ...${{ groups: rows, own, where, again, show }} /></div>`;
}

export function ParametersView() {
  const where = useWhere();
  const { query } = place.use();
  return html`
    <div class="head"><${Title} page="Parameters">Parameters<//><p class="summary">How engines are set. A cache uses a group of them, which is chosen under its “Actions”.</p></div>
    <${Where} path="parameters" where=${where} />
    <${Groups} key=${`${where.account} ${where.region}`} where=${where} wanted=${query.get("group")} />`;
}
