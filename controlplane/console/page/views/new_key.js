// A key that is to be: its name, its type, and its first element.
import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { reason } from "../lib/api.js";
import { encodedText } from "../lib/bytes.js";
import { ask } from "../lib/data.js";
import { Choice, Field } from "./parts.js";

// What the first element of each type consists of: what names it, if anything does, and its value, if it has one.
const TYPES = {
  string: ["", "Value"],
  hash: ["Field", "Value"],
  list: ["", "Element"],
  set: ["Member", ""],
  zset: ["Member", "Score"],
  stream: ["Field", "Value"],
};
const ITEM = { item: ["", "Value"] };

const nodesOf = (cache) => cache.shards.flatMap((shard) => shard.nodes.map((node) => node.name));

/** `made` is called with the name, encoded, and the node of a new key. */
export function NewKey({ cache, made, close }) {
  const memcached = cache.engine === "memcached";
  const types = memcached ? ITEM : TYPES;
  const [typed, setTyped] = useState({ key: "", type: Object.keys(types)[0], node: memcached ? nodesOf(cache)[0] : "", element: "", value: "" });
  const [state, setState] = useState({ busy: false, wrong: "" });
  const first = useRef();
  useEffect(() => first.current.focus(), []);
  const put = (change) => setTyped({ ...typed, ...change });
  const [element, value] = types[typed.type];
  const create = async (event) => {
    event.preventDefault();
    setState({ busy: true, wrong: "" });
    const name = encodedText(typed.key);
    try {
      await ask(cache, "create", { key: name, node: typed.node, type: typed.type, element: encodedText(element && typed.element), value: encodedText(value && typed.value) });
    } catch (error) {
      return setState({ busy: false, wrong: reason(error) });
    }
    return made(name, typed.node);
  };
  return html`
    <form class="card value" aria-label="A new key" onSubmit=${create}>
      <h2>A new key</h2>
      <${Field} label="Key" hint=${memcached ? "" : "It may be empty."}><input ref=${first} spellcheck=${false} autocomplete="off" value=${typed.key} onInput=${(event) => put({ key: event.target.value })} /><//>
      ${memcached
        ? html`<${Field} label="Node" hint="Clients look at the one that their hash of the key names."><${Choice} value=${typed.node} options=${nodesOf(cache)} onPick=${(node) => put({ node })} /><//>`
        : html`<${Field} label="Type"><${Choice} value=${typed.type} options=${Object.keys(types)} onPick=${(type) => put({ type })} /><//>`}
      ${element && html`<${Field} label=${element}><input spellcheck=${false} autocomplete="off" value=${typed.element} onInput=${(event) => put({ element: event.target.value })} /><//>`}
      ${value && html`<${Field} label=${value}><textarea rows="3" spellcheck=${false} value=${typed.value} onInput=${(event) => put({ value: event.target.value })}></textarea><//>`}
      ${state.wrong && html`<p class="notice bad" role="alert">${state.wrong}</p>`}
      <div class="controls"><button class="primary" disabled=${state.busy}>Create the key</button><button type="button" class="quiet" onClick=${close}>Close</button></div>
    </form>`;
}
