// What a cache holds: its keys and their values, a command line, and the slow log.
import { html, useEffect, useState } from "../vendor/preact-htm.js";
import { reason } from "../lib/api.js";
import { ask, becomeVisitor, useVisitor } from "../lib/data.js";
import { addressOf, go, place } from "../lib/router.js";
import { Commands } from "./commands.js";
import { Keys } from "./keys.js";
import { Choice, Empty, Field } from "./parts.js";
import { SlowLog } from "./slowlog.js";

const PARTS = { "": ["Keys", Keys], commands: ["Command line", Commands], slow: ["Slow log", SlowLog] };

/** Who may be somebody at a cache; `entrances` is null before that is known. */
function useEntrances(cache) {
  const [state, setState] = useState({ entrances: null, wrong: "" });
  const learn = async () => {
    try {
      setState({ entrances: await ask(cache, "entrances"), wrong: "" });
    } catch (error) {
      setState({ entrances: null, wrong: reason(error) });
    }
  };
  useEffect(() => void learn(), [cache.login]);
  return { ...state, learn };
}

/** Who somebody is here, and in which database they look. */
function Who({ cache, entrances }) {
  const visitor = useVisitor(cache);
  const users = Object.keys(entrances.users);
  const [told, setTold] = useState({ user: visitor.user || users[0] || "", password: visitor.password });
  const needed = entrances.users[told.user];
  const enter = (event) => {
    event.preventDefault();
    becomeVisitor(cache, { ...visitor, user: told.user, password: needed ? told.password : "" });
  };
  const choose = (database) => becomeVisitor(cache, { ...visitor, database: Number(database) });
  const login = users.some((user) => user || entrances.users[user]);
  if (!login && entrances.databases === 1) return null;
  return html`
    <form class="row who" onSubmit=${enter}>
      ${users.length > 1 || users[0] ? html`<${Field} label="User"><${Choice} value=${told.user} options=${users} onPick=${(user) => setTold({ user, password: "" })} /><//>` : null}
      ${needed && html`<${Field} label=${told.user ? "Password" : "AUTH token"}><input type="password" autocomplete="off" value=${told.password} onInput=${(event) => setTold({ ...told, password: event.target.value })} /><//>`}
      ${login && html`<button>Enter</button>`}
      ${entrances.databases > 1 && html`<${Field} label="Database"><${Choice} value=${String(visitor.database)} options=${[...Array(entrances.databases).keys()].map(String)} onPick=${choose} /><//>`}
    </form>
    ${needed && html`<p class="muted">Only digests of passwords are kept, so you have to type it. This page keeps it until it is closed, and nowhere else.</p>`}`;
}

function Entered({ cache, entrances }) {
  const { query } = place.use();
  const visitor = useVisitor(cache);
  const part = Object.hasOwn(PARTS, query.get("part")) ? query.get("part") : "";
  const parts = Object.entries(PARTS).filter(([id]) => id !== "slow" || cache.engine !== "memcached");
  const [, Shown] = PARTS[part];
  const users = Object.entries(entrances.users);
  const missing = !visitor.password && !users.some(([user, password]) => !password && user === visitor.user) && users.some(([, password]) => password);
  const show = (id) => go(addressOf(cache, "data") + (id ? `?part=${id}` : ""), { stay: true });
  return html`
    <${Who} cache=${cache} entrances=${entrances} />
    <div class="chips" role="group" aria-label="Part of the data">
      ${parts.map(([id, [words]]) => html`<button type="button" key=${id} aria-pressed=${String(id === part)} onClick=${() => show(id)}>${words}</button>`)}
    </div>
    ${missing
      ? html`<${Empty} title="Who are you?"><p>This cache lets in who brings a password. Give yours above.</p><//>`
      : html`<${Shown} key=${`${visitor.user}/${visitor.password}/${visitor.database}`} cache=${cache} />`}`;
}

export function Data({ cache }) {
  const { entrances, wrong, learn } = useEntrances(cache);
  if (!cache.shards.some((shard) => shard.nodes.some((node) => node.address))) {
    return html`<${Empty} title="It holds nothing yet"><p>The cache is ${cache.phase}. This page tells as soon as it has a node.</p><//>`;
  }
  if (wrong) return html`<p class="notice bad" role="alert">${wrong}</p><button type="button" onClick=${learn}>Try again</button>`;
  return entrances ? html`<${Entered} cache=${cache} entrances=${entrances} />` : html`<p class="muted" role="status">Looking…</p>`;
}
