// Elements of a hash, a list, a set, a sorted set or a stream. An item has what names the element first.
import { html, useState } from "../vendor/preact-htm.js";
import { encodedText, oneLine, shown } from "../lib/bytes.js";
import { Editor } from "./editor.js";
import { Sure } from "./sure.js";

// What columns are called; whether an element has a value that can be another; what a new one consists of.
const KINDS = {
  hash: { columns: ["Field", "Value"], valued: true, fresh: ["Field", "Value"] },
  list: { columns: ["Position", "Element"], valued: true, fresh: ["Element"] },
  set: { columns: ["Member"], valued: false, fresh: ["Member"] },
  zset: { columns: ["Member", "Score"], valued: true, fresh: ["Member", "Score"] },
  stream: { columns: ["Id", "Fields"], valued: false, fresh: [] },
};
const EMPTY = encodedText("");

/** The rest of an entry of a stream, a field on each line. */
function Fields({ codes }) {
  const pairs = codes.filter((_, at) => at % 2 === 0).map((field, at) => [field, codes[2 * at + 1]]);
  return html`${pairs.map(([field, value]) => html`<div key=${field}><strong>${oneLine(field)}</strong> ${oneLine(value)}</div>`)}`;
}

function Row({ type, item, act }) {
  const [editing, setEditing] = useState(false);
  const [element, ...rest] = item;
  const kind = KINDS[type];
  const was = kind.valued ? rest[0] : EMPTY;
  const save = (value) => (setEditing(false), act("edit", { type, element, was, value }));
  const name = oneLine(element) || "(empty)";
  if (editing) return html`<tr><td colspan="3"><${Editor} label=${`${kind.columns[1]} of ${name}`} code=${rest[0]} save=${save} cancel=${() => setEditing(false)} /></td></tr>`;
  return html`
    <tr>
      <th scope="row" class="number">${name}</th>
      ${kind.columns.length > 1 && html`<td class="text">${type === "stream" ? html`<${Fields} codes=${rest} />` : shown(rest[0]).text}</td>`}
      <td><span class="controls">
        ${kind.valued && html`<button type="button" class="quiet" aria-label=${`Edit ${name}`} onClick=${() => setEditing(true)}>Edit</button>`}
        <${Sure} label="Delete" name=${`Delete ${name}`} question=${`Delete ${name}?`} act=${() => act("edit", { type, element, was, value: null })} />
      </span></td>
    </tr>`;
}

function Fresh({ type, act }) {
  const { fresh } = KINDS[type];
  const [typed, setTyped] = useState(fresh.map(() => ""));
  const add = (event) => {
    event.preventDefault();
    const [first, second] = typed.map(encodedText);
    const element = type === "list" ? encodedText("-1") : first;
    act("edit", { type, element, was: null, value: type === "list" ? first : (second ?? EMPTY) });
    setTyped(fresh.map(() => ""));
  };
  const put = (at) => (event) => setTyped(typed.map((text, place) => (place === at ? event.target.value : text)));
  if (!fresh.length) return null;
  return html`
    <form class="controls" onSubmit=${add}>
      ${fresh.map((label, at) => html`<label class="field" key=${label}><span class="label">New ${label.toLowerCase()}</span><input required=${at === 0} spellcheck=${false} autocomplete="off" value=${typed[at]} onInput=${put(at)} /></label>`)}
      <button>Add</button>
    </form>`;
}

export function Elements({ value, act }) {
  const { type, items } = value;
  const { columns } = KINDS[type];
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="table of elements, which can be scrolled">
      <table>
        <thead><tr>${columns.map((words) => html`<th scope="col" key=${words}>${words}</th>`)}<td></td></tr></thead>
        <tbody>${items.map((item) => html`<${Row} key=${type === "list" ? item.join("/") : item[0]} type=${type} item=${item} act=${act} />`)}</tbody>
      </table>
    </div>
    <${Fresh} type=${type} act=${act} />`;
}
