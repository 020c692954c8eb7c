/**
 * A configuration with every key, and one with as few as possible: the whole object that is made of each.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Config } from "../../src/config/config.ts";
import { of, parse, parseOptions } from "./support.ts";

const digest = `sha256:${"a".repeat(64)}`;
const { now } = parseOptions;

const complete: Config = {
  grpc: {
    address: "127.0.0.1:50051",
    tls: {
      certificateFile: "/etc/image-source/tls.crt",
      keyFile: "/etc/image-source/tls.key",
      clientCaFile: "/etc/image-source/ca.crt",
    },
    tokensFile: "/etc/image-source/tokens",
    maxConcurrentStreams: 200,
  },
  http: {
    address: "127.0.0.1:8080",
    tls: {
      certificateFile: "/etc/image-source/tls.crt",
      keyFile: "/etc/image-source/tls.key",
      clientCaFile: "/etc/image-source/ca.crt",
    },
    allowedOrigins: ["https://hub.example.org"],
  },
  shutdown: { wait: 5_000, grace: 20_000 },
  stateDirectory: "/etc/image-source/state",
  log: { level: "info", format: "json" },
  sources: [
    {
      name: "lab",
      type: "docker",
      registry: "registry.example.org:5000",
      repository: "sciplat/lab",
      scheme: "https",
      caFile: "/etc/image-source/ca.pem",
      clientCertificate: {
        certificateFile: "/etc/image-source/c.crt",
        keyFile: "/etc/image-source/c.key",
      },
      insecureSkipVerify: false,
      credentialsFile: "/etc/image-source/config.json",
      authHosts: ["auth.example.org"],
      maxRequests: 4,
      budget: { pages: 1_000, tags: 200_000, bytes: 268_435_456 },
      resolveTtl: 30_000,
      refreshInterval: 300_000,
      refreshTimeout: 120_000,
      prepull: {
        recommendedTag: "recommended_c0045",
        aliasTags: ["latest_weekly_c0045"],
        pin: ["d_2077_10_23_c0045.003"],
        cycle: 45,
        numReleases: 1,
        numWeeklies: 2,
        numDailies: 3,
      },
      filter: {
        policies: {
          release: {
            number: 5,
            age: undefined,
            cutoffDate: undefined,
            cutoffVersion: { major: 25, minor: 0, patch: 0, prerelease: undefined },
            cutoffBuild: 12,
          },
          weekly: {
            number: undefined,
            age: 62_899_200_000,
            cutoffDate: 1_704_067_200_000,
            cutoffVersion: undefined,
            cutoffBuild: undefined,
          },
        },
        hideUnknown: true,
      },
      nodeCache: { nodes: [], readTime: Number.NEGATIVE_INFINITY },
    },
    {
      name: "sample",
      type: "static",
      registry: "registry.example.org",
      repository: "demo/lab",
      resolveTtl: 0,
      refreshInterval: 300_000,
      refreshTimeout: 120_000,
      prepull: {
        recommendedTag: "recommended",
        aliasTags: [],
        pin: [],
        cycle: undefined,
        numReleases: 1,
        numWeeklies: 2,
        numDailies: 3,
      },
      filter: { policies: {}, hideUnknown: false },
      nodeCache: {
        readTime: now,
        nodes: [
          {
            name: "node-1",
            ineligibleReason: "",
            architecture: "",
            createTime: undefined,
            images: [{ names: [`registry.example.org/demo/lab@${digest}`], size: 1234 }],
            partial: false,
          },
          {
            name: "node-2",
            ineligibleReason: "cordoned",
            architecture: "arm64",
            createTime: undefined,
            images: [{ names: ["registry.example.org/demo/lab:w_2026_41"], size: 0 }],
            partial: true,
          },
        ],
      },
      images: [
        { name: "w_2026_40", digest, size: 1234 },
        { name: "w_2026_41", digest: undefined, size: undefined },
      ],
    },
  ],
};

const text = readFileSync(new URL("../data/config-complete.yaml", import.meta.url), "utf8");

it("the example of the design, with every key", () => {
  expect(parse(text)).toStrictEqual(complete);
});

it.each([
  ["Windows' line ends", text.replaceAll("\n", "\r\n")],
  ["a byte order mark", `\uFEFF${text}`],
  ["comments and a document's marks", `---\n${text}\n# the end\n...\n`],
])("the same with %s", (_, written) => {
  expect(parse(written)).toStrictEqual(complete);
});

const { shutdown, log } = complete;
const stateDirectory = undefined;
const grpc = { ...complete.grpc, tls: undefined, tokensFile: undefined };
const http = { address: "127.0.0.1:8080", tls: undefined, allowedOrigins: [] };
const common = {
  name: "lab",
  registry: "registry.example.org",
  repository: "sciplat/lab",
  refreshInterval: 300_000,
  refreshTimeout: 120_000,
  prepull: complete.sources[1]?.prepull,
  filter: { policies: {}, hideUnknown: false },
};

describe("what is absent is as the design says", () => {
  it("for a docker source", () => {
    const source = {
      ...common,
      type: "docker",
      scheme: "https",
      caFile: undefined,
      clientCertificate: undefined,
      insecureSkipVerify: false,
      credentialsFile: undefined,
      authHosts: [],
      maxRequests: 4,
      budget: { pages: 1_000, tags: 200_000, bytes: 268_435_456 },
      resolveTtl: 30_000,
      nodeCache: { nodes: [], readTime: Number.NEGATIVE_INFINITY },
    };
    expect(parse(of("docker"))).toStrictEqual({
      grpc,
      http,
      shutdown,
      stateDirectory,
      log,
      sources: [source],
    });
  });

  it("for a static source", () => {
    const source = {
      ...common,
      type: "static",
      resolveTtl: 0,
      nodeCache: { nodes: [], readTime: now },
      images: [{ name: "w_1", digest: undefined, size: undefined }],
    };
    expect(parse(of("static"))).toStrictEqual({
      grpc,
      http,
      shutdown,
      stateDirectory,
      log,
      sources: [source],
    });
  });

  it.each([
    ["a terminal", "text", true],
    ["anything else", "json", false],
  ] as const)("the log is, on %s, %s", (_, format, isTerminal) => {
    expect(parse(of("static"), { isTerminal }).log).toEqual({ level: "info", format });
    expect(parse({ ...of("static"), log: { format: "json" } }, { isTerminal }).log.format).toBe("json");
    expect(parse({ ...of("static"), log: { format: "text" } }, { isTerminal }).log.format).toBe("text");
  });
});
