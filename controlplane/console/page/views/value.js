// What is at a key, part by part, and what can be done to it.
import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { reason } from "../lib/api.js";
import { joined, oneLine, shown, span } from "../lib/bytes.js";
import { bytes, plain } from "../lib/charts.js";
import { ask } from "../lib/data.js";
import { count } from "../lib/words.js";
import { Editor } from "./editor.js";
import { Elements } from "./elements.js";
import { Sure } from "./sure.js";

const EDITABLE = 65_536; // bytes of a string that can be compared, and so changed

const isString = (value) => value.type === "string" || value.type === "item";
const lengthOf = (value) => (isString(value) ? bytes(value.length) : count(value.length, value.type === "stream" ? "entry" : "element", value.type === "stream" ? "entries" : "elements"));

/** A value as far as it was read; `renew` reads it from its beginning. */
function useValue(cache, key, node) {
  const [state, setState] = useState({ value: null, wrong: "", busy: true });
  const read = async (before) => {
    setState({ value: before, wrong: "", busy: true });
    try {
      const part = await ask(cache, "value", { key, node: before?.node ?? node, at: before?.next ?? "" });
      setState({ value: { ...part, items: [...(before?.items ?? []), ...part.items] }, wrong: "", busy: false });
    } catch (error) {
      setState({ value: before, wrong: reason(error), busy: false });
    }
  };
  useEffect(() => void read(null), []);
  return { ...state, renew: () => read(null), more: () => read(state.value) };
}

function Expiry({ value, act }) {
  const [open, setOpen] = useState(false);
  const [seconds, setSeconds] = useState("3600");
  const set = (event) => {
    event.preventDefault();
    setOpen(false);
    act("end", { type: value.type, length: value.length, ttl: Math.round(Number(seconds) * 1000) });
  };
  if (!open) {
    return html`
      <button type="button" class="quiet" onClick=${() => setOpen(true)}>Set expiry</button>
      ${value.ttl !== null && html`<button type="button" class="quiet" onClick=${() => act("end", { type: value.type, length: value.length, ttl: null })}>Never expire</button>`}`;
  }
  return html`
    <form class="controls" onSubmit=${set}>
      <label class="field"><span class="label">Expires after seconds</span><input type="number" min="1" step="1" required value=${seconds} onInput=${(event) => setSeconds(event.target.value)} /></label>
      <button class="primary">Set</button><button type="button" onClick=${() => setOpen(false)}>Cancel</button>
    </form>`;
}

function Text({ value, act }) {
  const [editing, setEditing] = useState(false);
  const whole = value.items.length === 1 && !value.next && value.length <= EDITABLE;
  if (editing) {
    const save = (changed) => (setEditing(false), act("edit", { type: value.type, was: value.items[0][0], value: changed }));
    return html`<${Editor} label="Value" code=${value.items[0][0]} save=${save} cancel=${() => setEditing(false)} />`;
  }
  const { form, text } = shown(joined(value.items.map(([code]) => code)), !whole);
  return html`
    <p class="muted form">${form}</p><pre tabindex="0" role="region" aria-label="the value"><code>${text}</code></pre>
    ${whole
      ? html`<button type="button" onClick=${() => setEditing(true)}>Edit</button>`
      : html`<p class="muted">This is its beginning. It can be changed here up to ${bytes(EDITABLE)}; longer ones on the command line.</p>`}`;
}

export function Value({ cache, name, node, gone, close }) {
  const { value, wrong, busy, renew, more } = useValue(cache, name, node);
  const [told, setTold] = useState({ said: "", wrong: "" });
  const heading = useRef();
  useEffect(() => heading.current?.focus(), []);
  const act = async (what, content) => {
    setTold({ said: "", wrong: "" });
    try {
      await ask(cache, what, { key: name, node: value.node, ...content });
    } catch (error) {
      return setTold({ said: "", wrong: reason(error) });
    }
    setTold({ said: "Done.", wrong: "" });
    if (what === "end" && content.ttl === 0) return gone(), close();
    return renew();
  };
  const facts = value && [
    ["Type", value.type], ["Length", lengthOf(value)], ...(value.size === null ? [] : [["Memory", bytes(value.size)]]),
    ["Expires", value.ttl === null ? "never" : `in ${span(value.ttl)}`], ...(value.encoding ? [["Encoding", value.encoding]] : []), ["Node", value.node],
  ];
  return html`
    <section class="card value" aria-label="Value">
      <h2 tabindex="-1" ref=${heading}>${oneLine(name) || "(empty)"}</h2>
      ${wrong && html`<p class="notice bad" role="alert">${wrong}</p>`}
      ${told.wrong && html`<p class="notice bad" role="alert">${told.wrong}</p>`}
      <p class="said" role="status">${told.said}</p>
      ${value && html`
        <dl class="facts">${facts.map(([fact, words]) => html`<div key=${fact}><dt>${fact}</dt><dd>${words}</dd></div>`)}</dl>
        <div class="controls">
          <${Expiry} value=${value} act=${act} />
          <${Sure} label="Delete" question=${`Delete ${oneLine(name) || "the key without a name"}?`} act=${() => act("end", { type: value.type, length: value.length, ttl: 0 })} />
        </div>
        ${isString(value) ? html`<${Text} value=${value} act=${act} />` : html`<${Elements} value=${value} act=${act} />`}
        ${value.next && html`<button type="button" disabled=${busy} onClick=${more}>Show more of ${isString(value) ? bytes(value.length) : plain(value.length)}</button>`}`}
      <div class="controls"><button type="button" class="quiet" disabled=${busy} onClick=${renew}>${busy ? "Looking…" : "Look again"}</button><button type="button" class="quiet" onClick=${close}>Close</button></div>
    </section>`;
}
