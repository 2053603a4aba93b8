// A command line for a node or an endpoint, with what was typed before and what can be typed.
import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { reason } from "../lib/api.js";
import { oneLine } from "../lib/bytes.js";
import { ask } from "../lib/data.js";
import { observable } from "../lib/observable.js";
import { nodeTitle, nodesOf } from "../lib/words.js";
import { Choice, Field } from "./parts.js";

const OFFERED = 8; // commands that go on as what is typed
const KEPT = 200; // lines of the past
const SECRET = /^\s*(acl\s+setuser|config\s+set\s+(requirepass|masterauth)|migrate)\b/i; // lines that the past is not to have
const past = observable([]); // what was typed, the newest last; in this page alone

/** An answer as redis-cli writes it. */
function lines(reply, before = "") {
  if (reply.nil) return "(nil)";
  if (reply.line !== undefined) return reply.line;
  if (reply.error !== undefined) return `(error) ${reply.error}`;
  if (reply.integer !== undefined) return `(integer) ${reply.integer}`;
  if (reply.bytes !== undefined) return before || !oneLine(reply.bytes).includes("\n") ? JSON.stringify(oneLine(reply.bytes)).replaceAll("\\\\x", "\\x") : oneLine(reply.bytes);
  if (!reply.list.length) return "(empty)";
  const width = String(reply.list.length).length;
  return reply.list
    .map((part, at) => {
      if (part.line !== undefined) return part.line;
      const number = `${String(at + 1).padStart(width)}) `;
      return `${at ? before : ""}${number}${lines(part, before + " ".repeat(number.length))}`;
    })
    .join("\n");
}

/** What can be typed at a place; nothing before that is known, or where it is not told. */
function useCommands(cache, at) {
  const [commands, setCommands] = useState([]);
  useEffect(() => {
    let there = true;
    ask(cache, "docs", { place: at }).then(
      (told) => there && setCommands(told.commands),
      () => there && setCommands([]), // whoever types is told why by the command itself
    );
    return () => (there = false);
  }, [at]);
  return commands;
}

function places(cache) {
  const nodes = nodesOf(cache).filter((node) => node.address);
  const own = new Set(nodes.map((node) => node.name));
  return [
    ...(cache.engine === "memcached" ? [] : cache.endpoints.filter(({ name }) => !own.has(name)).map(({ name }) => [name, `${name} endpoint`])),
    ...nodes.map((node) => [node.name, `node ${nodeTitle(cache, node)}${node.role ? `, ${node.role}` : ""}`]),
  ];
}

function Offered({ commands, typed, pick }) {
  const start = typed.trimStart().toUpperCase();
  const fitting = start ? commands.filter(({ name }) => name.toUpperCase().startsWith(start.trimEnd())).slice(0, OFFERED) : [];
  const whole = commands.filter(({ name }) => `${start} `.startsWith(`${name.toUpperCase()} `)).sort((one, other) => other.name.length - one.name.length)[0];
  return html`
    <div class="offered">
      ${whole && html`<p><code>${whole.name} ${whole.usage}</code> <span class="muted">${whole.summary}</span></p>`}
      ${!(whole && fitting.length === 1) && fitting.length > 0 && html`
        <ul aria-label="Commands that begin so">${fitting.map(({ name }) => html`<li key=${name}><button type="button" class="quiet" tabindex="-1" onClick=${() => pick(`${name} `)}>${name}</button></li>`)}</ul>`}
    </div>`;
}

/** The longest beginning that all of them have. */
function common(names) {
  return names.reduce((one, other) => {
    let at = 0;
    while (at < one.length && one[at] === other[at]) at += 1;
    return one.slice(0, at);
  });
}

export function Commands({ cache }) {
  const all = places(cache);
  const [picked, setPicked] = useState(all[0][0]);
  const at = all.some(([name]) => name === picked) ? picked : all[0][0];
  const commands = useCommands(cache, at);
  const [typed, setTyped] = useState("");
  const [said, setSaid] = useState([]);
  const [busy, setBusy] = useState(false);
  const back = useRef(0); // lines of the past that were gone back
  const input = useRef();
  const end = useRef();
  useEffect(() => end.current?.scrollIntoView?.({ block: "nearest" }), [said]);
  const run = async (event) => {
    event.preventDefault();
    const line = typed.trim();
    if (!line || busy) return;
    if (!SECRET.test(line)) past.set([...past.get(), line].slice(-KEPT));
    back.current = 0;
    setTyped("");
    setBusy(true);
    const tell = (text, bad) => setSaid((before) => [...before, { at, line, text, bad }].slice(-KEPT));
    try {
      const reply = await ask(cache, "command", { place: at, line });
      tell(lines(reply), reply.error !== undefined);
    } catch (error) {
      tell(reason(error), true);
    }
    setBusy(false);
    input.current?.focus();
  };
  const travel = (steps) => {
    const before = past.get();
    back.current = Math.max(0, Math.min(before.length, back.current + steps));
    setTyped(before[before.length - back.current] ?? "");
  };
  const complete = (event) => {
    const start = typed.trimStart().toUpperCase();
    const names = start ? commands.map(({ name }) => name).filter((name) => name.toUpperCase().startsWith(start)) : [];
    const next = names.length ? common(names) + (names.length === 1 ? " " : "") : "";
    if (next.length <= typed.trimStart().length) return; // the focus goes on
    event.preventDefault();
    setTyped(next);
  };
  const press = (event) => {
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      travel(event.key === "ArrowUp" ? 1 : -1);
    } else if (event.key === "Tab" && !event.shiftKey) complete(event);
  };
  return html`
    <div class="filters"><${Field} label="Node or endpoint"><${Choice} value=${at} options=${all} onPick=${setPicked} /><//></div>
    <div class="terminal" role="log" aria-label="Answers" tabindex="0">
      ${!said.length && html`<p class="muted">Each command has a connection of its own, 3 seconds, and 1 MiB for its answer. ↑ and ↓ bring back what was typed, Tab completes it.</p>`}
      ${said.map((one, number) => html`<div key=${number}><p><span class="muted">${one.at}></span> ${one.line}</p><pre class=${one.bad ? "bad" : ""}>${one.text}</pre></div>`)}
      <span ref=${end}></span>
    </div>
    <form class="controls" onSubmit=${run}>
      <${Field} label="Command"><input ref=${input} class="number" value=${typed} spellcheck=${false} autocomplete="off" autocapitalize="off" onInput=${(event) => setTyped(event.target.value)} onKeyDown=${press} /><//>
      <button class="primary" disabled=${busy}>${busy ? "Asking…" : "Run"}</button>
    </form>
    <${Offered} commands=${commands} typed=${typed} pick=${(name) => (setTyped(name), input.current.focus())} />`;
}
