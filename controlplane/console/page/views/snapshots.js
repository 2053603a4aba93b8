// Snapshots of an account in a region: what they are of, and what can be made of them.
import { html, useState } from "../vendor/preact-htm.js";
import { useServerlessSnapshots, useSnapshots } from "../lib/questions.js";
import { copySnapshot, deleteSnapshot } from "../lib/resources.js";
import { HOME } from "../lib/router.js";
import { engineName } from "../lib/words.js";
import { Deed } from "./deed.js";
import { Deletion, Text, usePicked } from "./forms.js";
import { Empty } from "./parts.js";
import { Table } from "./table.js";
import { Title } from "./title.js";
import { Where, addressIn, useWhere } from "./where.js";

const HEAD = ["Snapshot", "Of", "Engine", "Shards", "Taken", "Source", "Status", "Make a cache of it"];
const keyOf = ({ serverless, name }) => `${serverless ? "serverless" : "node"}/${name}`;
const options = (every) => every.map((one) => [keyOf(one), one.name]);

function cells(snapshot, where) {
  const { name, cache, engine, version, shards, serverless, taken, source, status } = snapshot;
  const restore = html`<a class="button quiet" href=${addressIn("create", where, { snapshot: name, kind: serverless ? "serverless" : "node" })} aria-label=${`Restore ${name}`}>Restore</a>`;
  const when = taken ? new Date(taken).toLocaleString() : "–";
  return [name, cache, `${engineName(engine)} ${version}`, serverless ? "serverless" : shards, when, source, status, status === "available" ? restore : "–"];
}

function Copy({ every, where, again }) {
  const [key, choice] = usePicked(options(every));
  const [target, setTarget] = useState("");
  const snapshot = every.find((one) => keyOf(one) === key);
  return html`
    <${Deed} cache=${where} title="Copy a snapshot" label="Copy" request=${copySnapshot(snapshot, target || "NAME")} missing=${target ? "" : "Give the copy a name."}
      words="The same once more under another name: it stays when the first one goes." said="The copy is asked for." done=${again}>
      ${choice("Snapshot")}
      <${Text} label="Name of the copy" value=${target} onType=${(text) => setTarget(text.trim())} />
    <//>`;
}

const Delete = ({ every, where, again }) => html`
  <${Deletion} ...${{ where, again }} options=${options(every)} request=${(key) => deleteSnapshot(every.find((one) => keyOf(one) === key))} title="Delete a snapshot" label="Delete" pick="Snapshot to delete" sure="Its name, to be sure"
    words="Its file goes. There is no way back." />`;

function Snapshots({ where }) {
  const nodes = useSnapshots(where);
  const serverless = useServerlessSnapshots(where);
  const again = () => (nodes.again(), serverless.again());
  const wrong = nodes.wrong || serverless.wrong;
  const every = [...(nodes.rows ?? []), ...(serverless.rows ?? [])];
  const isRead = nodes.rows && serverless.rows;
  return html`
    ${wrong && html`<p class="notice bad" role="alert">${wrong}</p>`}
    ${!isRead && !wrong && html`<p class="muted">Looking…</p>`}
    ${isRead && !every.length && html`<${Empty} title="There is no snapshot here"><p>Take one under “Actions” of a cache; other caches can be made of it then. <a href=${HOME}>Show all caches</a></p><//>`}
    ${every.length > 0 && html`
      <${Table} label="snapshots" head=${HEAD} rows=${every.map((one) => ({ key: keyOf(one), cells: cells(one, where) }))} />
      <div class="deeds below"><${Copy} ...${{ every, where, again }} /><${Delete} ...${{ every, where, again }} /></div>`}`;
}

export function SnapshotsView() {
  const where = useWhere();
  return html`
    <div class="head"><${Title} page="Snapshots">Snapshots<//><p class="summary">What caches held at a moment, as files. A new cache can begin with one.</p></div>
    <${Where} path="snapshots" where=${where} />
    <${Snapshots} key=${`${where.account} ${where.region}`} where=${where} />`;
}
