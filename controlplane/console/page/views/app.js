// The frame of every view: the bar, what is wrong with the connection, and what is said to those who hear the page.
import { html, useEffect, useRef } from "../vendor/preact-htm.js";
import { feed } from "../lib/feed.js";
import { forget, key } from "../lib/key.js";
import { HOME, place } from "../lib/router.js";
import { CacheView } from "./cache.js";
import { Create } from "./create.js";
import { DatastoresView } from "./datastores.js";
import { Empty } from "./parts.js";
import { Overview } from "./overview.js";
import { ParametersView } from "./parameters.js";
import { SignIn } from "./signin.js";
import { SnapshotsView } from "./snapshots.js";
import { TimelineView } from "./timeline.js";
import { UsersView } from "./users.js";

/** The views that the bar leads to, by the first part of their addresses. */
const VIEWS = {
  "": ["Caches", Overview],
  snapshots: ["Snapshots", SnapshotsView],
  users: ["Users", UsersView],
  parameters: ["Parameters", ParametersView],
  global: ["Global", DatastoresView],
  timeline: ["Timeline", TimelineView],
};

const LIVE = {
  connecting: "connecting",
  live: "live",
  away: "the control plane does not answer; trying again",
  refused: "a key is asked for",
};

function Bar({ live, here }) {
  const links = Object.entries(VIEWS).map(
    ([path, [words]]) => html`<a key=${path} href=${path ? `${HOME}/${path}` : HOME} aria-current=${here === path ? "page" : null}>${words}</a>`,
  );
  return html`
    <header class="bar">
      <a class="brand" href=${HOME}><${Mark} />Cachewright</a>
      <nav aria-label="Main">${links}</nav>
      <span class=${`live ${live}`} role="status"><i aria-hidden="true"></i>${LIVE[live]}</span>
      ${key.use() && html`<button type="button" class="quiet" onClick=${forget}>Forget the key</button>`}
      <a class="button primary" href=${`${HOME}/create`}>Create a cache</a>
    </header>`;
}

const Mark = () => html`
  <svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
    <rect width="32" height="32" rx="8" /><circle class="full" cx="16" cy="10" r="4.5" />
    <circle cx="9" cy="22" r="3.5" /><circle cx="23" cy="22" r="3.5" /><path d="M14 14l-3.4 5M18 14l3.4 5" />
  </svg>`;

function View({ parts }) {
  const [first = "", ...rest] = parts;
  const [, Shown] = Object.hasOwn(VIEWS, first) ? VIEWS[first] : [];
  if (Shown) return html`<${Shown} />`;
  if (first === "create") return html`<${Create} />`;
  if (first === "caches" && rest.length >= 4) return html`<${CacheView} key=${rest.slice(0, 4).join("/")} name=${rest.slice(0, 4)} tab=${rest[4] ?? ""} />`;
  return html`<${Empty} title="There is no such page"><p><a href=${HOME}>Show all caches</a></p><//>`;
}

export function App() {
  const { live, trouble, news } = feed.use();
  const { parts } = place.use();
  const main = useRef();
  const view = parts.slice(0, 5).join("/");
  const before = useRef(view);
  useEffect(() => {
    if (before.current !== view) main.current?.querySelector("h1")?.focus();
    before.current = view;
  }, [view]);
  return html`
    <a class="skip" href="#main" onClick=${(event) => (event.preventDefault(), main.current.focus())}>Skip to the content</a>
    <${Bar} live=${live} here=${parts[0] ?? ""} />
    ${trouble && html`<p class="notice bad" role="alert">What is shown may be old: ${trouble}</p>`}
    <main id="main" ref=${main} tabindex="-1">
      ${live === "refused" ? html`<${SignIn} />` : html`<${View} parts=${parts} />`}
    </main>
    <div class="unseen" aria-live="polite">${news[0] && `${news[0].cache.id}: ${news[0].source} ${news[0].text}`}</div>`;
}

