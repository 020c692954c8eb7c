/**
 * What a prepuller's file may not hold whatever its values are: unknown keys, keys of a service, what does not go
 * together or what Kubernetes would refuse of every pod; and that all of it is told at once.
 */
import { describe, expect, it } from "vitest";
import { parsePrepuller, prepullerProblems } from "./support.ts";

describe("an unknown key", () => {
  it.each([
    ["at the top", { nodeSelectors: {} }, "nodeSelectors"],
    ["in service", { service: { address: "a:1" } }, "service.address"],
    ["in pod", { pod: { image: "x" } }, "pod.image"],
    ["in resources", { pod: { resources: { cpu: "1m" } } }, "pod.resources.cpu"],
    ["in a toleration", { tolerations: [{ operator: "Exists", seconds: 1 }] }, "tolerations[0].seconds"],
    ["in lease", { lease: { namespace: "x" } }, "lease.namespace"],
    ["in metrics", { metrics: { port: 8081 } }, "metrics.port"],
    ["in log", { log: { file: "x" } }, "log.file"],
    ["a name of every object", { constructor: {} }, "constructor"],
  ])("%s", (_, value, path) => {
    expect(prepullerProblems(value)).toEqual([`${path} is no key that is known here`]);
  });
});

describe("a key of a service's file is refused as such", () => {
  it.each([
    ["grpc", { grpc: { address: "127.0.0.1:50051" } }],
    ["http", { http: {} }],
    ["shutdown", { shutdown: { wait: "5s" } }],
    ["stateDirectory", { stateDirectory: null }],
  ])("%s", (key, keys) => {
    expect(prepullerProblems({ lease: {}, ...keys })).toEqual([
      `${key} belongs into a service's file; start it with serve`,
    ]);
  });
});

describe("names that Kubernetes does not take as keys", () => {
  const name = "is no key that can stand here: it has to be a name like app or example.org/app";
  const resource =
    "is no key that can stand here: it has to be a resource like cpu, memory or example.org/gpu";

  it.each([
    ["a label with a space", { nodeSelector: { "a b": "x" } }, `nodeSelector.a b ${name}`],
    [
      "a label without a name",
      { nodeSelector: { "example.org/": "x" } },
      `nodeSelector.example.org/ ${name}`,
    ],
    ["a label with two slashes", { pod: { labels: { "a/b/c": "x" } } }, `pod.labels.a/b/c ${name}`],
    [
      "a label with capitals before the slash",
      { pod: { labels: { "A.org/b": "x" } } },
      `pod.labels.A.org/b ${name}`,
    ],
    ["an empty annotation", { pod: { annotations: { "": "x" } } }, `pod.annotations. ${name}`],
    [
      "a resource that is none",
      { pod: { resources: { limits: { CPU: "1" } } } },
      `pod.resources.limits.CPU ${resource}`,
    ],
    ["__proto__", '{"pod": {"labels": {"__proto__": "x"}}}', `pod.labels.__proto__ ${name}`],
  ])("%s", (_, value, problem) => {
    expect(prepullerProblems(value)).toEqual([problem]);
  });

  it("annotations of more than 256 KiB", () => {
    const half = "ü".repeat(64 * 1024);
    expect(parsePrepuller({ pod: { annotations: { a: half } } }).pod.annotations).toEqual({ a: half });
    expect(prepullerProblems({ pod: { annotations: { a: half, b: half } } })).toEqual([
      "pod.annotations may have at most 262144 bytes",
    ]);
  });
});

describe("what does not go together", () => {
  const tls = { caFile: "ca.crt", certificateFile: "c.crt", keyFile: "c.key" };
  const tolerating = (...tolerations: object[]) => ({ tolerations });

  it.each([
    [
      "files of TLS where there is none",
      { service: { url: "http://a:1", ...tls } },
      ["caFile", "certificateFile", "keyFile"].map(
        (key) => `service has to have no ${key} where url is http`,
      ),
    ],
    [
      "the same for the default url",
      { service: { caFile: "ca.crt" } },
      ["service has to have no caFile where url is http"],
    ],
    [
      "a certificate without its key",
      { service: { url: "https://a:1", certificateFile: "c.crt" } },
      ["service has to have both of certificateFile and keyFile, or none"],
    ],
    [
      "a key without its certificate",
      { service: { url: "https://a:1", keyFile: "c.key" } },
      ["service has to have both of certificateFile and keyFile, or none"],
    ],
    ["a source named twice", { sources: ["lab", "other", "lab"] }, ["sources[2] is lab, as is sources[0]"]],
    ["no command", { pod: { command: [] } }, ["pod.command has to name a program"]],
    [
      "a toleration of everything that does not say so",
      tolerating({}),
      ["tolerations[0] has to have operator Exists where it has no key"],
    ],
    [
      "the same with an empty key",
      tolerating({ key: "", operator: "Equal", value: "x" }),
      ["tolerations[0] has to have operator Exists where it has no key"],
    ],
    [
      "a value that is not compared",
      tolerating({ operator: "Exists" }, { key: "a", operator: "Exists", value: "x" }),
      ["tolerations[1] has to have no value where operator is Exists"],
    ],
    [
      "a time for a taint that evicts nobody",
      tolerating({ key: "a", effect: "NoSchedule", tolerationSeconds: 1 }),
      ["tolerations[0] has to have effect NoExecute where it has tolerationSeconds"],
    ],
    [
      "a time for taints of every effect",
      tolerating({ key: "a", tolerationSeconds: 1 }),
      ["tolerations[0] has to have effect NoExecute where it has tolerationSeconds"],
    ],
    [
      "a request above its limit",
      { pod: { resources: { requests: { memory: "1Gi" }, limits: { memory: "1G" } } } },
      ["pod.resources may not request more memory (1Gi) than its limit (1G)"],
    ],
  ])("%s", (_, value, expected) => {
    expect(prepullerProblems(value)).toEqual(expected);
  });

  it.each([
    ["TLS without files: the system's authorities", { service: { url: "https://a:1" } }],
    [
      "a token without TLS: that is said at run time",
      { service: { url: "http://a.example.org:1", tokenFile: "t" } },
    ],
    ["the same toleration twice", tolerating({ operator: "Exists" }, { operator: "Exists" })],
    [
      "an empty value and an empty effect",
      tolerating({ key: "a", operator: "Exists", value: "", effect: "" }),
    ],
    [
      "a request that is its limit",
      { pod: { resources: { requests: { cpu: "1" }, limits: { cpu: "1000m" } } } },
    ],
    ["a lag longer than the interval", { refreshInterval: "10s", nodeStatusLag: "5m" }],
  ])("accepted: %s", (_, value) => {
    expect(parsePrepuller(value).lease.name).toBe("image-source-prepuller");
  });
});

describe("all that is wrong is told at once", () => {
  it("in different places", () => {
    const value = {
      service: { url: "nowhere", certificateFile: "c", Token: "x" },
      sources: ["lab", "Lab", "lab"],
      nodeSelector: { "a b": "x", pool: 3 },
      tolerations: [
        { key: "a", operator: "In" },
        {},
        { operator: "Exists", value: "x", tolerationSeconds: 1 },
      ],
      pod: { resources: { requests: { cpu: "a lot" } }, command: [""] },
      lease: { duration: "1s" },
      surplus: 1,
    };
    const paths = prepullerProblems(value).map((problem) => /^[^ ]+( b)?/.exec(problem)?.[0]);
    expect(paths.toSorted()).toEqual(
      [
        ...["service.url", "service.Token", "sources[1]", "nodeSelector.a b", "nodeSelector.pool"],
        ...["tolerations[0].operator", "tolerations[1]", "tolerations[2]", "tolerations[2]"],
        ...["pod.resources.requests.cpu", "pod.command[0]", "lease.duration", "surplus"],
      ].toSorted(),
    );
  });

  it("without repeating what could be a password", () => {
    const told = prepullerProblems({
      service: { url: "http://user:secret@a:1", tokenFile: { token: "secret" } },
    });
    expect(told).toHaveLength(2);
    expect(told.join()).not.toContain("secret");
  });
});
