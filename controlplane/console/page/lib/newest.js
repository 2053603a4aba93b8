// The newest figures of every node, which are renewed while the page is in sight.
import { told } from "./api.js";
import { feed } from "./feed.js";
import { observable } from "./observable.js";
import { nodesOf } from "./words.js";

const EVERY = 10_000; // milliseconds
const newest = observable({});

async function look() {
  if (feed.get().live === "live" && document.visibilityState === "visible") {
    try {
      newest.set((await told("GET", "/_cachewright/figures/newest")).nodes);
    } catch {
      newest.set({}); // nothing is shown rather than what is old
    }
  }
}

/** Renew them from now on, and at once when the page comes into sight. */
export function renew() {
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
  const deaf = feed.listen(() => {
    if (feed.get().live !== "live") return;
    deaf();
    look();
  });
}

const pointOf = (points, cache, node) => points[`${cache.account}/${cache.region}/${node.name}`];

const total = (values) => {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length ? known.reduce((sum, value) => sum + value, 0) : null;
};

/** The newest point of a node, or undefined. */
export function useNewest() {
  const points = newest.use();
  return {
    of: (cache, node) => pointOf(points, cache, node),
    /** Of a whole cache: memory and commands of all nodes, and the mean hit rate of those that were read from. */
    sum(cache) {
      const own = nodesOf(cache).map((node) => pointOf(points, cache, node)).filter(Boolean);
      const hits = own.map((point) => point.hits).filter((value) => value !== null);
      return {
        memory: total(own.map((point) => point.memory)),
        operations: total(own.map((point) => point.operations)),
        hits: hits.length ? total(hits) / hits.length : null,
      };
    },
  };
}
