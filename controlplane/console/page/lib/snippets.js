// How programs connect to an endpoint, in the words of the libraries that people use.
import { hostAndPort, isClustered } from "./words.js";

const SECRET = { token: "the AUTH token", user: "the password of the user" };

function redisCli({ host, port, tls, user, secret, cluster }) {
  const options = [cluster && "-c", tls && "--tls --cacert ca.pem", user && `--user ${user}`].filter(Boolean).join(" ");
  return `${secret ? 'REDISCLI_AUTH="$SECRET" ' : ""}redis-cli -h ${host} -p ${port}${options ? ` ${options}` : ""}`;
}

function redisPy({ host, port, tls, user, secret, cluster }) {
  const name = cluster ? "RedisCluster" : "Redis";
  const more = [tls && `ssl=True,\n    ssl_ca_certs="ca.pem"`, user && `username="${user}"`, secret && `password=os.environ["SECRET"]`];
  const options = [`host="${host}"`, `port=${port}`, ...more.filter(Boolean), "decode_responses=True"];
  return `${secret ? "import os\n\n" : ""}from redis import ${name}\n\nclient = ${name}(\n    ${options.join(",\n    ")},\n)\nclient.set("greeting", "hello")`;
}

function ioredis({ host, port, tls, user, secret, cluster }) {
  const login = [user && `username: "${user}"`, secret && "password: process.env.SECRET", tls && `tls: { ca: readFileSync("ca.pem") }`].filter(Boolean).join(", ");
  const begin = `${tls ? 'import { readFileSync } from "node:fs";\n' : ""}import Redis from "ioredis";\n\n`;
  if (cluster) return `${begin}const client = new Redis.Cluster(\n  [{ host: "${host}", port: ${port} }],\n  { redisOptions: { ${login} } },\n);\nawait client.set("greeting", "hello");`;
  return `${begin}const client = new Redis({ host: "${host}", port: ${port}${login && `, ${login}`} });\nawait client.set("greeting", "hello");`;
}

function nodeRedis({ host, port, tls, user, secret, cluster }) {
  const socket = tls ? `socket: { tls: true, ca: readFileSync("ca.pem") }` : "";
  const login = [user && `username: "${user}"`, secret && "password: process.env.SECRET"].filter(Boolean);
  const url = `url: "${tls ? "rediss" : "redis"}://${host.includes(":") ? `[${host}]` : host}:${port}"`;
  const begin = `${tls ? 'import { readFileSync } from "node:fs";\n' : ""}import { ${cluster ? "createCluster" : "createClient"} } from "redis";\n\n`;
  const options = [...login, socket].filter(Boolean).join(", ");
  const made = cluster
    ? `createCluster({\n  rootNodes: [{ ${url} }],\n  defaults: { ${options} },\n})`
    : `createClient({ ${[url, options].filter(Boolean).join(", ")} })`;
  return `${begin}const client = ${made};\nawait client.connect();\nawait client.set("greeting", "hello");`;
}

function lettuce({ host, port, tls, user, secret, cluster }) {
  const login = secret ? `\n    .withAuthentication("${user || "default"}", System.getenv("SECRET").toCharArray())` : "";
  const kind = cluster ? "RedisClusterClient" : "RedisClient";
  return `RedisURI uri = RedisURI.builder()\n    .withHost("${host}").withPort(${port}).withSsl(${tls})${login}\n    .build();\n${kind} client = ${kind}.create(uri);${tls ? '\nclient.setOptions(' + (cluster ? "ClusterClientOptions" : "ClientOptions") + '.builder().sslOptions(\n    SslOptions.builder().trustManager(new File("ca.pem")).build()).build());' : ""}\nclient.connect().sync().set("greeting", "hello");`;
}

function goRedis({ host, port, tls, user, secret, cluster }) {
  const address = `"${host.includes(":") ? `[${host}]` : host}:${port}"`;
  const options = [cluster ? `Addrs: []string{${address}}` : `Addr: ${address}`, user && `Username: "${user}"`, secret && `Password: os.Getenv("SECRET")`, tls && "TLSConfig: &tls.Config{RootCAs: pool}"].filter(Boolean);
  const pool = tls ? `pem, _ := os.ReadFile("ca.pem")\npool := x509.NewCertPool()\npool.AppendCertsFromPEM(pem)\n` : "";
  return `${pool}client := redis.New${cluster ? "Cluster" : ""}Client(&redis.${cluster ? "Cluster" : ""}Options{\n\t${options.join(",\n\t")},\n})\nerr := client.Set(ctx, "greeting", "hello", 0).Err()`;
}

function spring({ host, port, tls, user, secret, cluster }) {
  const where = cluster ? ["    cluster:", `      nodes: "${host}:${port}"`] : [`    host: "${host}"`, `    port: ${port}`];
  const login = [user && `    username: ${user}`, secret && "    password: ${SECRET}"].filter(Boolean);
  const bundle = tls ? ["    ssl:", "      bundle: cachewright", "  ssl.bundle.pem.cachewright.truststore.certificate: ca.pem"] : [];
  return ["spring:", "  data.redis:", ...where, ...login, ...bundle].join("\n");
}

function django({ host, port, tls, user, secret }) {
  const url = secret
    ? `f"${tls ? "rediss" : "redis"}://${user}:{os.environ['SECRET']}@${host}:${port}"`
    : `"${tls ? "rediss" : "redis"}://${host}:${port}"`;
  const options = tls ? `\n        "OPTIONS": {"ssl_ca_certs": "ca.pem"},` : "";
  return `CACHES = {\n    "default": {\n        "BACKEND": "django.core.cache.backends.redis.RedisCache",\n        "LOCATION": ${url},${options}\n    }\n}`;
}

const REDIS = { "redis-cli": redisCli, "redis-py": redisPy, ioredis, "node-redis": nodeRedis, Lettuce: lettuce, "go-redis": goRedis, "Spring Boot": spring, Django: django };

function memcachedShell({ host, port, tls }) {
  return tls ? `openssl s_client -connect ${host}:${port} -CAfile ca.pem -quiet` : `printf 'stats\\r\\nquit\\r\\n' | nc ${host} ${port}`;
}

function pymemcache({ host, port, tls }) {
  const begin = tls ? 'import ssl\n\nfrom pymemcache.client.base import Client\n\ncontext = ssl.create_default_context(cafile="ca.pem")\n' : "from pymemcache.client.base import Client\n\n";
  return `${begin}client = Client(("${host}", ${port})${tls ? ", tls_context=context" : ""})\nclient.set("greeting", "hello")`;
}

const djangoMemcached = ({ host, port }) =>
  `CACHES = {\n    "default": {\n        "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",\n        "LOCATION": "${host}:${port}",\n    }\n}`;

const MEMCACHED = { Shell: memcachedShell, pymemcache, Django: djangoMemcached };

/** The snippets for an address of a cache, by library; Django has no clusters of its own. */
export function snippets(cache, address) {
  const { host, port } = hostAndPort(address);
  const told = {
    host,
    port,
    tls: cache.encrypted,
    user: cache.login === "user" ? "USER" : "",
    secret: SECRET[cache.login],
    cluster: cache.cluster_mode === "enabled",
  };
  const known = cache.engine === "memcached" ? MEMCACHED : REDIS;
  const fit = Object.entries(known).filter(([name]) => !(name === "Django" && isClustered(cache) && told.cluster));
  return fit.map(([name, written]) => ({ name, code: written(told) }));
}

export const needs = (cache) => ({ authority: cache.encrypted, secret: SECRET[cache.login] });
