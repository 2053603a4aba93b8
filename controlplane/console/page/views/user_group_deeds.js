// What can be done about user groups.
import { html, useState } from "../vendor/preact-htm.js";
import { createUserGroup, deleteUserGroup, modifyUserGroup } from "../lib/resources.js";
import { Deed } from "./deed.js";
import { Choice, Field } from "./parts.js";
import { Text } from "./user_deeds.js";

const ENGINES = [["valkey", "Valkey"], ["redis", "Redis OSS"]];
const listed = (typed) => typed.split(/[\s,]+/).filter(Boolean);

function Create({ users, where, again }) {
  const [wish, setWish] = useState({ id: "", engine: "valkey", users: "default" });
  const set = (name) => (value) => setWish({ ...wish, [name]: value });
  return html`
    <${Deed} cache=${where} title="Create a user group" label="Create the group" request=${createUserGroup({ id: wish.id || "ID", engine: wish.engine, users: listed(wish.users) })} missing=${wish.id ? "" : "Give the group an id."}
      words="Caches take a group of users. One of Redis OSS needs a user whose name is default." said="The group is there." done=${() => (set("id")(""), again())}>
      <${Text} label="Group id" value=${wish.id} onType=${set("id")} />
      <${Field} label="Engine"><${Choice} value=${wish.engine} options=${ENGINES} onPick=${set("engine")} /><//>
      <${Text} label="Its users" hint=${`Ids, with commas between: ${users.map(({ id }) => id).join(", ")}.`} value=${wish.users} onType=${set("users")} />
    <//>`;
}

function Modify({ groups, where, again }) {
  const [picked, setPicked] = useState("");
  const group = groups.find(({ id }) => id === picked) ?? groups[0];
  return html`<${ModifyOne} key=${group.id} ...${{ groups, group, where, again, setPicked }} />`;
}

function ModifyOne({ groups, group, where, again, setPicked }) {
  const [typed, setTyped] = useState(group.users.join(", "));
  const same = listed(typed).sort().join() === [...group.users].sort().join();
  return html`
    <${Deed} cache=${where} title="Modify a user group" label="Modify the group" request=${modifyUserGroup(group, listed(typed))} missing=${same ? "Add a user, or take one out." : ""}
      words="Its caches learn who comes and who goes." said="It is asked for." done=${again}>
      <${Field} label="Group to modify"><${Choice} value=${group.id} options=${groups.map(({ id }) => id)} onPick=${setPicked} /><//>
      <${Text} label="Its users from now on" hint="Ids, with commas between." value=${typed} onType=${setTyped} />
    <//>`;
}

function Delete({ groups, where, again }) {
  const [picked, setPicked] = useState("");
  const [typed, setTyped] = useState("");
  const { id } = groups.find((one) => one.id === picked) ?? groups[0];
  return html`
    <${Deed} cache=${where} title="Delete a user group" danger=${true} label=${`Delete the group ${id}`} request=${deleteUserGroup(id)} missing=${typed === id ? "" : `Type ${id} to delete it.`}
      words="Its users stay." said="It is asked for." done=${() => (setTyped(""), again())}>
      <${Field} label="Group to delete"><${Choice} value=${id} options=${groups.map((one) => one.id)} onPick=${setPicked} /><//>
      <${Text} label="Its id, to be sure" value=${typed} placeholder=${id} onType=${setTyped} />
    <//>`;
}

export const UserGroupDeeds = ({ groups, users, where, again }) => html`
  <${Create} ...${{ users, where, again }} />
  ${groups.length > 0 && html`<${Modify} ...${{ groups, where, again }} /><${Delete} ...${{ groups, where, again }} />`}`;
