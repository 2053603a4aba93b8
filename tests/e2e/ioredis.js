// Writes numbered keys until its input ends. A line of its output tells of one: `+7` acknowledged, `-7 why` failed.
const { readFileSync } = require("node:fs");
const Redis = require("ioredis");

const { host, port, name, username, password, authority, breath, patience } = JSON.parse(process.argv[2]);
const tls = authority ? { ca: readFileSync(authority) } : undefined;
const cluster = new Redis.Cluster([{ host, port }], {
  dnsLookup: (address, told) => told(null, address),
  redisOptions: { username, password, tls, commandTimeout: patience, connectTimeout: patience },
});
let stopped = false;

async function write(number) {
  try {
    await cluster.set(`${name}-${number}`, number);
    console.log(`+${number}`);
  } catch (error) {
    console.log(`-${number} ${error.message}`);
  }
}

async function main() {
  for (let number = 1; !stopped; number += 1) {
    await write(number);
    await new Promise((wake) => setTimeout(wake, breath));
  }
  cluster.disconnect();
}

cluster.on("error", () => {}); // every operation that fails tells by itself
process.on("unhandledRejection", () => {}); // of questions about slots that ioredis asks by itself when a node ends
process.stdin.on("end", () => { stopped = true; }).resume();
main();
