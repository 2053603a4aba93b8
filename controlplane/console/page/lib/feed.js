// What the control plane tells as it happens: server-sent events, which are resumed after a break. They are read with
// fetch and not with EventSource, which cannot sign what it asks for.
import { send } from "./api.js";
import { changesOf } from "./changes.js";
import { key } from "./key.js";
import { observable } from "./observable.js";

const AT_ONCE = 50; // milliseconds until a stream that broke is taken up again
const SHORTEST = 500; // milliseconds until another try, and
const LONGEST = 5000;
const SILENCE = 40_000; // milliseconds without a line, after which the connection is given up: the server sends one every 15 s
const KEPT = 300; // changes that are remembered, for the timeline

/** `live`: connecting, live, away (it does not answer) or refused (it wants a key). `news` are the changes seen, the newest first. */
export const feed = observable({ caches: new Map(), live: "connecting", trouble: "", refusal: "", activity: 0, news: [] });

export const nameOf = (cache) => [cache.account, cache.region, cache.kind, cache.id].join("/");

const change = (part) => feed.set({ ...feed.get(), ...part });

function learn(told) {
  const before = feed.get();
  const caches = told.whole ? new Map() : new Map(before.caches);
  const found = told.caches.flatMap((cache) => changesOf(before.caches.get(nameOf(cache)), cache, before.live !== "connecting"));
  for (const cache of told.caches) caches.set(nameOf(cache), cache);
  for (const name of told.gone) caches.delete(name.join("/"));
  const news = [...found.reverse(), ...before.news].slice(0, KEPT);
  feed.set({ ...before, caches, news, live: "live", refusal: "", trouble: told.trouble, activity: told.activity });
}

async function read(answer, heard, alive) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let left = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    alive();
    const events = (left + value).split("\n\n");
    left = events.pop();
    events.forEach(heard);
  }
}

/** Read events until the stream ends; whether there were any. */
async function once(progress) {
  const given = new AbortController();
  let watch;
  const alive = () => {
    clearTimeout(watch);
    watch = setTimeout(() => given.abort(), SILENCE);
  };
  let any = false;
  const heard = (event) => {
    const fields = Object.fromEntries(event.split("\n").map((line) => line.split(/: (.*)/s)));
    if (!fields.data) return;
    any = true;
    progress.last = fields.id;
    learn(JSON.parse(fields.data));
  };
  const hide = () => document.hidden && given.abort();
  document.addEventListener("visibilitychange", hide);
  try {
    alive();
    const headers = progress.last ? { "last-event-id": progress.last } : {};
    const answer = await send("GET", "/_cachewright/stream", { headers, signal: given.signal });
    if (answer.status === 403) return await refused(answer);
    if (answer.ok) await read(answer, heard, alive);
  } catch {
    // it broke: the next try tells whether there is somebody
  } finally {
    clearTimeout(watch);
    document.removeEventListener("visibilitychange", hide);
  }
  return any;
}

async function refused(answer) {
  const { error } = await answer.json();
  change({ live: "refused", refusal: key.get() ? error : "" });
  await anotherKey();
  return true;
}

/** Follow, for as long as the page is open and seen. What only broke is taken up again at once, and not spoken of. */
export async function follow() {
  const progress = { last: "" };
  for (let pause = SHORTEST; ; ) {
    await seen();
    if ((await once(progress)) || document.hidden) {
      pause = SHORTEST;
      await after(AT_ONCE);
    } else {
      change({ live: "away" });
      await after(pause);
      pause = Math.min(2 * pause, LONGEST);
    }
  }
}

/** Once somebody may see the page: a hidden one has no connection, because browsers allow six for each host. */
async function seen() {
  while (document.hidden) await new Promise((again) => document.addEventListener("visibilitychange", again, { once: true }));
}

const after = (pause) => new Promise((again) => setTimeout(again, pause));

function anotherKey() {
  return new Promise((told) => {
    const deaf = key.listen(() => {
      deaf();
      told();
    });
  });
}
