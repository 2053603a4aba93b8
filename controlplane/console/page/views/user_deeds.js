// What can be done about users. Passwords are sent, and neither shown nor kept.
import { html, useState } from "../vendor/preact-htm.js";
import { createUser, deleteUser, modifyUser } from "../lib/resources.js";
import { Deed } from "./deed.js";
import { Choice, Field } from "./parts.js";

const ENGINES = [["valkey", "Valkey"], ["redis", "Redis OSS"]];
const WAYS = [["password", "a password"], ["no-password-required", "no password"], ["iam", "IAM"]];
const ALL = "on ~* +@all";

export const Text = ({ label, hint, value, onType, ...more }) => html`
  <${Field} label=${label} hint=${hint}><input value=${value} spellcheck=${false} autocomplete="off" onInput=${(event) => onType(event.target.value)} ...${more} /><//>`;

const Passwords = ({ wish, set }) => html`
  <${Text} label="Password" hint="16 to 128 characters." type="password" autocomplete="new-password" value=${wish.passwords[0]} onType=${(typed) => set("passwords")([typed, wish.passwords[1]])} />
  <${Text} label="Second password (optional)" type="password" autocomplete="new-password" value=${wish.passwords[1]} onType=${(typed) => set("passwords")([wish.passwords[0], typed])} />`;

const setter = (wish, setWish) => (name) => (value) => setWish({ ...wish, [name]: value });

const START = { id: "", name: "", engine: "valkey", access: ALL, way: "password", passwords: ["", ""] };

function Create({ where, again }) {
  const [wish, setWish] = useState(START);
  const set = setter(wish, setWish);
  const missing = !wish.id ? "Give the user an id." : wish.way === "password" && !wish.passwords.some(Boolean) ? "Give the user a password." : "";
  return html`
    <${Deed} cache=${where} title="Create a user" label="Create the user" request=${createUser({ ...wish, id: wish.id || "ID" })} missing=${missing}
      words="A name, what it may do, and with what it enters." said="The user is there." done=${() => (setWish(START), again())}>
      <${Text} label="User id" value=${wish.id} onType=${set("id")} />
      <${Text} label="User name" hint="With which clients log in; the id if empty." value=${wish.name} onType=${set("name")} />
      <${Field} label="Engine"><${Choice} value=${wish.engine} options=${ENGINES} onPick=${set("engine")} /><//>
      <${Text} label="Access string" hint="Such as on ~app::* +@read." value=${wish.access} onType=${set("access")} />
      <${Field} label="Enters with"><${Choice} value=${wish.way} options=${WAYS} onPick=${set("way")} /><//>
      ${wish.way === "password" && html`<${Passwords} wish=${wish} set=${set} />`}
    <//>`;
}

function Modify({ users, where, again }) {
  const [picked, setPicked] = useState("");
  const user = users.find(({ id }) => id === picked) ?? users[0];
  return html`<${ModifyOne} key=${user.id} ...${{ users, user, where, again, setPicked }} />`;
}

function ModifyOne({ users, user, where, again, setPicked }) {
  const start = { access: user.access, way: "", passwords: ["", ""] };
  const [wish, setWish] = useState(start);
  const set = setter(wish, setWish);
  const nothing = wish.access === user.access && !wish.way;
  const missing = nothing ? "Change its access string, or with what it enters." : wish.way === "password" && !wish.passwords.some(Boolean) ? "Type the new password." : "";
  return html`
    <${Deed} cache=${where} title="Modify a user" label="Modify the user" request=${modifyUser(user, wish)} missing=${missing}
      words="Every cache that it may enter learns it. New passwords take the place of all that it had." said="It is asked for." done=${() => (setWish({ ...start, access: wish.access }), again())}>
      <${Field} label="User to modify"><${Choice} value=${user.id} options=${users.map(({ id }) => id)} onPick=${setPicked} /><//>
      <${Text} label="New access string" value=${wish.access} onType=${set("access")} />
      <${Field} label="Enters from now on with"><${Choice} value=${wish.way} options=${[["", "what it has"], ...WAYS]} onPick=${set("way")} /><//>
      ${wish.way === "password" && html`<${Passwords} wish=${wish} set=${set} />`}
    <//>`;
}

function Delete({ users, where, again }) {
  const [picked, setPicked] = useState("");
  const [typed, setTyped] = useState("");
  const { id } = users.find((one) => one.id === picked) ?? users[0];
  return html`
    <${Deed} cache=${where} title="Delete a user" danger=${true} label=${`Delete the user ${id}`} request=${deleteUser(id)} missing=${typed === id ? "" : `Type ${id} to delete it.`}
      words="It leaves its groups, and its connections end." said="It is asked for." done=${() => (setTyped(""), again())}>
      <${Field} label="User to delete"><${Choice} value=${id} options=${users.map((one) => one.id)} onPick=${setPicked} /><//>
      <${Text} label="Its id, to be sure" value=${typed} placeholder=${id} onType=${setTyped} />
    <//>`;
}

export const UserDeeds = ({ users, where, again }) => html`
  <${Create} where=${where} again=${again} />
  ${users.length > 0 && html`<${Modify} ...${{ users, where, again }} /><${Delete} ...${{ users, where, again }} />`}`;
