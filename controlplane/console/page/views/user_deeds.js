// What can be done about users. Passwords are sent, and neither shown nor kept.
import { html } from "../vendor/preact-htm.js";
import { createUser, deleteUser, modifyUser } from "../lib/resources.js";
import { Deed } from "./deed.js";
import { Deletion, ENGINES, Text, named, usePicked, useWish } from "./forms.js";
import { Choice, Field } from "./parts.js";

const WAYS = [["password", "a password"], ["no-password-required", "no password"], ["iam", "IAM"]];
const ALL = "on ~* +@all";

const Passwords = ({ wish, set }) => html`
  <${Text} label="Password" hint="16 to 128 characters." type="password" autocomplete="new-password" value=${wish.passwords[0]} onType=${(typed) => set("passwords")([typed, wish.passwords[1]])} />
  <${Text} label="Second password (optional)" type="password" autocomplete="new-password" value=${wish.passwords[1]} onType=${(typed) => set("passwords")([wish.passwords[0], typed])} />`;

const START = { id: "", name: "", engine: "valkey", access: ALL, way: "password", passwords: ["", ""] };

function Create({ where, again }) {
  const [wish, set, setWish] = useWish(START);
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
  const [id, choice] = usePicked(named(users.map((one) => one.id)));
  const user = users.find((one) => one.id === id);
  return html`<${ModifyOne} key=${id} ...${{ user, choice, where, again }} />`;
}

function ModifyOne({ user, choice, where, again }) {
  const start = { access: user.access, way: "", passwords: ["", ""] };
  const [wish, set, setWish] = useWish(start);
  const nothing = wish.access === user.access && !wish.way;
  const missing = nothing ? "Change its access string, or with what it enters." : wish.way === "password" && !wish.passwords.some(Boolean) ? "Type the new password." : "";
  return html`
    <${Deed} cache=${where} title="Modify a user" label="Modify the user" request=${modifyUser(user, wish)} missing=${missing}
      words="Every cache that it may enter learns it. New passwords take the place of all that it had." said="It is asked for." done=${() => (setWish({ ...start, access: wish.access }), again())}>
      ${choice("User to modify")}
      <${Text} label="New access string" value=${wish.access} onType=${set("access")} />
      <${Field} label="Enters from now on with"><${Choice} value=${wish.way} options=${[["", "what it has"], ...WAYS]} onPick=${set("way")} /><//>
      ${wish.way === "password" && html`<${Passwords} wish=${wish} set=${set} />`}
    <//>`;
}

const Delete = ({ users, where, again }) => html`
  <${Deletion} ...${{ where, again }} options=${named(users.map(({ id }) => id))} request=${deleteUser} title="Delete a user" label="Delete the user" pick="User to delete" sure="Its id, to be sure"
    words="It leaves its groups, and its connections end." />`;

export const UserDeeds = ({ users, where, again }) => html`
  <${Create} where=${where} again=${again} />
  ${users.length > 0 && html`<${Modify} ...${{ users, where, again }} /><${Delete} ...${{ users, where, again }} />`}`;
