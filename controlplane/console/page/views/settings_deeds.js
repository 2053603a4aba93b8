// Which parameter group and which users a cache has.
import { html, useState } from "../vendor/preact-htm.js";
import { useParameterGroups, useUserGroups } from "../lib/questions.js";
import * as requests from "../lib/requests.js";
import { Deed } from "./deed.js";
import { Choice, Field } from "./parts.js";
import { addressIn } from "./where.js";

/** The family of a version: `valkey8`, `redis7`, `redis5.0`, `memcached1.6`. */
function fits(cache, { family }) {
  const number = family.replace(cache.engine, "");
  return family.startsWith(cache.engine) && (cache.version === number || cache.version.startsWith(`${number.replace(".x", "")}.`));
}

export function ParameterGroup({ cache }) {
  const { rows } = useParameterGroups(cache);
  const [picked, setPicked] = useState("");
  const names = (rows ?? []).filter((group) => fits(cache, group)).map(({ name }) => name);
  return html`
    <${Deed} cache=${cache} title="Use another parameter group" label="Use it" request=${requests.parameterGroup(cache, picked || "NAME")} missing=${picked ? "" : "Choose a group."}
      words=${html`Every node is set as the group says. <a href=${addressIn("parameters", cache)}>Look at the groups, or make one</a>`}>
      <${Field} label="Parameter group"><${Choice} value=${picked} options=${[["", "choose one"], ...names]} onPick=${setPicked} /><//>
    <//>`;
}

export function UserGroup({ cache }) {
  const { rows } = useUserGroups(cache);
  const [picked, setPicked] = useState("");
  const ids = (rows ?? []).map(({ id }) => id);
  return html`
    <${Deed} cache=${cache} title="Let other users in" label=${picked ? `Let ${picked} in` : "Take its user group away"} request=${requests.userGroup(cache, picked)}
      words=${html`The users of a group may enter, and nobody else. <a href=${addressIn("users", cache)}>Look at the users, or make some</a>`}>
      <${Field} label="User group"><${Choice} value=${picked} options=${[["", "none"], ...ids]} onPick=${setPicked} /><//>
    <//>`;
}
