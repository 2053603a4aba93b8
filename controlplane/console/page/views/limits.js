// The limits of a serverless cache.
import { html, useState } from "../vendor/preact-htm.js";
import * as requests from "../lib/requests.js";
import { Deed } from "./deed.js";
import { Field } from "./parts.js";

export function Limits({ cache }) {
  const [wish, setWish] = useState({ storage: 0, ecpus: 0 });
  const typed = (name) => (event) => setWish({ ...wish, [name]: Number(event.target.value) });
  return html`
    <${Deed} cache=${cache} title="Change the limits" label="Set both limits" request=${requests.limit(cache, wish)}
      words="How much it may hold, and how much it may do in a second. 0 lifts a limit.">
      <${Field} label="Most data, GB"><input type="number" min="0" max="5000" value=${wish.storage} onInput=${typed("storage")} /><//>
      <${Field} label="Most ECPUs per second"><input type="number" min="0" max="15000000" value=${wish.ecpus} onInput=${typed("ecpus")} /><//>
    <//>`;
}
