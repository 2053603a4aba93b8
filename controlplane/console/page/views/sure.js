// Something that is asked about once more before it is done.
import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";

export function Sure({ label, name = label, question, act }) {
  const [asked, setAsked] = useState(false);
  const no = useRef();
  useEffect(() => void (asked && no.current?.focus()), [asked]);
  if (!asked) return html`<button type="button" class="quiet" aria-label=${name} onClick=${() => setAsked(true)}>${label}</button>`;
  const yes = () => (setAsked(false), act());
  return html`
    <span class="sure" role="group" aria-label=${question}>
      <span>${question}</span>
      <button type="button" class="quiet" ref=${no} onClick=${() => setAsked(false)}>Keep it</button>
      <button type="button" class="danger" onClick=${yes}>Yes, delete</button>
    </span>`;
}
