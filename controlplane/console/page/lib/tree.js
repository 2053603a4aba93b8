// Parameters of the query protocol as what they mean: `Limits.Storage.Maximum` is an object in an object, and what is numbered is a list.
const isNumber = (text) => /^\d+$/.test(text);

function listed(node) {
  if (node === null || typeof node !== "object") return node;
  const children = Object.entries(node).map(([name, value]) => [name, listed(value)]);
  return Object.fromEntries(children.map(([name, value]) => [name, unwrapped(value)]));
}

/** `{Id: {1: a, 2: b}}` is a list: the name between says what each one is. */
function unwrapped(value) {
  if (value === null || typeof value !== "object") return value;
  const [only, ...more] = Object.values(value);
  const isList = !more.length && only !== null && typeof only === "object" && Object.keys(only).length && Object.keys(only).every(isNumber);
  return isList ? Object.values(only) : value;
}

/** Parameters by name, with objects and lists in them. */
export function tree(params) {
  const whole = {};
  for (const [name, value] of Object.entries(params)) {
    const steps = name.split(".");
    const last = steps.pop();
    let place = whole;
    for (const step of steps) place = place[step] ??= {};
    place[last] = value;
  }
  return listed(whole);
}

/** The other way: objects and lists as the query protocol writes them; `of` names what each one of a list is. */
export const numbered = (list, of, values) => Object.fromEntries(values.map((value, at) => [`${list}.${of}.${at + 1}`, value]));
