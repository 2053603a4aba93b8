// What is asked about the data of a cache, and as whom. What somebody typed to be let in is kept by this page, until it is
// closed or loaded again.
import { told } from "./api.js";
import { observable } from "./observable.js";

const NOBODY = { user: "", password: "", database: 0 };
const visitors = observable(new Map());

const nameOf = ({ account, region, kind, id }) => ({ account, region, kind, id });
const placeOf = (cache) => Object.values(nameOf(cache)).join("/");

/** Who one is at a cache, drawn again when that changes. */
export const useVisitor = (cache) => visitors.use().get(placeOf(cache)) ?? NOBODY;

export const becomeVisitor = (cache, visitor) => visitors.set(new Map(visitors.get()).set(placeOf(cache), visitor));

/** An answer about the data of a cache; what is refused is thrown, as everywhere. */
export function ask(cache, name, content = {}) {
  const visitor = visitors.get().get(placeOf(cache)) ?? NOBODY;
  return told("POST", `/_cachewright/data/${name}`, { content: { ...nameOf(cache), ...visitor, ...content }, account: cache.account });
}
