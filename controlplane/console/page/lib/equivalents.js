// A request as others would write it: as a command of the AWS CLI, and as a fragment of a CloudFormation template.
import { tree } from "./tree.js";

const HIDDEN = { AuthToken: "AUTH_TOKEN", Passwords: "PASSWORD" }; // secrets, and the variables that stand for them

const dashed = (name) =>
  name.replace(/([a-z0-9])([A-Z])/g, "$1-$2").replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2").toLowerCase();

const quoted = (value) => (/^[\w./:@-]+$/.test(value) ? String(value) : `'${String(value).replaceAll("'", `'\\''`)}'`);

/** A value within another one, in the shorthand of the AWS CLI. */
function shorthand(value) {
  if (Array.isArray(value)) return `[${value.map(shorthand).join(",")}]`;
  if (value !== null && typeof value === "object") return `{${pairs(value)}}`;
  return /[,={}[\] "]/.test(value) ? `"${String(value).replaceAll('"', '\\"')}"` : String(value);
}

const pairs = (value) => Object.entries(value).map(([name, one]) => `${name}=${shorthand(one)}`).join(",");
const argument = (value) => quoted(value !== null && typeof value === "object" ? pairs(value) : value);

function option([name, value]) {
  const option = `--${dashed(name)}`;
  if (value === true) return option;
  if (value === false) return `--no-${dashed(name)}`;
  if (HIDDEN[name]) return `${option} ${[value].flat().map((_, at) => `"$${HIDDEN[name]}${at ? `_${at + 1}` : ""}"`).join(" ")}`;
  return `${option} ${[value].flat().map(argument).join(" ")}`;
}

/** The command of the AWS CLI. */
export function command({ operation, params }, region) {
  const place = [`--endpoint-url ${location.origin}`, `--region ${region}`];
  return [`aws elasticache ${dashed(operation)}`, ...place, ...Object.entries(tree(params)).map(option)].join(" \\\n    ");
}

const RENAMED = { CacheClusterId: "ClusterName" };

const scalar = (value) => (typeof value === "string" && !/^[A-Za-z][\w.-]*$/.test(value) ? JSON.stringify(value) : value);

function yaml(name, value, indent) {
  if (HIDDEN[name]) return [`${indent}${name}: !Ref ${name}`];
  const head = `${indent}${RENAMED[name] ?? name}:`;
  if (Array.isArray(value)) return [head, ...value.map((one) => `${indent}  - ${scalar(one)}`)];
  if (value !== null && typeof value === "object") return [head, ...Object.entries(value).flatMap(([inner, one]) => yaml(inner, one, `${indent}  `))];
  return [`${head} ${scalar(value)}`];
}

/** The resource in a CloudFormation template, in YAML. */
export function template({ resource, params }) {
  const named = Object.entries(tree(params)).flatMap(([name, value]) => yaml(name, value, "      "));
  return ["Resources:", "  Cache:", `    Type: AWS::ElastiCache::${resource}`, "    Properties:", ...named].join("\n");
}
