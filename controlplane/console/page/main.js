// The page: begins to follow what happens, and shows it.
import { html, render } from "./vendor/preact-htm.js";
import { follow } from "./lib/feed.js";
import { renew } from "./lib/newest.js";
import { interceptLinks } from "./lib/router.js";
import { App } from "./views/app.js";

const place = document.getElementById("app");
place.replaceChildren();
render(html`<${App} />`, place);
interceptLinks();
renew();
follow();
