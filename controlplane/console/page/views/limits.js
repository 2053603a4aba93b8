// The limits of a serverless cache.
import { html, useState } from "../vendor/preact-htm.js";
import { useLimits } from "../lib/questions.js";
import * as requests from "../lib/requests.js";
import { Deed } from "./deed.js";
import { Field } from "./parts.js";

const NONE = { storage: 0, ecpus: 0 };

/** What is not typed stays what it is. */
export function Limits({ cache }) {
  const { rows, wrong } = useLimits(cache);
  const [changed, setChanged] = useState({});
  const now = rows?.[0] ?? NONE;
  const wish = { ...now, ...changed };
  const typed = (name) => (event) => setChanged({ ...changed, [name]: Number(event.target.value) });
  const same = wish.storage === now.storage && wish.ecpus === now.ecpus;
  const missing = wrong || (rows ? (same ? "It has these limits already." : "") : "Its limits are not known yet.");
  return html`
    <${Deed} cache=${cache} title="Change the limits" label="Set both limits" request=${requests.limit(cache, wish)} missing=${missing}
      words="How much it may hold, and how much it may do in a second. 0 lifts a limit.">
      <${Field} label="Most data, GB"><input type="number" min="0" max="5000" value=${wish.storage} onInput=${typed("storage")} /><//>
      <${Field} label="Most ECPUs per second"><input type="number" min="0" max="15000000" value=${wish.ecpus} onInput=${typed("ecpus")} /><//>
    <//>`;
}
