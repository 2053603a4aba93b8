// Something that can be done: what it means, what it takes, how others would ask for it, and what came of it.
import { html, useState } from "../vendor/preact-htm.js";
import { call, reason } from "../lib/api.js";
import { command } from "../lib/equivalents.js";

const SEEN_ABOVE = "It is asked for. What comes of it is to be seen above.";

/** `request` is what is asked for; `missing` says in words what is not given yet, `said` what is so once it is done. */
export function Deed({ cache, title, words, label, request, missing = "", danger = false, said = SEEN_ABOVE, done, children }) {
  const [state, setState] = useState({ busy: false, said: "", wrong: "" });
  const act = async (event) => {
    event.preventDefault();
    if (missing) return setState({ busy: false, said: "", wrong: missing });
    setState({ busy: true, said: "", wrong: "" });
    try {
      await call(request, cache);
      setState({ busy: false, said, wrong: "" });
      done?.();
    } catch (error) {
      setState({ busy: false, said: "", wrong: reason(error) });
    }
  };
  return html`
    <form class=${`card deed ${danger ? "danger" : ""}`} onSubmit=${act} novalidate>
      <h2>${title}</h2>
      <p class="muted">${words}</p>
      <div class="controls">${children}</div>
      <button class=${danger ? "danger" : "primary"} disabled=${state.busy}>${state.busy ? "Asking…" : label}</button>
      ${state.wrong && html`<p class="notice bad" role="alert">${state.wrong}</p>`}
      <p class="said" role="status">${state.said}</p>
      <details><summary>As a command</summary><pre tabindex="0" role="region" aria-label=${`the command: ${label}`}><code>${command(request, cache.region)}</code></pre></details>
    </form>`;
}
