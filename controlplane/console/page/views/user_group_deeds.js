// What can be done about user groups.
import { html, useState } from "../vendor/preact-htm.js";
import { createUserGroup, deleteUserGroup, modifyUserGroup } from "../lib/resources.js";
import { Deed } from "./deed.js";
import { Deletion, ENGINES, Text, named, usePicked, useWish } from "./forms.js";
import { Choice, Field } from "./parts.js";

const listed = (typed) => typed.split(/[\s,]+/).filter(Boolean);

function Create({ users, where, again }) {
  const [wish, set] = useWish({ id: "", engine: "valkey", users: "default" });
  return html`
    <${Deed} cache=${where} title="Create a user group" label="Create the group" request=${createUserGroup({ id: wish.id || "ID", engine: wish.engine, users: listed(wish.users) })} missing=${wish.id ? "" : "Give the group an id."}
      words="Caches take a group of users. One of Redis OSS needs a user whose name is default." said="The group is there." done=${() => (set("id")(""), again())}>
      <${Text} label="Group id" value=${wish.id} onType=${set("id")} />
      <${Field} label="Engine"><${Choice} value=${wish.engine} options=${ENGINES} onPick=${set("engine")} /><//>
      <${Text} label="Its users" hint=${`Ids, with commas between: ${users.map(({ id }) => id).join(", ")}.`} value=${wish.users} onType=${set("users")} />
    <//>`;
}

function Modify({ groups, where, again }) {
  const [id, choice] = usePicked(named(groups.map((one) => one.id)));
  const group = groups.find((one) => one.id === id);
  return html`<${ModifyOne} key=${id} ...${{ group, choice, where, again }} />`;
}

function ModifyOne({ group, choice, where, again }) {
  const [typed, setTyped] = useState(group.users.join(", "));
  const same = listed(typed).sort().join() === [...group.users].sort().join();
  return html`
    <${Deed} cache=${where} title="Modify a user group" label="Modify the group" request=${modifyUserGroup(group, listed(typed))} missing=${same ? "Add a user, or take one out." : ""}
      words="Its caches learn who comes and who goes." said="It is asked for." done=${again}>
      ${choice("Group to modify")}
      <${Text} label="Its users from now on" hint="Ids, with commas between." value=${typed} onType=${setTyped} />
    <//>`;
}

const Delete = ({ groups, where, again }) => html`
  <${Deletion} ...${{ where, again }} options=${named(groups.map(({ id }) => id))} request=${deleteUserGroup} title="Delete a user group" label="Delete the group" pick="Group to delete" sure="Its id, to be sure"
    words="Its users stay." />`;

export const UserGroupDeeds = ({ groups, users, where, again }) => html`
  <${Create} ...${{ users, where, again }} />
  ${groups.length > 0 && html`<${Modify} ...${{ groups, where, again }} /><${Delete} ...${{ groups, where, again }} />`}`;
