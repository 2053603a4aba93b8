// The heading of a view, which is also the title of the window.
import { html, useEffect } from "../vendor/preact-htm.js";

export function Title({ children, page }) {
  useEffect(() => {
    document.title = `${page} · Cachewright`;
  }, [page]);
  return html`<h1 tabindex="-1">${children}</h1>`;
}
