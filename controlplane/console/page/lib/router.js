// Addresses of the page: what is shown follows from them, so that they can be shared and go back and forward.
import { observable } from "./observable.js";

export const HOME = "/console";

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // no address of this page's: it is shown that there is nothing
  }
}

const read = () => ({
  parts: location.pathname.slice(HOME.length).split("/").filter(Boolean).map(decoded),
  query: new URLSearchParams(location.search),
});

export const place = observable(read());

addEventListener("popstate", () => place.set(read()));

/** Show another address. `replace` leaves no trace in the history: for what is typed letter by letter; `stay` does not scroll. */
export function go(address, { replace = false, stay = replace } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  place.set(read());
  if (!stay) scrollTo(0, 0);
}

export const addressOf = (cache, tab = "") =>
  [HOME, "caches", cache.account, cache.region, cache.kind, cache.id, tab].filter(Boolean).join("/");

/** Links within the page change what it shows, without loading it again. */
export function interceptLinks() {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? /** @type {HTMLAnchorElement} */ (event.target.closest("a[href]")) : null;
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.target || link.origin !== location.origin) return;
    if (link.pathname !== HOME && !link.pathname.startsWith(`${HOME}/`)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
