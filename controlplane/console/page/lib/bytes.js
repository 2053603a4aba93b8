// Keys and values are bytes. They come as base64url, and are shown as text where they are text.
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/; // no text has these
const ROW = 8; // bytes of a row of hexadecimal

export const bytesOf = (encoded) => Uint8Array.from(atob(encoded.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

export function encoded(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_");
}

export const encodedText = (text) => encoded(new TextEncoder().encode(text));

/** Several as one. */
export const joined = (codes) => (codes.length === 1 ? codes[0] : encoded(codes.flatMap((code) => [...bytesOf(code)])));

/** The text that bytes are; null when they are none. */
export function textOf(code, cut = false) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOf(code), { stream: cut });
    return UNSEEN.test(text) ? null : text;
  } catch {
    return null;
  }
}

const hex = (byte) => byte.toString(16).padStart(2, "0");

/** In one line: what is no text as redis-cli writes it, `\xff`. */
export function oneLine(code) {
  const text = textOf(code);
  if (text !== null) return text;
  return [...bytesOf(code)].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\x${hex(byte)}`)).join("");
}

/** Rows of hexadecimal with the characters beside them. */
export function dump(code) {
  const bytes = bytesOf(code);
  const rows = [];
  for (let at = 0; at < bytes.length; at += ROW) {
    const row = [...bytes.slice(at, at + ROW)];
    const signs = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "."));
    rows.push(`${at.toString(16).padStart(6, "0")}  ${row.map(hex).join(" ").padEnd(3 * ROW)} ${signs.join("")}`);
  }
  return rows.join("\n");
}

export const digits = (code) => [...bytesOf(code)].map(hex).join(" ");

/** Bytes out of hexadecimal digits, encoded; null when it is none. */
export function undigits(text) {
  const plain = text.replaceAll(/\s/g, "");
  if (!/^([0-9a-f]{2})*$/i.test(plain)) return null;
  return encoded((plain.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)));
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g; // of JSON

/** JSON, laid out: a parser's own would round large numbers, and put keys into another order. */
function laidOut(text) {
  const tokens = text.match(TOKENS);
  let written = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  tokens.forEach((token, at) => {
    const empty = /^[}\]]$/.test(tokens[at + 1]);
    if (token === "{" || token === "[") {
      depth += 1;
      written += empty ? token : token + line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      written += /^[{[]$/.test(tokens[at - 1]) ? token : line() + token;
    } else if (token === ",") written += token + line();
    else written += token === ":" ? ": " : token;
  });
  return written;
}

/** How a value is shown at its best: its form and the text. One that was `cut` may end within a character. */
export function shown(code, cut = false) {
  const text = textOf(code, cut);
  if (text === null) return { form: "binary", text: dump(code) };
  if (/^\s*[[{]/.test(text)) {
    try {
      JSON.parse(text);
      return { form: "JSON", text: laidOut(text) };
    } catch {
      // it only begins like JSON
    }
  }
  return { form: "text", text };
}

/** @type {[string, number][]} */
const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1000]];

/** Milliseconds in words: `2 h`. */
export function span(milliseconds) {
  if (milliseconds === null) return "never";
  const [unit, size] = UNITS.find(([, least]) => milliseconds >= least) ?? ["s", 1000];
  return `${Math.round(milliseconds / size)} ${unit}`;
}
