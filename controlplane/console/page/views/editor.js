// Bytes being changed: as text where they are text, else as hexadecimal digits.
import { html, useEffect, useRef, useState } from "../vendor/preact-htm.js";
import { digits, encodedText, textOf, undigits } from "../lib/bytes.js";

export function Editor({ label, code, save, cancel }) {
  const found = textOf(code);
  const text = found?.includes("\r") ? null : found; // fields of a page have no carriage returns
  const [typed, setTyped] = useState(text ?? digits(code));
  const [wrong, setWrong] = useState("");
  const area = useRef();
  useEffect(() => area.current.focus(), []);
  const submit = (event) => {
    event.preventDefault();
    const changed = text === null ? undigits(typed) : encodedText(typed);
    if (changed === null) setWrong("Write pairs of hexadecimal digits: as text it would lose something.");
    else save(changed);
  };
  return html`
    <form class="editor" onSubmit=${submit}>
      <label class="field"><span class="label">${label}${text === null ? " in hexadecimal digits" : ""}</span>
        <textarea ref=${area} rows=${Math.min(16, typed.split("\n").length + 1)} spellcheck=${false} value=${typed} onInput=${(event) => setTyped(event.target.value)}></textarea>
      </label>
      ${wrong && html`<p class="notice bad" role="alert">${wrong}</p>`}
      <div class="controls"><button class="primary">Save</button><button type="button" onClick=${cancel}>Cancel</button></div>
    </form>`;
}
