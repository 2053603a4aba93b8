// A table that can be scrolled where the screen is narrow.
import { html } from "../vendor/preact-htm.js";

/** `head` are the names of the columns; each row is `{key, cells}`, of which the first cell names it. */
export const Table = ({ label, head, rows }) => html`
  <div class="scroll" tabindex="0" role="group" aria-label=${`${label}, a table which can be scrolled`}>
    <table>
      <thead><tr>${head.map((name) => html`<th key=${name} scope="col">${name}</th>`)}</tr></thead>
      <tbody>
        ${rows.map(({ key, cells: [first, ...rest] }) => html`<tr key=${key}><th scope="row">${first}</th>${rest.map((cell, at) => html`<td key=${head[at + 1]}>${cell}</td>`)}</tr>`)}
      </tbody>
    </table>
  </div>`;
