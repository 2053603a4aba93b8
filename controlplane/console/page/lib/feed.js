// What the control plane tells of caches as it happens, resumed after a break.
import { changesOf } from "./changes.js";
import { Shut, after, read, seen } from "./events.js";
import { key } from "./key.js";
import { observable } from "./observable.js";

const AT_ONCE = 50; // milliseconds until a stream that broke is taken up again
const SHORTEST = 500; // milliseconds until another try, and
const LONGEST = 5000;
const KEPT = 300; // changes that are remembered, for the timeline

/** `live`: connecting, live, away (it does not answer) or refused (it wants a key). `news` are the changes seen, the newest first. */
export const feed = observable({ caches: new Map(), live: "connecting", trouble: "", refusal: "", news: [] });

export const nameOf = (cache) => [cache.account, cache.region, cache.kind, cache.id].join("/");

const change = (part) => feed.set({ ...feed.get(), ...part });

function learn(told) {
  const before = feed.get();
  const caches = told.whole ? new Map() : new Map(before.caches);
  const found = told.caches.flatMap((cache) => changesOf(before.caches.get(nameOf(cache)), cache, before.live !== "connecting"));
  for (const cache of told.caches) caches.set(nameOf(cache), cache);
  for (const name of told.gone) caches.delete(name.join("/"));
  const news = [...found.reverse(), ...before.news].slice(0, KEPT);
  feed.set({ ...before, caches, news, live: "live", refusal: "", trouble: told.trouble });
}

/** Read events until the stream ends; whether there were any. */
async function once(progress) {
  let any = false;
  const heard = ({ id, data }) => {
    any = true;
    progress.last = id;
    learn(data);
  };
  try {
    await read("/_cachewright/stream", { headers: progress.last ? { "last-event-id": progress.last } : {} }, heard);
  } catch (error) {
    if (error instanceof Shut) return await refused(error.message);
    // it broke: the next try tells whether there is somebody
  }
  return any;
}

async function refused(error) {
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

function anotherKey() {
  return new Promise((told) => {
    const deaf = key.listen(() => {
      deaf();
      told();
    });
  });
}
