// What the forms of users, user groups and parameter groups have in common.
import { html, useState } from "../vendor/preact-htm.js";
import { Deed } from "./deed.js";
import { Choice, Field } from "./parts.js";

export const ENGINES = [["valkey", "Valkey"], ["redis", "Redis OSS"]];

export const Text = ({ label, hint, value, onType, ...more }) => html`
  <${Field} label=${label} hint=${hint}><input value=${value} spellcheck=${false} autocomplete="off" onInput=${(event) => onType(event.target.value)} ...${more} /><//>`;

/** What somebody wishes, and what changes one part of it. */
export function useWish(start) {
  const [wish, setWish] = useState(start);
  return [wish, (name) => (value) => setWish({ ...wish, [name]: value }), setWish];
}

/** The one of several that is picked, the first before that, and the choice under a label. `options` are keys and names. */
export function usePicked(options) {
  const [picked, setPicked] = useState("");
  const key = options.some(([one]) => one === picked) ? picked : options[0][0];
  return [key, (label) => html`<${Field} label=${label}><${Choice} value=${key} options=${options} onPick=${setPicked} /><//>`];
}

/** Options of things that are called by their keys. */
export const named = (keys) => keys.map((key) => [key, key]);

/** The end of one of several, whose name is typed to be sure. `options` are keys and names, `request` is what is asked for by a key. */
export function Deletion({ where, options, request, again, title, label, pick, sure, words, said = "It is asked for." }) {
  const [key, choice] = usePicked(options);
  const [typed, setTyped] = useState("");
  const [, name] = options.find(([one]) => one === key);
  return html`
    <${Deed} cache=${where} title=${title} danger=${true} label=${`${label} ${name}`} request=${request(key)} missing=${typed === name ? "" : `Type ${name} to delete it.`}
      words=${words} said=${said} done=${() => (setTyped(""), again())}>
      ${choice(pick)}
      <${Text} label=${sure} value=${typed} placeholder=${name} onType=${(text) => setTyped(text.trim())} />
    <//>`;
}
