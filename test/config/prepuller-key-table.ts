/**
 * Every key of a prepuller's configuration, with values that it takes and values that it refuses.
 */

import type { PrepullerConfig } from "../../src/config/prepuller-config.ts";
import type { Toleration } from "../../src/domain/cluster-node.ts";
import { address, as, count, file, flag, type Key, keysOf, label, list, type Row, wait } from "./key-rows.ts";

const atLeast = (seconds: number) => `a duration like 90s or 5m, at least ${seconds}s and at most 24d`;
const url = "an http or https URL of host and port, like https://image-source:50051";
const name = "a name of Kubernetes: a DNS-1123 subdomain of at most 253 characters";
const map = "a map of keys";
const text = "a text that is not empty";
const labelValue =
  "the value of a label: at most 63 letters, digits, _ . and - (numbers and true need quotes)";
const quantity = "a quantity like 100m or 16Mi";
const under = "/etc/image-source";
const long = "a".repeat(63);

// biome-ignore format: a table
const prepuller: readonly Row<PrepullerConfig>[] = [
  ["service.url", url, ["http://localhost:1", "https://a.example.org:443", "http://[::1]:50051", as("http://10.0.0.1:50051/", "http://10.0.0.1:50051")], ["localhost:50051", "http://localhost", "grpc://a:1", "http://a:1/x", "http://a:1?x", "http://a:1#x", "http://a:0", "http://a:65536", "http://a_b:1", 50051, ""], (c) => c.service.url],
  ["service.tokenFile", file, [as("token", `${under}/token`), "/token"], ["", 3], (c) => c.service.tokenFile],
  ["sources", list, [[], ["lab", "other"]], ["lab", 3], (c) => c.sources],
  ["sources[0]", label, ["lab-2"], ["Lab", "a.b", "", 2], (c) => c.sources[0]],
  ["kubeconfig", file, [as("../kubeconfig", "/etc/kubeconfig")], ["", false], (c) => c.kubeconfig],
  ["namespace", label, ["prepuller"], ["a.b", "", 3], (c) => c.namespace],
  ["nodeSelector", map, [{}, { pool: "users", "kubernetes.io/os": "linux", empty: "" }, { constructor: "x", toString: "y" }], ["pool=users", ["pool"]], (c) => c.nodeSelector],
  ["nodeSelector.pool", labelValue, ["users", "", long, "a_b.c-d", "A"], [true, 3, "a b", "-a", "a-", `${long}a`, ["users"]], (c) => c.nodeSelector.pool],
  ["tolerations", list, [[]], ["NoSchedule", {}], (c) => c.tolerations],
  ["refreshInterval", atLeast(1), [as("1s", 1000), as("1h", 3_600_000)], ["0", "often", 300, "25d"], (c) => c.refreshInterval],
  ["maxConcurrentNodes", count(20_000, 1), [1, 5000], [0, "50"], (c) => c.maxConcurrentNodes],
  ["pullTimeout", atLeast(1), [as("30m", 1_800_000)], ["0", 600, "never"], (c) => c.pullTimeout],
  ["nodeStatusLag", wait, [as("0", 0), as("2m", 120_000)], ["long", 60], (c) => c.nodeStatusLag],
  ["nodeStatusMaxImages", count(1_000_000, -1), [-1, 0, 100], [-2, "50", 1.5], (c) => c.nodeStatusMaxImages],
  ["waitForUsers", flag, [true, false], ["true", 1], (c) => c.waitForUsers],
  ["requestsPerSecond", count(10_000, 1), [1, 100], [0, 0.5, "20"], (c) => c.requestsPerSecond],
  ["pod.command", list, [["/bin/sh", "-c", "exit"]], ["/bin/true"], (c) => c.pod.command],
  ["pod.command[0]", text, ["/true"], ["", 3], (c) => c.pod.command[0]],
  ["pod.pullSecret", name, ["regcred", "reg.cred"], ["", "RegCred", 3], (c) => c.pod.pullSecret],
  ["pod.priorityClassName", name, ["low"], ["a_b", ""], (c) => c.pod.priorityClassName],
  ["pod.labels", map, [{ "example.org/team": "a" }], ["team=a"], (c) => c.pod.labels],
  ["pod.labels.team", labelValue, ["a"], [1, "a b"], (c) => c.pod.labels.team],
  ["pod.annotations", map, [{ "Example.org/note": "any text,\nany length" }], ["note"], (c) => c.pod.annotations],
  ["pod.annotations.note", "a text (numbers and true need quotes)", ["", "a b"], [1, true], (c) => c.pod.annotations.note],
  ["pod.resources", map, [], ["small"], (c) => c.pod.resources],
  ["pod.resources.requests", map, [], ["1m"], (c) => c.pod.resources.requests],
  ["pod.resources.requests.cpu", quantity, ["1m", "0.5", ".5", "1e-3", "0", as(1, "1"), as(0.25, "0.25")], ["", "-1", "1 m", "1mm", "one", -1, true], (c) => c.pod.resources.requests.cpu],
  ["pod.resources.limits", map, [], [["1m"]], (c) => c.pod.resources.limits],
  ["pod.resources.limits.memory", quantity, ["16Mi", "1G", "1.5Gi", "128974848", "1E3", "123456789e3"], ["16MiB", "16mi", "+1", "0x10"], (c) => c.pod.resources.limits.memory],
  ["pod.resources.limits.hugepages-2Mi", quantity, ["4Mi"], ["4 Mi"], (c) => c.pod.resources.limits["hugepages-2Mi"]],
  ["lease.name", name, ["prepuller"], ["A", ""], (c) => c.lease.name],
  ["lease.duration", atLeast(5), [as("5s", 5_000), as("1m", 60_000)], ["0", "4s", 15, "15000ms"], (c) => c.lease.duration],
  ["metrics.address", address, ["0.0.0.0:8081", "[::]:0"], [":8081", 8081], (c) => c.metrics.address],
  ["log.level", "debug or info or warn or error", ["debug", "info", "warn", "error"], ["trace", 3], (c) => c.log.level],
  ["log.format", "json or text", ["json", "text"], ["xml"], (c) => c.log.format],
];

// biome-ignore format: a table
const tls: readonly Row<PrepullerConfig["service"]>[] = [
  ["caFile", file, [as("ca.crt", `${under}/ca.crt`)], ["", 3], (s) => s.caFile],
  ["certificateFile", file, [as("other.crt", `${under}/other.crt`)], [""], (s) => s.clientCertificate?.certificateFile],
  ["keyFile", file, [as("/other.key", "/other.key")], [false], (s) => s.clientCertificate?.keyFile],
];

const taintValue = "the value of a taint (numbers and true need quotes)";

// biome-ignore format: a table
const toleration: readonly Row<Toleration | undefined>[] = [
  ["key", "the key of a taint, or empty for all", ["dedicated", "node.kubernetes.io/not-ready"], ["a b", "/a", "a/b/c", "A.B/c", 3], (t) => t?.key],
  ["operator", "Equal or Exists", ["Equal", "Exists"], ["exists", "In", ""], (t) => t?.operator],
  ["value", taintValue, ["users", ""], [true, "a b", 3], (t) => t?.value],
  ["effect", "NoSchedule or PreferNoSchedule or NoExecute or none", ["NoSchedule", "PreferNoSchedule", "NoExecute", as("", undefined)], ["noSchedule", "Evict", 3], (t) => t?.effect],
];

/** What they are keys of, in which configuration they are tried, and the keys. */
export const keyTables: readonly (readonly [string, object, readonly Key<PrepullerConfig>[]])[] = [
  ["a prepuller", {}, keysOf("", prepuller, (config: PrepullerConfig) => config)],
  [
    "the way to a service with TLS",
    { service: { url: "https://a:1", certificateFile: "c", keyFile: "k" } },
    keysOf("service.", tls, (config: PrepullerConfig) => config.service),
  ],
  [
    "a toleration",
    { tolerations: [{ key: "a" }] },
    keysOf("tolerations[0].", toleration, (config: PrepullerConfig) => config.tolerations[0]),
  ],
  [
    "a toleration for some time",
    { tolerations: [{ key: "a", effect: "NoExecute" }] },
    keysOf(
      "tolerations[0].",
      [
        [
          "tolerationSeconds",
          count(Number.MAX_SAFE_INTEGER),
          [0, 300],
          [-1, 0.5, "300"],
          (t) => t?.tolerationSeconds,
        ],
      ],
      (config: PrepullerConfig) => config.tolerations[0],
    ),
  ],
];
