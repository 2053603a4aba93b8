// What the API answers to a question of the page, renewed when asked again, and while something in it is under way.
import { useEffect, useReducer, useState } from "../vendor/preact-htm.js";
import { call, reason } from "./api.js";

const SOON = 1500; // milliseconds until the next look at what is under way
const MOST = 20; // pages of an answer that are read: 2,000 rows

/** The text of a part of an element, empty where there is none. */
export const text = (element, name) => [...element.children].find((part) => part.tagName === name)?.textContent ?? "";

/** The elements of a list within an element or an answer. */
export const rows = (element, list) => [...(element.getElementsByTagName(list)[0]?.children ?? [])];

export const texts = (element, list) => rows(element, list).map((one) => one.textContent);

async function all({ operation, params, list, mark = "Marker", next = mark }, place) {
  const found = [];
  for (let page = 0, marker = ""; page < MOST; page++) {
    const answer = await call({ operation, params: { ...params, ...(marker ? { [mark]: marker } : {}) } }, place);
    found.push(...rows(answer, list));
    marker = answer.getElementsByTagName(next)[0]?.textContent ?? "";
    if (!marker) break;
  }
  return found;
}

/**
 * The rows of a describing operation, each made by `read` of an element; null before they are there. `moves` says of a row
 * that it will change by itself, and it is asked again when `stamp` is another one; not while not `asks`. `again` asks at once.
 * @param {{ operation: string, params: object, list: string, mark?: string, next?: string }} question
 * @param {{ account: string, region: string }} place
 * @param {(element: Element) => any} read
 * @param {{ moves?: (row: any) => boolean, stamp?: unknown, asks?: boolean }} [when]
 */
export function useRows(question, place, read, { moves = () => false, stamp, asks = true } = {}) {
  const [state, setState] = useState({ rows: null, wrong: "" });
  const [times, again] = useReducer((number) => number + 1, 0);
  const name = JSON.stringify([question.operation, question.params, place.account, place.region]);
  useEffect(() => {
    if (!asks) return undefined;
    let wanted = true;
    let pause;
    const look = async () => {
      try {
        const found = (await all(question, place)).map(read);
        if (!wanted) return;
        setState({ rows: found, wrong: "", name });
        if (found.some(moves)) pause = setTimeout(look, SOON);
      } catch (error) {
        if (wanted) setState((before) => ({ rows: before.name === name ? before.rows : null, wrong: reason(error), name }));
      }
    };
    look();
    return () => ((wanted = false), clearTimeout(pause));
  }, [name, times, stamp]);
  return { rows: state.name === name ? state.rows : null, wrong: state.wrong, again };
}
