// What the page asks for: operations of the AWS API at `/`, like every other client, and what Cachewright tells beside it.
import { keyFor } from "./key.js";
import { signature } from "./signing.js";

const USUAL_REGION = "us-east-1";
const TRIES = 3; // of what changes nothing: a browser breaks off whatever is under way when a container starts
const PAUSE = 300; // milliseconds

export class Refused extends Error {
  constructor(code, message, status) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** An operation with parameters as the query protocol writes them; the answer as a document of XML. */
export async function call({ operation, params }, { account, region }) {
  const fields = [["Action", operation], ["Version", "2015-02-02"], ...Object.entries(params)];
  const body = new URLSearchParams(fields.map(([name, value]) => [name, String(value)])).toString();
  const headers = {
    ...signature({ method: "POST", path: "/", body }, keyFor(account), region),
    "content-type": "application/x-www-form-urlencoded",
  };
  const answer = await fetch("/", { method: "POST", headers, body });
  const told = new DOMParser().parseFromString(await answer.text(), "text/xml");
  if (answer.ok) return told;
  const part = (name) => told.getElementsByTagName(name)[0]?.textContent ?? "";
  throw new Refused(part("Code"), part("Message") || `The control plane answered ${answer.status}.`, answer.status);
}

/**
 * What a request beside the API says.
 * @typedef {{ query?: Record<string, string>, content?: object, account?: string, headers?: Record<string, string>, signal?: AbortSignal }} Said
 */

/**
 * A request beside the API, in JSON.
 * @param {string} method
 * @param {string} path
 * @param {Said} [said]
 */
export async function told(method, path, { query = {}, content, account } = {}) {
  const answer = await sturdy(method === "GET" ? TRIES : 1, () => send(method, path, { query, content, account }));
  const body = await answer.json();
  if (!answer.ok) throw new Refused("", body.error, answer.status);
  return body;
}

async function sturdy(tries, ask) {
  try {
    return await ask();
  } catch (error) {
    if (tries <= 1) throw error;
    await new Promise((again) => setTimeout(again, PAUSE));
    return sturdy(tries - 1, ask);
  }
}

/** What went wrong, in words. */
export function reason(error) {
  if (error instanceof Refused) return error.code ? `${error.code}: ${error.message}` : error.message;
  return "The connection broke before there was an answer. Look whether it was done before you ask again.";
}

/**
 * The same, as it comes.
 * @param {string} method
 * @param {string} path
 * @param {Said} [said]
 */
export function send(method, path, { query = {}, content, account, headers = {}, signal } = {}) {
  const body = content === undefined ? undefined : JSON.stringify(content);
  const pairs = Object.entries(query);
  const signed = signature({ method, path, query: pairs, body: body ?? "" }, keyFor(account), USUAL_REGION);
  const kind = body === undefined ? {} : { "content-type": "application/json" };
  const address = pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
  return fetch(address, { method, headers: { ...signed, ...kind, ...headers }, body, signal });
}
