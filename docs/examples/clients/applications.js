// Libraries of Node.js at an encrypted cache: npm install redis ioredis iovalkey bullmq
// CACHE_URL is rediss://:TOKEN@HOST:PORT of a primary endpoint, CACHE_CA what `cachewright ca` prints.
"use strict";

const { readFileSync } = require("node:fs");

const url = process.env.CACHE_URL;
const ca = readFileSync(process.env.CACHE_CA);
const { hostname: host, port, password } = new URL(url);
const options = { host, port: Number(port), password, tls: { ca } };

async function nodeRedis() {
  const client = require("redis").createClient({ url, socket: { ca } });
  await client.connect();
  await client.set("greeting", "hello");
  const read = await client.get("greeting");
  client.destroy();
  return read;
}

async function alike(Client) {
  const client = new Client(options);
  await client.set("greeting", "hello");
  const read = await client.get("greeting");
  client.disconnect();
  return read;
}

async function bullmq() {
  const { Queue, Worker } = require("bullmq");
  const connection = { ...options, maxRetriesPerRequest: null };
  const queue = new Queue("greetings", { connection, skipVersionCheck: true });
  let worker;
  const done = new Promise((resolve) => {
    worker = new Worker("greetings", async (job) => resolve(job.data.text), { connection });
  });
  await queue.add("say", { text: "hello" });
  const read = await done;
  await worker.close();
  await queue.close();
  return read;
}

const LIBRARIES = {
  "node-redis": nodeRedis,
  ioredis: () => alike(require("ioredis")),
  iovalkey: () => alike(require("iovalkey")),
  BullMQ: bullmq,
};

(async () => {
  for (const [name, library] of Object.entries(LIBRARIES)) {
    console.log(`${name}: ${await library()}`);
  }
})();
