// A request as others would write it: as a command of the AWS CLI, and as a fragment of a CloudFormation template.
const HIDDEN = new Set(["AuthToken"]);

const dashed = (name) =>
  name.replace(/([a-z0-9])([A-Z])/g, "$1-$2").replace(/([A-Z]+)([A-Z][a-z])/g, "$1-$2").toLowerCase();

const quoted = (value) => (/^[\w./:@-]+$/.test(value) ? String(value) : `'${String(value).replaceAll("'", `'\\''`)}'`);

/** Parameters with the elements of lists together again: [[name, value or values]]. */
function gathered(params) {
  const found = new Map();
  for (const [name, value] of Object.entries(params)) {
    const [list, , number] = name.split(".");
    if (number) found.set(list, [...(found.get(list) ?? []), value]);
    else found.set(name, value);
  }
  return [...found];
}

function option([name, value]) {
  const option = `--${dashed(name)}`;
  if (value === true) return option;
  if (value === false) return `--no-${dashed(name)}`;
  if (HIDDEN.has(name)) return `${option} "$AUTH_TOKEN"`;
  return `${option} ${[value].flat().map(quoted).join(" ")}`;
}

/** The command of the AWS CLI. */
export function command({ operation, params }, region) {
  const place = [`--endpoint-url ${location.origin}`, `--region ${region}`];
  return [`aws elasticache ${dashed(operation)}`, ...place, ...gathered(params).map(option)].join(" \\\n    ");
}

const RENAMED = { CacheClusterId: "ClusterName" };

const scalar = (value) => (typeof value === "string" && !/^[A-Za-z][\w.-]*$/.test(value) ? JSON.stringify(value) : value);

/** The resource in a CloudFormation template, in YAML. */
export function template({ resource, params }) {
  const named = Object.entries(params).map(([name, value]) => {
    const shown = HIDDEN.has(name) ? "!Ref AuthToken" : scalar(value);
    return `      ${RENAMED[name] ?? name}: ${shown}`;
  });
  return ["Resources:", "  Cache:", `    Type: AWS::ElastiCache::${resource}`, "    Properties:", ...named].join("\n");
}
