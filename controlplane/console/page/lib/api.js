// What the page asks for: operations of the AWS API at `/`, like every other client, and what Cachewright tells beside it.
import { keyFor } from "./key.js";
import { signature } from "./signing.js";

const USUAL_REGION = "us-east-1";

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

/** A request beside the API, in JSON. */
export async function told(method, path, { query = {}, content, account } = {}) {
  const answer = await send(method, path, { query, content, account });
  const body = await answer.json();
  if (!answer.ok) throw new Refused("", body.error, answer.status);
  return body;
}

/** The same, as it comes. */
export function send(method, path, { query = {}, content, account, headers = {}, signal } = {}) {
  const body = content === undefined ? undefined : JSON.stringify(content);
  const pairs = Object.entries(query);
  const signed = signature({ method, path, query: pairs, body: body ?? "" }, keyFor(account), USUAL_REGION);
  const kind = body === undefined ? {} : { "content-type": "application/json" };
  const address = pairs.length ? `${path}?${new URLSearchParams(pairs)}` : path;
  return fetch(address, { method, headers: { ...signed, ...kind, ...headers }, body, signal });
}
