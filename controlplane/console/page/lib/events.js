// Server-sent events, read with fetch and not with EventSource, which cannot sign what it asks for.
import { send } from "./api.js";

const SILENCE = 40_000; // milliseconds without a line, after which the connection is given up: the server sends one every 15 s

/** Somebody without a key that opens it, in words of the server's. */
export class Shut extends Error {}

export const after = (pause) => new Promise((again) => setTimeout(again, pause));

/** Once somebody may see the page: a hidden one has no connection, because browsers allow six for each host. */
export async function seen() {
  while (document.hidden) await new Promise((again) => document.addEventListener("visibilitychange", again, { once: true }));
}

function parsed(event) {
  const fields = Object.fromEntries(event.split("\n").map((line) => line.split(/: (.*)/s)));
  return fields.data && { id: fields.id, data: JSON.parse(fields.data) };
}

async function drained(body, heard, alive) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let left = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    alive();
    const events = (left + value).split("\n\n");
    left = events.pop();
    events.map(parsed).filter(Boolean).forEach(heard);
  }
}

/** Read events until the stream ends, is given up, or nobody sees the page. `given` ends it from outside. */
export async function read(path, { given = new AbortController(), ...options }, heard) {
  let watch;
  const alive = () => {
    clearTimeout(watch);
    watch = setTimeout(() => given.abort(), SILENCE);
  };
  const hide = () => document.hidden && given.abort();
  document.addEventListener("visibilitychange", hide);
  try {
    alive();
    const answer = await send("GET", path, { ...options, signal: given.signal });
    if (answer.status === 403) throw new Shut((await answer.json()).error);
    if (answer.ok) await drained(answer.body, heard, alive);
  } finally {
    clearTimeout(watch);
    document.removeEventListener("visibilitychange", hide);
  }
}
