// Keys as they are found, and the value of the one that is picked.
import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { reason } from "../lib/api.js";
import { bytesOf, encodedText, oneLine, span } from "../lib/bytes.js";
import { bytes, plain } from "../lib/charts.js";
import { ask } from "../lib/data.js";
import { addressOf, go, place } from "../lib/router.js";
import { count } from "../lib/words.js";
import { NewKey } from "./new_key.js";
import { Choice, Empty, Field } from "./parts.js";
import { Value } from "./value.js";

const TYPES = [["", "Every type"], "string", "hash", "list", "set", "zset", "stream"];
const NOTHING = { found: new Map(), cursor: null, totals: {}, note: "", wrong: "", busy: false };
const COLUMNS = [["key", "Key"], ["type", "Type"], ["size", "Size"], ["ttl", "Expires"]];

/** Keys that were found so far; `search` begins anew, `more` goes on. */
function useKeys(cache, pattern, type) {
  const [state, setState] = useState(NOTHING);
  const wanted = useRef(0); // the search whose answers are waited for
  const look = async (number, before) => {
    if (number !== wanted.current) return;
    setState({ ...before, busy: true, wrong: "" });
    try {
      const page = await ask(cache, "keys", { pattern, type, cursor: before.cursor ?? "" });
      if (number !== wanted.current) return;
      const found = new Map(before.found);
      for (const one of page.keys) found.set(`${one.node}/${one.key}`, one);
      const now = { found, cursor: page.cursor, totals: { ...before.totals, ...page.totals }, note: page.note || before.note, wrong: "", busy: false };
      setState(now);
      if (page.cursor && !found.size) await look(number, now); // of a rare pattern there may be none for long
    } catch (error) {
      if (number === wanted.current) setState({ ...before, wrong: reason(error), busy: false });
    }
  };
  const search = () => look((wanted.current += 1), NOTHING);
  useEffect(() => {
    search();
    return () => void (wanted.current += 1); // nobody waits any more
  }, [pattern, type]);
  return { ...state, search, more: () => look(wanted.current, state) };
}

function sorted(rows, [column, down]) {
  const of = column === "key" ? (row) => oneLine(row.key) : (row) => row[column] ?? Infinity;
  const sign = down ? -1 : 1;
  return rows.sort((one, other) => (of(one) < of(other) ? -sign : of(one) > of(other) ? sign : 0));
}

function Table({ rows, picked, pick }) {
  const [order, setOrder] = useState(["key", false]);
  const by = (column) => setOrder([column, order[0] === column && !order[1]]);
  const sign = (column) => (order[0] !== column ? "" : order[1] ? " ↓" : " ↑");
  return html`
    <div class="scroll keys" tabindex="0" role="group" aria-label="table of keys, which can be scrolled">
      <table>
        <thead><tr>${COLUMNS.map(([column, words]) => html`
          <th scope="col" key=${column} aria-sort=${order[0] === column ? (order[1] ? "descending" : "ascending") : "none"}>
            <button type="button" class="plain" onClick=${() => by(column)}>${words}<span aria-hidden="true">${sign(column)}</span></button>
          </th>`)}</tr></thead>
        <tbody>
          ${sorted(rows, order).map((row) => html`
            <tr key=${`${row.node}/${row.key}`} class=${row.key === picked ? "picked" : ""}>
              <th scope="row"><button type="button" class="plain number" aria-current=${row.key === picked ? "true" : null} onClick=${() => pick(row)}>${oneLine(row.key) || "(empty)"}</button></th>
              <td>${row.type || "not allowed"}</td><td class="number">${row.size === null ? "–" : bytes(row.size)}</td><td class="number">${span(row.ttl)}</td>
            </tr>`)}
        </tbody>
      </table>
    </div>`;
}

export function Keys({ cache }) {
  const { query } = place.use();
  const memcached = cache.engine === "memcached";
  const [pattern, type, node] = ["pattern", "type", "node"].map((name) => query.get(name) ?? "");
  const key = query.get("key"); // null: none; empty: the one whose name is empty
  const making = query.has("new");
  const [typed, setTyped] = useState(pattern);
  const keys = useKeys(cache, pattern, type);
  const { found, cursor, totals, note, wrong, busy } = keys;
  const total = Object.values(totals).reduce((sum, each) => sum + each, 0);
  const show = (change, how) => {
    const wanted = { pattern: pattern || null, type: type || null, key, node: node || null, ...change };
    const pairs = Object.entries(wanted).filter(([, value]) => value !== null);
    go(addressOf(cache, "data") + (pairs.length ? `?${new URLSearchParams(pairs)}` : ""), how);
  };
  const find = (event) => {
    event.preventDefault();
    if (typed === pattern) keys.search();
    else show({ pattern: typed || null }, { replace: true });
  };
  const rows = [...found.values()];
  return html`
    <form class="row search" onSubmit=${find}>
      <${Field} label=${memcached ? "Pattern, or a whole key" : "Pattern"} hint="As in user:*. Empty: every key."><input value=${typed} spellcheck=${false} autocomplete="off" onInput=${(event) => setTyped(event.target.value)} /><//>
      ${!memcached && html`<${Field} label="Type"><${Choice} value=${type} options=${TYPES} onPick=${(chosen) => show({ type: chosen || null }, { replace: true })} /><//>`}
      <button class="primary" disabled=${busy}>Search</button>
      ${typed && !/[*?[\]]/.test(typed) && html`<button type="button" onClick=${() => show({ key: encodedText(typed), node: null }, { stay: true })}>Open this key</button>`}
      <button type="button" onClick=${() => show({ key: null, node: null, new: "" }, { stay: true })}>New key</button>
    </form>
    ${wrong && html`<p class="notice bad" role="alert">${wrong}</p>`}
    ${note && html`<p class="notice warn" role="status">${note}</p>`}
    <div class="browser">
      <div>
        <p class="muted" role="status">${busy ? `Looking…${total ? ` among ${plain(total)} keys` : ""}` : `${count(found.size, "key")} found of ${plain(total)} at ${count(Object.keys(totals).length, "node")}${cursor ? "; there are more to look through" : ""}`}</p>
        ${rows.length > 0 && html`<${Table} rows=${rows} picked=${key} pick=${(row) => show({ key: row.key, node: row.node }, { stay: true })} />`}
        ${cursor && html`<button type="button" disabled=${busy} onClick=${keys.more}>Look further</button>`}
        ${!busy && !wrong && !note && !rows.length && !cursor && html`<${Empty} title=${total ? "No key is like that" : "There is no key"}><p>${total ? "Try another pattern." : "Whatever programs write is to be seen here. The command line writes, too."}</p><//>`}
      </div>
      ${making && html`<${NewKey} cache=${cache} made=${(made, where) => (keys.search(), show({ key: made, node: where || null }, { stay: true }))} close=${() => show({}, { stay: true })} />`}
      ${!making && isKey(key) && html`<${Value} key=${`${node}/${key}`} cache=${cache} name=${key} node=${node} gone=${keys.search} close=${() => show({ key: null, node: null }, { stay: true })} />`}
    </div>`;
}

function isKey(code) {
  try {
    return code !== null && bytesOf(code) !== null;
  } catch {
    return false; // an address that this page has not made
  }
}
