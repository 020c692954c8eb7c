/**
 * Every key of a service's configuration, with values that it takes and values that it refuses.
 */
import type {
  Config,
  DockerSourceConfig,
  GoogleSourceConfig,
  StaticSourceConfig,
} from "../../src/config/config.ts";
import { address, as, count, file, flag, type Key, keysOf, label, list, type Row, wait } from "./key-rows.ts";
import { of } from "./support.ts";

type Source = Omit<DockerSourceConfig, "type"> &
  Omit<StaticSourceConfig, "type"> &
  Omit<GoogleSourceConfig, "type">;

function onlySource({ sources: [source] }: Config): Source {
  return source as DockerSourceConfig & Source;
}

const hex = "b".repeat(64);
const release = { major: 25, minor: 0, patch: 0, prerelease: undefined };
const int32 = count(2_147_483_647);
const wait1 = "a duration like 90s or 5m, above 0 and at most 24d";
const age = "a duration like 90s, 5m or 104w";
const size = "a size like 64KiB or 256MiB, above 0";
const date = "a day like 2024-01-01, or an RFC 3339 time";
const version = "a version like 25.0.0 or 25.0.0-rc2";
const tag = "a tag: letters, digits, _ . and -, at most 128 (numbers need quotes)";
const digest = "a digest: sha256: and 64 lower-case hex digits, or sha512: and 128";
const nodeName = "a DNS-1123 subdomain of at most 253 characters";
const host = "a host, or host:port";
const registry = "a host with a dot or a port, like registry.example.org or registry:5000";
const origin = "an origin like https://hub.example.org";
const path = "the path of a repository in lower case";

const pair = { certificateFile: "tls.crt", keyFile: "/tls.key" };
const pairAt = { certificateFile: "/etc/image-source/tls.crt", keyFile: "/tls.key" };

// biome-ignore format: a table
const service: readonly Row<Config>[] = [
  ["grpc.address", address, ["0.0.0.0:443", "[::1]:0"], [":1", "localhost", 443], (c) => c.grpc.address],
  ["grpc.tls", "a map of keys", [as(pair, { ...pairAt, clientCaFile: undefined })], ["tls.crt", true], (c) => c.grpc.tls],
  ["grpc.tls.certificateFile", file, [as("c.crt", "/etc/image-source/c.crt"), "/c.crt"], ["", 3], (c) => c.grpc.tls?.certificateFile],
  ["grpc.tls.keyFile", file, [as("c.key", "/etc/image-source/c.key")], ["", 3], (c) => c.grpc.tls?.keyFile],
  ["grpc.tls.clientCaFile", file, [as("ca.crt", "/etc/image-source/ca.crt")], ["", 3], (c) => c.grpc.tls?.clientCaFile],
  ["grpc.tokensFile", file, [as("tokens", "/etc/image-source/tokens"), "/tokens"], ["", 3], (c) => c.grpc.tokensFile],
  ["grpc.maxConcurrentStreams", count(1_000_000, 1), [1, 5000], [0, -1, 1.5, "200"], (c) => c.grpc.maxConcurrentStreams],
  ["http.address", address, ["0.0.0.0:8080", "[::1]:0"], [":1", "localhost", 8080], (c) => c.http.address],
  ["http.tls", "a map of keys", [as(pair, { ...pairAt, clientCaFile: undefined })], ["tls.crt", true], (c) => c.http.tls],
  ["http.tls.certificateFile", file, [as("c.crt", "/etc/image-source/c.crt"), "/c.crt"], ["", 3], (c) => c.http.tls?.certificateFile],
  ["http.tls.keyFile", file, [as("c.key", "/etc/image-source/c.key")], ["", 3], (c) => c.http.tls?.keyFile],
  ["http.tls.clientCaFile", file, [as("ca.crt", "/etc/image-source/ca.crt")], ["", 3], (c) => c.http.tls?.clientCaFile],
  ["http.cors.allowedOrigins", list, [["https://hub.example.org"], ["http://localhost:8000"], []], ["https://a.example.org", 3], (c) => c.http.allowedOrigins],
  ["http.cors.allowedOrigins[0]", origin, ["https://hub.example.org", "http://localhost:8000", "http://[::1]:8000"], ["*", "null", "hub.example.org", "https://a.example.org/", "https://a.example.org:443", "https://A.example.org", "ftp://a.example.org", 3], (c) => c.http.allowedOrigins[0]],
  ["shutdown.wait", wait, [as("0", 0), as("1m", 60_000)], ["soon", 5, "25d"], (c) => c.shutdown.wait],
  ["shutdown.grace", wait, [as(0, 0), as("90s", 90_000)], ["-1s", 20], (c) => c.shutdown.grace],
  ["stateDirectory", "the path of a directory", [as("state", "/etc/image-source/state"), "/var/lib/image-source"], ["", 3, true], (c) => c.stateDirectory],
  ["log.level", "debug or info or warn or error", ["debug", "info", "warn", "error"], ["trace", "INFO", 3], (c) => c.log.level],
  ["log.format", "json or text", ["json", "text"], ["xml", true], (c) => c.log.format],
];

// biome-ignore format: a table
const everySource: readonly Row<Source>[] = [
  ["name", label, ["a", "lab-2"], ["Lab", "a.b", "", 2], (s) => s.name],
  ["refreshInterval", wait, [as("0", 0), as("1h", 3_600_000)], ["often", 300, "25d"], (s) => s.refreshInterval],
  ["refreshTimeout", wait1, [as("1s", 1000)], ["0", "never"], (s) => s.refreshTimeout],
  ["recommendedTag", "a tag, or empty for none", ["stable", ""], ["a b", 3], (s) => s.prepull.recommendedTag],
  ["aliasTags", list, [[], ["latest", "newest"]], ["latest", 3], (s) => s.prepull.aliasTags],
  ["aliasTags[0]", tag, ["latest"], ["a b", 3, ""], (s) => s.prepull.aliasTags[0]],
  ["pin", list, [[], ["w_1", "w_2"]], ["w_1"], (s) => s.prepull.pin],
  ["pin[0]", tag, ["w_1"], ["w:1", 3], (s) => s.prepull.pin[0]],
  ["cycle", int32, [0, 45], [-1, "45", 2_147_483_648], (s) => s.prepull.cycle],
  ["numReleases", count(1000), [0, 1000], [-1, 1001, "1"], (s) => s.prepull.numReleases],
  ["numWeeklies", count(1000), [0, 1000], [-1, 1001, 0.5], (s) => s.prepull.numWeeklies],
  ["numDailies", count(1000), [0, 1000], [-1, 1001, true], (s) => s.prepull.numDailies],
  ["filter.unknown", "show or hide", [as("show", false), as("hide", true)], ["maybe", false], (s) => s.filter.hideUnknown],
];

type Policy = Source["filter"]["policies"]["weekly"];

// biome-ignore format: a table
const rules: readonly Row<Policy>[] = [
  ["number", count(1_000_000), [0, 5], [-1, 1.5, "5"], (p) => p?.number],
  ["age", age, [as("0", 0), as("104w", 62_899_200_000)], ["2y", 7], (p) => p?.age],
  ["cutoffDate", date, [as("2024-01-01", 1_704_067_200_000), as("2024-01-01T02:00:00+02:00", 1_704_067_200_000)], ["2024-02-30", 2024], (p) => p?.cutoffDate],
  ["cutoffVersion", version, [as("25.0.0", release), as("25.0.0-rc2", { ...release, prerelease: 2 })], ["25.0", 25, "r25_0_0"], (p) => p?.cutoffVersion],
  ["cutoffBuild", int32, [0, 12], [-1, "12"], (p) => p?.cutoffBuild],
];

const filteredTypes = [
  ["release", "release"],
  ["weekly", "weekly"],
  ["daily", "daily"],
  ["releaseCandidate", "release_candidate"],
  ["experimental", "experimental"],
] as const;

// biome-ignore format: a table
const whereItIs: readonly Row<Source>[] = [
  ["registry", registry, ["docker.io", "localhost:5000", "registry:5000", "[::1]:5000"], ["https://r.example.org", "r.example.org/lab", "registry", ""], (s) => s.registry],
  ["repository", path, ["lab", "a/b/c"], ["Lab", "/lab", "lab:w_1", ""], (s) => s.repository],
];

// biome-ignore format: a table
const google: readonly Row<Source>[] = [
  ["location", label, ["us-central1", "europe"], ["US", "a_b", 3], (s) => s.location],
  ["projectId", "the ID of a Google project", ["my-project", "example.com:my-project"], ["My-Project", "p", "a/b", 3], (s) => s.projectId],
  ["repository", label, ["sciplat"], ["a/b", "Sciplat", ""], (s) => s.repository],
  ["image", path, ["lab", "team/lab"], ["Lab", "/lab", 3], (s) => s.image],
  ["credentialsFile", file, [as("key.json", "/etc/image-source/key.json")], ["", 3], (s) => s.credentialsFile],
  ["endpoint", "an https URL without a path, or an http one on loopback", ["https://proxy.example.org", "http://127.0.0.1:9000"], ["http://proxy.example.org", "https://a.example.org/v1", "127.0.0.1:9000", 3], (s) => s.endpoint],
];

// biome-ignore format: a table
const docker: readonly Row<Source>[] = [
  ["scheme", "https or http", ["https", "http"], ["HTTP", "ftp"], (s) => s.scheme],
  ["caFile", file, [as("ca.pem", "/etc/image-source/ca.pem"), "/ca.pem"], ["", 3], (s) => s.caFile],
  ["clientCertificate", "a map of keys", [as({ certificateFile: "c", keyFile: "/k" }, { certificateFile: "/etc/image-source/c", keyFile: "/k" })], ["c.pem", 3], (s) => s.clientCertificate],
  ["insecureSkipVerify", flag, [true, false], ["true", "yes", 1], (s) => s.insecureSkipVerify],
  ["credentialsFile", file, [as("../c.json", "/etc/c.json")], ["", true], (s) => s.credentialsFile],
  ["authHosts", list, [[], ["a.example.org", "b:8443"]], ["a.example.org"], (s) => s.authHosts],
  ["authHosts[0]", host, ["localhost:5001"], ["https://a.example.org", "a/token", 3], (s) => s.authHosts[0]],
  ["maxRequests", count(100, 1), [1, 100], [0, 101, "4"], (s) => s.maxRequests],
  ["budget.pages", count(1_000_000, 1), [1, 20_000], [0, "1000"], (s) => s.budget.pages],
  ["budget.tags", count(10_000_000, 1), [1, 300_000], [0, 0.5], (s) => s.budget.tags],
  ["budget.bytes", size, [as("64KiB", 65_536), as("1GiB", 1_073_741_824)], [1024, "64KB", "64"], (s) => s.budget.bytes],
  ["resolveTtl", wait, [as("0", 0), as("5m", 300_000)], [30, "long"], (s) => s.resolveTtl],
];

// biome-ignore format: a table
const statics: readonly Row<Source>[] = [
  ["images", list, [[]], ["w_1", 3], (s) => s.images],
  ["images[0].tag", tag, ["w_2"], ["a b", 3], (s) => s.images[0]?.name],
  ["images[0].digest", digest, [`sha256:${hex}`, `sha512:${hex}${hex}`], ["sha256:abc", `SHA256:${hex}`, ""], (s) => s.images[0]?.digest],
  ["images[0].size", count(Number.MAX_SAFE_INTEGER), [0, Number.MAX_SAFE_INTEGER], [-1, "4GiB", 1.5], (s) => s.images[0]?.size],
  ["nodes", list, [[]], ["node-1"], (s) => s.nodeCache.nodes],
  ["nodes[0].name", nodeName, ["node-2", "n.example.org"], ["Node", "a_b", 3], (s) => s.nodeCache.nodes[0]?.name],
  ["nodes[0].images", list, [[]], ["w_1"], (s) => s.nodeCache.nodes[0]?.images],
  ["nodes[0].images[0]", tag, [as("w_1", { names: ["registry.example.org/sciplat/lab:w_1"], size: 0 })], ["a b", 3], (s) => s.nodeCache.nodes[0]?.images[0]],
  ["nodes[0].ineligibleReason", "a text", ["cordoned", ""], [3, true], (s) => s.nodeCache.nodes[0]?.ineligibleReason],
  ["nodes[0].architecture", "a text", ["amd64", ""], [64], (s) => s.nodeCache.nodes[0]?.architecture],
  ["nodes[0].partial", flag, [true, false], ["true", 0], (s) => s.nodeCache.nodes[0]?.partial],
];

const inSource = "sources[0].";
const ofEverySource = [
  ...keysOf(inSource, everySource, onlySource),
  ...filteredTypes.flatMap(([written, type]) =>
    keysOf(
      `${inSource}filter.${written}.`,
      rules,
      (config: Config) => onlySource(config).filter.policies[type],
    ),
  ),
];

/** What they are keys of, in which configuration they are tried, and the keys. */
export const keyTables: readonly (readonly [string, object, readonly Key<Config>[]])[] = [
  [
    "the service",
    { ...of("static"), grpc: { tls: pair }, http: { tls: { ...pair } } },
    keysOf("", service, (config: Config) => config),
  ],
  [
    "a docker source",
    of("docker"),
    [...ofEverySource, ...keysOf(inSource, whereItIs, onlySource), ...keysOf(inSource, docker, onlySource)],
  ],
  ["a google source", of("google"), [...ofEverySource, ...keysOf(inSource, google, onlySource)]],
  [
    "a static source",
    of("static", { nodes: [{ name: "node-1" }] }),
    [...ofEverySource, ...keysOf(inSource, whereItIs, onlySource), ...keysOf(inSource, statics, onlySource)],
  ],
];
