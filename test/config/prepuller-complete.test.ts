/**
 * A prepuller's configuration with every key, and one with none: the whole object that is made of each.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PrepullerConfig } from "../../src/config/prepuller-config.ts";
import { parsePrepuller } from "./support.ts";

const complete: PrepullerConfig = {
  service: {
    url: "https://image-source:50051",
    tokenFile: "/etc/image-source/token",
    caFile: "/etc/image-source/ca.crt",
    clientCertificate: {
      certificateFile: "/etc/image-source/c.crt",
      keyFile: "/etc/image-source/c.key",
    },
  },
  sources: ["lab"],
  kubeconfig: "/etc/image-source/kubeconfig",
  namespace: "prepuller",
  nodeSelector: { pool: "users" },
  tolerations: [
    {
      key: "dedicated",
      operator: "Equal",
      value: "users",
      effect: "NoSchedule",
      tolerationSeconds: undefined,
    },
    {
      key: "node.kubernetes.io/not-ready",
      operator: "Exists",
      value: "",
      effect: "NoExecute",
      tolerationSeconds: 300,
    },
    { key: undefined, operator: "Exists", value: "", effect: undefined, tolerationSeconds: undefined },
  ],
  refreshInterval: 300_000,
  maxConcurrentNodes: 50,
  pullTimeout: 600_000,
  nodeStatusLag: 60_000,
  nodeStatusMaxImages: 50,
  waitForUsers: false,
  requestsPerSecond: 20,
  pod: {
    command: ["/bin/true"],
    pullSecret: "regcred",
    priorityClassName: "low",
    labels: { "app.kubernetes.io/part-of": "science" },
    annotations: { "sidecar.istio.io/inject": "false" },
    resources: {
      requests: { cpu: "2m", memory: "16Mi", "ephemeral-storage": "1Mi" },
      limits: { cpu: "0.2", memory: "16Mi" },
    },
  },
  lease: { name: "image-source-prepuller", duration: 15_000 },
  metrics: { address: "127.0.0.1:8081" },
  log: { level: "info", format: "json" },
};

const bare: PrepullerConfig = {
  ...complete,
  service: {
    url: "http://127.0.0.1:50051",
    tokenFile: undefined,
    caFile: undefined,
    clientCertificate: undefined,
  },
  sources: [],
  kubeconfig: undefined,
  namespace: undefined,
  nodeSelector: {},
  tolerations: [],
  pod: {
    command: ["/bin/true"],
    pullSecret: undefined,
    priorityClassName: undefined,
    labels: {},
    annotations: {},
    resources: { requests: { cpu: "1m", memory: "16Mi" }, limits: { cpu: "100m", memory: "16Mi" } },
  },
};

it("the example of the design, with every key", () => {
  const text = readFileSync(new URL("../data/prepuller-complete.yaml", import.meta.url), "utf8");
  expect(parsePrepuller(text)).toStrictEqual(complete);
});

describe("what is absent is as the design says", () => {
  it.each([
    ["no key at all", {}],
    ["maps without keys", { service: {}, pod: {}, lease: {}, metrics: {}, log: {} }],
    ["lists without entries", { sources: [], tolerations: [] }],
    ["labels and resources of none", { nodeSelector: {}, pod: { labels: {}, resources: {} } }],
    ["resources that name none", { pod: { resources: { requests: {}, limits: {} } } }],
  ])("with %s", (_, value) => {
    expect(parsePrepuller(value)).toStrictEqual(bare);
  });

  it("the log is text on a terminal", () => {
    expect(parsePrepuller({}, { isTerminal: true }).log).toEqual({ level: "info", format: "text" });
    expect(parsePrepuller({ log: { format: "json" } }, { isTerminal: true }).log.format).toBe("json");
  });
});

describe("of resources, one that is named is as it is written, and cpu and memory are there anyway", () => {
  const memory = { requests: { memory: "16Mi" }, limits: { memory: "16Mi" } };
  const cpu = { requests: { cpu: "1m" }, limits: { cpu: "100m" } };

  it.each([
    ["a request alone", { requests: { cpu: "5m" } }, { requests: { cpu: "5m" }, limits: {} }, memory],
    ["a limit alone", { limits: { cpu: "5m" } }, { requests: {}, limits: { cpu: "5m" } }, memory],
    [
      "more memory than the default's limit",
      { requests: { memory: "1Gi" } },
      { requests: { memory: "1Gi" }, limits: {} },
      cpu,
    ],
  ])("%s", (_, written, own, other) => {
    expect(parsePrepuller({ pod: { resources: written } }).pod.resources).toEqual({
      requests: { ...own.requests, ...other.requests },
      limits: { ...own.limits, ...other.limits },
    });
  });
});
