// How programs connect, ready to copy.
import { html, useState } from "../vendor/preact-htm.js";
import { needs, snippets } from "../lib/snippets.js";
import { nodeTitle, nodesOf } from "../lib/words.js";
import { Choice, Copyable, Empty, Field } from "./parts.js";

function entrances(cache) {
  const nodes = nodesOf(cache).filter((node) => node.address);
  return [
    ...cache.endpoints.map(({ name, address }) => [address, `${name} endpoint, ${address}`]),
    ...nodes.map((node) => [node.address, `node ${nodeTitle(cache, node)}, ${node.address}`]),
  ];
}

export function Connect({ cache }) {
  const ways = entrances(cache);
  const [picked, setPicked] = useState("");
  const [library, setLibrary] = useState("");
  if (!ways.length) return html`<${Empty} title="There is no address yet"><p>The cache is ${cache.phase}. This page tells as soon as there is one.</p><//>`;
  const address = ways.some(([one]) => one === picked) ? picked : ways[0][0];
  const all = snippets(cache, address);
  const shown = all.find(({ name }) => name === library) ?? all[0];
  const { authority, secret } = needs(cache);
  return html`
    <div class="filters"><${Field} label="Endpoint"><${Choice} value=${address} options=${ways} onPick=${setPicked} /><//></div>
    <div class="chips" role="group" aria-label="Library">
      ${all.map(({ name }) => html`<button type="button" key=${name} aria-pressed=${String(name === shown.name)} onClick=${() => setLibrary(name)}>${name}</button>`)}
    </div>
    <${Copyable} text=${shown.code} label=${`the snippet for ${shown.name}`} />
    ${secret && html`<p>The variable <code>SECRET</code> has ${secret}.</p>`}
    ${authority && html`<p>Connections are encrypted. The certificate to check them against:</p><${Copyable} text=${`curl -so ca.pem ${location.origin}/ca.pem`} label="the command for the certificate" />`}
    <p class="muted">From a terminal on this machine, <code>cachewright connect ${cache.id}</code> does all of this.</p>`;
}
