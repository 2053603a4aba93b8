// Asks for replication groups and makes a token for a user, as AWS's SDK signs; tells both as JSON.
const { ElastiCache } = require("@aws-sdk/client-elasticache");
const { formatUrl } = require("@aws-sdk/util-format-url");
const { Sha256 } = require("@aws-crypto/sha256-js");
const { HttpRequest } = require("@smithy/protocol-http");
const { SignatureV4 } = require("@smithy/signature-v4");

const { url, region, cache, user, ...credentials } = JSON.parse(process.argv[2]);

async function answer() {
  const client = new ElastiCache({ endpoint: url, region, credentials, maxAttempts: 1 });
  try {
    return { groups: (await client.describeReplicationGroups({})).ReplicationGroups ?? [] };
  } catch (error) {
    return { error: error.name };
  }
}

async function token() {
  const signer = new SignatureV4({ service: "elasticache", region, credentials, sha256: Sha256 });
  const place = { protocol: "https:", hostname: cache, path: "/", headers: { host: cache } };
  const request = new HttpRequest({ method: "GET", query: { Action: "connect", User: user }, ...place });
  return formatUrl(await signer.presign(request, { expiresIn: 900 })).replace("https://", "");
}

async function main() {
  console.log(JSON.stringify({ ...(await answer()), token: await token() }));
}

main();
