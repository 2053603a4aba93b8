// Signature Version 4: the page signs what it asks for as every AWS client does. No page of another site can send that header.
import { hex, hmac, sha256 } from "./sha256.js";

const ALGORITHM = "AWS4-HMAC-SHA256";
const bytes = (text) => new TextEncoder().encode(text);
const digest = (text) => hex(sha256(bytes(text)));
const encoded = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/** The headers that sign a request. `key` is {id, secret, token}; `query` are pairs. */
export function signature({ method, path, query = [], body = "" }, key, region, now = new Date()) {
  const moment = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = [moment.slice(0, 8), region, "elasticache", "aws4_request"];
  /** @type {Record<string, string>} */
  const headers = { host: location.host, "x-amz-date": moment };
  if (key.token) headers["x-amz-security-token"] = key.token;
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`).join("");
  const pairs = query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort().join("&");
  const canonical = [method, path, pairs, lines, names, digest(body)].join("\n");
  const text = [ALGORITHM, moment, scope.join("/"), digest(canonical)].join("\n");
  const signing = scope.reduce((made, part) => hmac(made, bytes(part)), bytes(`AWS4${key.secret}`));
  const value = hex(hmac(signing, bytes(text)));
  const { host, ...sent } = headers; // the browser says where it goes
  sent.authorization = `${ALGORITHM} Credential=${key.id}/${scope.join("/")}, SignedHeaders=${names}, Signature=${value}`;
  return sent;
}
