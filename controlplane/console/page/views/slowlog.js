// Commands that took long at a node, the newest first, asked for again while one looks.
import { html, useEffect, useState } from "../vendor/preact-htm.js";
import { reason } from "../lib/api.js";
import { ask } from "../lib/data.js";
import { clock, nodeTitle, nodesOf } from "../lib/words.js";
import { Choice, Empty, Field } from "./parts.js";

const EVERY = 3000; // milliseconds

function useSlow(cache, node) {
  const [state, setState] = useState({ entries: null, wrong: "" });
  useEffect(() => {
    let there = true;
    let next;
    const look = async () => {
      try {
        const { entries } = document.hidden ? { entries: null } : await ask(cache, "slow-log", { place: node });
        if (there && entries) setState({ entries, wrong: "" });
      } catch (error) {
        if (there) setState((before) => ({ ...before, wrong: reason(error) }));
      }
      if (there) next = setTimeout(look, EVERY);
    };
    look();
    return () => {
      there = false;
      clearTimeout(next);
    };
  }, [node]);
  return state;
}

export function SlowLog({ cache }) {
  const nodes = nodesOf(cache).filter((node) => node.address);
  const [picked, setPicked] = useState(nodes[0].name);
  const node = nodes.some(({ name }) => name === picked) ? picked : nodes[0].name;
  const { entries, wrong } = useSlow(cache, node);
  return html`
    <div class="filters"><${Field} label="Node"><${Choice} value=${node} options=${nodes.map((each) => [each.name, nodeTitle(cache, each)])} onPick=${setPicked} /><//></div>
    ${wrong && html`<p class="notice bad" role="alert">${wrong}</p>`}
    ${entries && !entries.length && html`<${Empty} title="Nothing took long"><p>What takes longer than <code>slowlog-log-slower-than</code> of the parameter group stands here.</p><//>`}
    <ol class="entries">${(entries ?? []).map((entry, at) => html`
      <li key=${`${entry.moment}/${at}`}>
        <time datetime=${new Date(entry.moment * 1000).toISOString()}>${clock(entry.moment * 1000)}</time>
        <span class="kind number">${(entry.microseconds / 1000).toFixed(1)} ms</span>
        <div class="number">${entry.words.join(" ")}</div>
        <span class="number muted">${entry.client}</span>
      </li>`)}</ol>`;
}
