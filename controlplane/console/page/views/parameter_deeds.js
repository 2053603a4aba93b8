// What can be done about parameters and their groups. What AWS does not let one do is refused in its words, here as anywhere.
import { html, useState } from "../vendor/preact-htm.js";
import { createParameterGroup, deleteParameterGroup, resetParameter, setParameter } from "../lib/resources.js";
import { Deed } from "./deed.js";
import { Deletion, Text, named, useWish } from "./forms.js";
import { Choice, Field } from "./parts.js";

function Change({ group, parameter, choice, where, again }) {
  const [typed, setTyped] = useState({}); // by parameter
  const value = typed[parameter.name] ?? parameter.value;
  const setValue = (next) => setTyped({ [parameter.name]: next });
  return html`
    <${Deed} cache=${where} title="Change a parameter" label="Change it" request=${setParameter(group.name, parameter.name, value)} missing=${value === parameter.value ? "It has that value already." : ""}
      words=${parameter.words || "Another value of a parameter of this group."} said="It has another value now." done=${again}>
      ${choice}
      <${Text} id="new-value" label="Value" hint=${parameter.allowed ? `Allowed: ${parameter.allowed}` : ""} value=${value} onType=${setValue} />
    <//>`;
}

export function ParameterDeeds({ group, parameters, picked, setPicked, where, again }) {
  const parameter = parameters.find(({ name }) => name === picked) ?? parameters.find(({ modifiable }) => modifiable) ?? parameters[0];
  const choice = html`<${Field} label="Parameter"><${Choice} value=${parameter.name} options=${parameters.map(({ name }) => name)} onPick=${setPicked} /><//>`;
  return html`
    <${Change} ...${{ group, parameter, choice, where, again }} />
    <${Deed} cache=${where} title="Reset it" label=${`Reset ${parameter.name}`} request=${resetParameter(group.name, parameter.name)}
      words=${`${parameter.name} gets the value again that it has in the default group.`} said="It has its first value again." done=${again} />`;
}

function Create({ groups, where, again, show }) {
  const families = [...new Set(groups.map(({ family }) => family))].sort().reverse();
  const [wish, set] = useWish({ name: "", family: families[0], words: "" });
  const request = createParameterGroup({ ...wish, name: wish.name || "NAME", words: wish.words || "made in the console" });
  return html`
    <${Deed} cache=${where} title="Create a parameter group" label="Create the group" request=${request} missing=${wish.name ? "" : "Give the group a name."}
      words="It begins with the values of the default group of its family." said="It is there." done=${() => (again(), show(wish.name.toLowerCase()), set("name")(""))}>
      <${Text} label="Group name" value=${wish.name} onType=${set("name")} />
      <${Field} label="Family"><${Choice} value=${wish.family} options=${families} onPick=${set("family")} /><//>
      <${Text} label="Description (optional)" value=${wish.words} onType=${set("words")} />
    <//>`;
}

const Delete = ({ own, where, again }) => html`
  <${Deletion} ...${{ where, again }} options=${named(own.map(({ name }) => name))} request=${deleteParameterGroup} title="Delete a parameter group" label="Delete" pick="Group to delete" sure="Its name, to be sure"
    words="No cache may use it any more." said="It is gone." />`;

export const GroupDeeds = ({ groups, own, where, again, show }) => html`
  <${Create} ...${{ groups, where, again, show }} />
  ${own.length > 0 && html`<${Delete} ...${{ own, where, again }} />`}`;
