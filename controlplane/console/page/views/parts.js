// Small parts that several views have.
import { html, useState } from "../vendor/preact-htm.js";
import { isAsWished } from "../lib/words.js";

const SIGNS = { available: "✓", failed: "✕", creating: "＋", deleting: "−" };

/** The status in a word, with a sign beside the colour. */
export function Badge({ cache }) {
  const mood = isAsWished(cache) ? "good" : cache.phase === "failed" ? "bad" : cache.reason ? "warn" : "busy";
  return html`<span class=${`badge ${mood}`}><span aria-hidden="true">${SIGNS[cache.phase] ?? "↻"}</span> ${cache.phase}</span>`;
}

/** The nodes as dots, the shards as groups of them: full ones are primaries. */
export const Dots = ({ cache }) => html`
  <span class="dots" aria-hidden="true">
    ${cache.shards.slice(0, 12).map(
      (shard) => html`<span class="group" key=${shard.id}>
        ${shard.nodes.map((node) => html`<i key=${node.name} class=${`${node.role || "node"} ${node.phase === "available" ? "" : "busy"}`}></i>`)}
      </span>`,
    )}
  </span>`;

export const Empty = ({ title, children }) => html`<div class="empty"><h2>${title}</h2>${children}</div>`;

/** Something to copy, with a button that does. */
export function Copyable({ text, label }) {
  const [copied, setCopied] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied("Copied");
    } catch {
      setCopied("Select it and copy: the browser does not let this page");
    }
    setTimeout(() => setCopied(""), 2500);
  };
  return html`
    <div class="copyable">
      <pre tabindex="0" role="region" aria-label=${label}><code>${text}</code></pre>
      <button type="button" class="quiet" onClick=${copy} aria-label=${`Copy ${label}`}>${copied || "Copy"}</button>
      <span class="unseen" role="status">${copied}</span>
    </div>`;
}

/** A field with its name above it. `hint` says more. */
export const Field = ({ label, hint, children }) => html`
  <label class="field"><span class="label">${label}</span>${children}${hint && html`<span class="hint">${hint}</span>`}</label>`;

export const Choice = ({ value, options, onPick }) => html`
  <select value=${value} onChange=${(event) => onPick(event.target.value)}>
    ${options.map((option) => {
      const [named, shown] = Array.isArray(option) ? option : [option, option];
      return html`<option key=${named} value=${named} selected=${named === value}>${shown}</option>`;
    })}
  </select>`;
