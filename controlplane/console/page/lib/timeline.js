// The timeline as the control plane tells it: all at first, then what is new.
import { after, read, seen } from "./events.js";

const KEPT = 400; // entries
const PAUSE = 1000; // milliseconds until a stream that broke is taken up again

/** Follow; `set` takes a function from the state before, {entries, error}, to the next. What is answered ends it. */
export function followTimeline(query, set) {
  const ended = { now: false };
  let given;
  const heard = ({ data: { entries, whole, error } }) =>
    set((before) => (error ? { ...before, error } : { entries: [...entries, ...(whole ? [] : before.entries)].slice(0, KEPT), error: "" }));
  const follow = async () => {
    while (!ended.now) {
      await seen();
      given = new AbortController();
      try {
        await read("/_cachewright/timeline/stream", { query, account: query.account, given }, heard);
      } catch {
        // it broke: the bar says so if it stays away
      }
      if (!ended.now) await after(PAUSE);
    }
  };
  follow();
  return () => {
    ended.now = true;
    given?.abort();
  };
}
