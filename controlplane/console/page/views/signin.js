// Where only those are let in who have a key: the page asks for it once.
import { html, useState } from "../vendor/preact-htm.js";
import { feed } from "../lib/feed.js";
import { keep } from "../lib/key.js";
import { Field } from "./parts.js";
import { Title } from "./title.js";

export function SignIn() {
  const { refusal } = feed.use();
  const [told, setTold] = useState({ id: "", secret: "", token: "" });
  const typed = (name) => (event) => setTold({ ...told, [name]: event.target.value.trim() });
  const enter = (event) => {
    event.preventDefault();
    keep(told);
  };
  return html`
    <form class="card narrow" onSubmit=${enter}>
      <${Title} page="Sign in">Who are you?<//>
      <p>This control plane lets in who has one of its access keys. This tab keeps yours until it is closed; it is sent nowhere, requests are signed with it.</p>
      ${refusal && html`<p class="notice bad" role="alert">${refusal.split("\n")[0]}</p>`}
      <${Field} label="Access key"><input required autocomplete="username" spellcheck=${false} value=${told.id} onInput=${typed("id")} /><//>
      <${Field} label="Secret access key"><input required type="password" autocomplete="current-password" value=${told.secret} onInput=${typed("secret")} /><//>
      <${Field} label="Session token" hint="Only for temporary keys."><input type="password" autocomplete="off" value=${told.token} onInput=${typed("token")} /><//>
      <button class="primary">Let me in</button>
    </form>`;
}
