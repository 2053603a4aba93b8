// Global datastores: regions beside each other, and from whom to whom data go.
import { html, useState } from "../vendor/preact-htm.js";
import { feed } from "../lib/feed.js";
import { useDatastores } from "../lib/questions.js";
import { disassociate, failOverDatastore } from "../lib/resources.js";
import { addressOf } from "../lib/router.js";
import { engineName, shape } from "../lib/words.js";
import { Deed } from "./deed.js";
import { Badge, Choice, Dots, Empty, Field } from "./parts.js";
import { Title } from "./title.js";
import { Where, useWhere } from "./where.js";

const memberKey = ({ region, id }) => `${region}/${id}`;

function Member({ member, account, caches }) {
  const place = { account, region: member.region, kind: "replication-group", id: member.id };
  const cache = caches.get(`${account}/${member.region}/replication-group/${member.id}`);
  return html`
    <li class=${`card member ${member.role === "primary" ? "leads" : ""}`}>
      <p class="region">${member.region}</p>
      <p class="who"><a class="name" href=${addressOf(place)}>${member.id}</a> ${cache && html`<${Badge} cache=${cache} />`}</p>
      <p><strong>${member.role}</strong>, ${member.status}</p>
      ${cache && html`<p class="shape"><${Dots} cache=${cache} />${shape(cache)}</p>`}
      ${cache?.reason && html`<p class="reason">${cache.reason}</p>`}
    </li>`;
}

/** The primary first, and an arrow to whoever copies it. */
function Members({ datastore, account, caches }) {
  const primary = datastore.members.filter(({ role }) => role === "primary");
  const others = datastore.members.filter(({ role }) => role !== "primary");
  const shown = (member) => html`<${Member} key=${memberKey(member)} ...${{ member, account, caches }} />`;
  return html`
    <div class="regions">
      <ul aria-label=${`Primary of ${datastore.id}`}>${primary.map(shown)}</ul>
      ${others.length > 0 && html`<p class="flow" role="img" aria-label="is copied to"><span aria-hidden="true">⟶</span></p>`}
      ${others.length ? html`<ul aria-label=${`Secondaries of ${datastore.id}`}>${others.map(shown)}</ul>` : html`<p class="muted">No other region copies it yet: create a replication group there with its <code>GlobalReplicationGroupId</code>.</p>`}
    </div>`;
}

function Deeds({ datastore, where, again }) {
  const secondaries = datastore.members.filter(({ role }) => role === "secondary");
  const [picked, setPicked] = useState("");
  const [typed, setTyped] = useState("");
  const member = secondaries.find((one) => memberKey(one) === picked) ?? secondaries[0];
  if (!member) return null;
  const options = secondaries.map((one) => [memberKey(one), `${one.id} in ${one.region}`]);
  return html`
    <div class="deeds below">
      <${Deed} cache=${where} title="Fail over" label=${`Let ${member.region} lead`} request=${failOverDatastore(datastore, member)} said="It is asked for: watch who is primary." done=${again}
        words="Another region takes the writes from now on, and the primary copies it.">
        <${Field} label="Region that leads"><${Choice} value=${memberKey(member)} options=${options} onPick=${setPicked} /><//>
      <//>
      <${Deed} cache=${where} title="Take a member out" label="Take it out" request=${disassociate(datastore, member)} missing=${typed === member.id ? "" : `Type ${member.id} to take it out.`} said="It is asked for." done=${() => (setTyped(""), again())}
        words="A secondary becomes a replication group of its own, with what it holds, and copies nobody any more.">
        <${Field} label="Member"><${Choice} value=${memberKey(member)} options=${options} onPick=${setPicked} /><//>
        <${Field} label="Its name, to be sure"><input value=${typed} placeholder=${member.id} spellcheck=${false} autocomplete="off" onInput=${(event) => setTyped(event.target.value.trim())} /><//>
      <//>
    </div>`;
}

function Datastores({ where }) {
  const { caches } = feed.use();
  const { rows, wrong, again } = useDatastores(where, caches);
  return html`
    ${wrong && html`<p class="notice bad" role="alert">${wrong}</p>`}
    ${!rows && !wrong && html`<p class="muted">Looking…</p>`}
    ${rows && !rows.length && html`
      <${Empty} title="This account has no global datastore">
        <p>One begins with a replication group, to which groups in other regions are added:</p>
        <pre tabindex="0" role="region" aria-label="an example"><code>aws elasticache create-global-replication-group --endpoint-url ${location.origin} \\
    --global-replication-group-id-suffix shop --primary-replication-group-id NAME</code></pre>
      <//>`}
    ${rows?.map((datastore) => html`
      <section key=${datastore.id} class="datastore" aria-label=${datastore.id}>
        <h2>${datastore.id} <span class="muted">${engineName(datastore.engine)} ${datastore.version}, ${datastore.nodeType}, ${datastore.status}</span></h2>
        <${Members} ...${{ datastore, account: where.account, caches }} />
        <${Deeds} ...${{ datastore, where, again }} />
      </section>`)}`;
}

export function DatastoresView() {
  const where = useWhere();
  return html`
    <div class="head"><${Title} page="Global datastores">Global datastores<//><p class="summary">Replication groups of several regions, of which one takes the writes and the others copy it.</p></div>
    <${Where} path="global" where=${where} />
    <${Datastores} key=${`${where.account} ${where.region}`} where=${where} />`;
}
