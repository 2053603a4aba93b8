// Users and user groups: who may enter caches, with what, and what they may do there.
import { html } from "../vendor/preact-htm.js";
import { useUserGroups, useUsers } from "../lib/questions.js";
import { count, engineName } from "../lib/words.js";
import { Table } from "./table.js";
import { Title } from "./title.js";
import { UserDeeds } from "./user_deeds.js";
import { UserGroupDeeds } from "./user_group_deeds.js";
import { Where, useWhere } from "./where.js";

const ENTRANCES = { "no-password": "no password", iam: "IAM" };

const entered = (user) => ENTRANCES[user.entrance] ?? count(user.passwords, "password");

const ofUser = (user) => ({
  key: user.id,
  cells: [user.id, user.name, engineName(user.engine), user.status, html`<code>${user.access}</code>`, entered(user), user.groups.join(", ") || "–"],
});

const ofGroup = (group) => ({
  key: group.id,
  cells: [group.id, engineName(group.engine), group.status, group.users.join(", "), group.caches.join(", ") || "none yet"],
});

function Users({ where }) {
  const users = useUsers(where);
  const groups = useUserGroups(where);
  const again = () => (users.again(), groups.again());
  const wrong = users.wrong || groups.wrong;
  return html`
    ${wrong && html`<p class="notice bad" role="alert">${wrong}</p>`}
    ${(!users.rows || !groups.rows) && !wrong && html`<p class="muted">Looking…</p>`}
    ${users.rows && html`
      <h2>Users</h2>
      <${Table} label="users" head=${["User", "Name", "Engine", "Status", "May", "Enters with", "In groups"]} rows=${users.rows.map(ofUser)} />`}
    ${users.rows && groups.rows && html`
      <h2>User groups</h2>
      ${groups.rows.length
        ? html`<${Table} label="user groups" head=${["Group", "Engine", "Status", "Users", "Caches"]} rows=${groups.rows.map(ofGroup)} />`
        : html`<p class="muted">There is none yet. Caches with encryption in transit take a user group: make one below, then name it when you create a cache, or under “Actions” of one.</p>`}
      <div class="deeds below">
        <${UserDeeds} users=${users.rows} where=${where} again=${again} />
        <${UserGroupDeeds} groups=${groups.rows} users=${users.rows} where=${where} again=${again} />
      </div>`}`;
}

export function UsersView() {
  const where = useWhere();
  return html`
    <div class="head"><${Title} page="Users">Users<//><p class="summary">Who may enter caches, and what they may do there.</p></div>
    <${Where} path="users" where=${where} />
    <${Users} key=${`${where.account} ${where.region}`} where=${where} />`;
}
