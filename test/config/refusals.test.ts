/**
 * What a configuration may not hold whatever its values are: unknown keys, what does not go
 * together; and that all of it is told at once.
 */
import { describe, expect, it } from "vitest";
import { of, parse, problems, smallest, staticYaml } from "./support.ts";

const images = [{ tag: "w_1" }, { tag: "w_2" }];

describe("an unknown key", () => {
  it.each([
    ["at the top", { ...of("static"), metrics2: 1 }, "metrics2"],
    ["in grpc", { ...of("static"), grpc: { port: 50051 } }, "grpc.port"],
    [
      "in the certificates of a port",
      { ...of("static"), grpc: { tls: { certificateFile: "c", keyFile: "k", caFile: "x" } } },
      "grpc.tls.caFile",
    ],
    ["in shutdown", { ...of("static"), shutdown: { timeout: "5s" } }, "shutdown.timeout"],
    ["in log", { ...of("static"), log: { file: "x" } }, "log.file"],
    ["in a source", of("static", { Name: "x" }), "sources[0].Name"],
    [
      "in the second source",
      { sources: [smallest.static, { ...smallest.docker, name: "b", tls: {} }] },
      "sources[1].tls",
    ],
    ["in a budget", of("docker", { budget: { page: 1 } }), "sources[0].budget.page"],
    [
      "in a client certificate",
      of("docker", { clientCertificate: { certificateFile: "c", keyFile: "k", caFile: "x" } }),
      "sources[0].clientCertificate.caFile",
    ],
    [
      "a type that a filter does not have",
      of("docker", { filter: { alias: {} } }),
      "sources[0].filter.alias",
    ],
    [
      "a type as the wire spells it",
      of("docker", { filter: { release_candidate: {} } }),
      "sources[0].filter.release_candidate",
    ],
    [
      "in a filter's rules",
      of("docker", { filter: { weekly: { cutoff: 1 } } }),
      "sources[0].filter.weekly.cutoff",
    ],
    ["of an image", of("static", { images: [{ tag: "w_1", name: "x" }] }), "sources[0].images[0].name"],
    ["of a node", of("static", { nodes: [{ name: "n", ready: true }] }), "sources[0].nodes[0].ready"],
    ["of static sources in a docker one", of("docker", { images }), "sources[0].images"],
    ["of docker sources in a static one", of("static", { scheme: "http" }), "sources[0].scheme"],
    [
      "resolveTtl in a static one, where all is resolved",
      of("static", { resolveTtl: "30s" }),
      "sources[0].resolveTtl",
    ],
    ["a name of every object", { ...of("static"), constructor: 1 }, "constructor"],
    ["another one, further down", { ...of("static"), grpc: { toString: "x" } }, "grpc.toString"],
    ["the empty key", { ...of("static"), "": 1 }, ""],
  ])("%s", (_, value, path) => {
    expect(problems(value)).toEqual([expect.stringMatching(/is no key that is known here$/)]);
    expect(problems(value)[0]?.startsWith(path)).toBe(true);
  });

  it.each([
    ["at the top", `{"__proto__": {"sources": []}, ${JSON.stringify(of("static")).slice(1)}`, "__proto__"],
    [
      "in grpc",
      `grpc: { __proto__: { address: "0.0.0.0:1" } }\nsources: [${JSON.stringify(smallest.static)}]`,
      "grpc.__proto__",
    ],
    [
      "in a source",
      `sources: [{"__proto__": 1, ${JSON.stringify(smallest.static).slice(1)}]`,
      "sources[0].__proto__",
    ],
  ])("__proto__ %s, which changes nothing else", (_, text, path) => {
    expect(problems(text)).toEqual([`${path} is no key that is known here`]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("merge keys are no YAML of today", () => {
    expect(problems(`${staticYaml}log: { <<: { level: debug } }\n`)).toEqual([
      "log.<< is no key that is known here",
    ]);
  });
});

describe("a key of a prepuller's file is refused as such", () => {
  it.each([
    ["service", { service: { url: "http://127.0.0.1:50051" } }],
    ["kubeconfig", { kubeconfig: "kubeconfig" }],
    ["namespace", { namespace: "prepuller" }],
    ["nodeSelector", { nodeSelector: { pool: "users" } }],
    ["tolerations", { tolerations: [] }],
    ["refreshInterval", { refreshInterval: "5m" }],
    ["maxConcurrentNodes", { maxConcurrentNodes: 50 }],
    ["pullTimeout", { pullTimeout: "10m" }],
    ["nodeStatusLag", { nodeStatusLag: "60s" }],
    ["nodeStatusMaxImages", { nodeStatusMaxImages: 50 }],
    ["waitForUsers", { waitForUsers: false }],
    ["requestsPerSecond", { requestsPerSecond: 20 }],
    ["pod", { pod: { pullSecret: "regcred" } }],
    ["lease", { lease: { name: "image-source-prepuller" } }],
    ["metrics", { metrics: { address: "127.0.0.1:8081" } }],
  ])("%s", (key, keys) => {
    expect(problems({ ...of("static"), ...keys })).toEqual([
      `${key} belongs into a prepuller's file; start it with prepull`,
    ]);
  });
});

describe("what does not go together", () => {
  const http = { scheme: "http", registry: "localhost:5000" };

  it.each([
    [
      "a CA without TLS",
      of("docker", { ...http, caFile: "ca.pem" }),
      ["sources[0].caFile has to be absent where scheme is http"],
    ],
    [
      "a client certificate without TLS",
      of("docker", { ...http, clientCertificate: { certificateFile: "c", keyFile: "k" } }),
      ["sources[0].clientCertificate has to be absent where scheme is http"],
    ],
    [
      "not verifying without TLS",
      of("docker", { ...http, insecureSkipVerify: true }),
      ["sources[0].insecureSkipVerify has to be absent where scheme is http"],
    ],
    [
      "two sources of one name",
      { sources: [smallest.static, smallest.docker] },
      ["sources[1].name is lab, as is sources[0].name"],
    ],
    [
      "a tag given twice",
      of("static", { images: [...images, { tag: "w_1" }] }),
      ["sources[0].images[2].tag is w_1, as is sources[0].images[0].tag"],
    ],
    [
      "a node given twice",
      of("static", { nodes: [{ name: "n" }, { name: "n" }] }),
      ["sources[0].nodes[1].name is n, as is sources[0].nodes[0].name"],
    ],
    [
      "a node's image that is no tag of the source",
      of("static", { images, nodes: [{ name: "n", images: ["w_1", "w_3"] }] }),
      ["sources[0].nodes[0].images[1] is w_3, which is no tag of this source"],
    ],
    [
      "an image that another source has",
      {
        sources: [
          { ...smallest.static, images },
          { ...smallest.static, name: "b", nodes: [{ name: "n", images: ["w_2"] }] },
        ],
      },
      ["sources[1].nodes[0].images[0] is w_2, which is no tag of this source"],
    ],
    [
      "a name of every object as a tag",
      of("static", { nodes: [{ name: "n", images: ["constructor"] }] }),
      ["sources[0].nodes[0].images[0] is constructor, which is no tag of this source"],
    ],
  ])("%s", (_, value, expected) => {
    expect(problems(value)).toEqual(expected);
  });

  it.each([
    ["credentials without TLS: http was said", of("docker", { ...http, credentialsFile: "c.json" })],
    ["verifying, said without TLS", of("docker", { ...http, insecureSkipVerify: false })],
    ["two sources of one repository", { sources: [smallest.docker, { ...smallest.docker, name: "b" }] }],
    [
      "one tag in two sources, one node in two",
      {
        sources: ["a", "b"].map((name) => ({
          ...smallest.static,
          name,
          nodes: [{ name: "n", images: ["w_1"] }],
        })),
      },
    ],
    [
      "two tags of one digest",
      of("static", { images: images.map((image) => ({ ...image, digest: `sha256:${"d".repeat(64)}` })) }),
    ],
    ["a pin and an alias that do not exist (yet)", of("static", { pin: ["w_9"], aliasTags: ["latest"] })],
    ["no images", of("static", { images: [] })],
  ])("accepted: %s", (_, value) => {
    expect(parse(value).sources[0]).toBeDefined();
  });
});

describe("all that is wrong is told at once", () => {
  it("in different places", () => {
    const value = {
      grpc: { address: "nowhere", tls: {} },
      http: { address: 80, tls: {} },
      log: { level: "loud" },
      sources: [
        {
          ...smallest.docker,
          registry: "https://r.example.org",
          maxRequests: 0,
          pin: ["a b"],
          filter: { weekly: { age: "2y" } },
        },
        { name: "other", type: "google" },
        {
          type: "static",
          name: "Third",
          registry: "r.example.org",
          images: [{ tag: "w_1" }, { digest: "abc" }],
        },
      ],
      surplus: 1,
    };
    const paths = problems(value).map((problem) => problem.split(" ")[0]);
    expect(paths.toSorted()).toEqual(
      [
        ...[
          "grpc.address",
          "grpc.tls.certificateFile",
          "grpc.tls.keyFile",
          "http.address",
          "http.tls.certificateFile",
          "http.tls.keyFile",
          "log.level",
          "surplus",
        ],
        ...["filter.weekly.age", "maxRequests", "pin[0]", "registry"].map((key) => `sources[0].${key}`),
        ...["image", "location", "projectId", "repository"].map((key) => `sources[1].${key}`),
        ...["images[1].digest", "images[1].tag", "name", "repository"].map((key) => `sources[2].${key}`),
      ].toSorted(),
    );
  });

  it("without repeating what could be a password", () => {
    const value = {
      ...smallest.docker,
      registry: "user:secret@r.example.org",
      credentialsFile: { auths: "secret" },
    };
    const told = problems({
      sources: [value, { ...smallest.google, endpoint: "https://u:secret@a.example.org" }],
    });
    expect(told).toHaveLength(3);
    expect(told.join()).not.toContain("secret");
  });

  it("several unknown keys of one map", () => {
    expect(problems({ ...of("static", { first: 1, second: 2 }), third: 3, fourth: 4 }).toSorted()).toEqual(
      ["fourth", "sources[0].first", "sources[0].second", "third"].map(
        (path) => `${path} is no key that is known here`,
      ),
    );
  });

  it("several impossible combinations", () => {
    const value = {
      sources: [
        { ...smallest.docker, scheme: "http", caFile: "ca.pem", insecureSkipVerify: true },
        { ...smallest.static, images: [...images, ...images] },
      ],
    };
    expect(
      problems(value)
        .map((problem) => problem.split(" ")[0])
        .toSorted(),
    ).toEqual([
      "sources[0].caFile",
      "sources[0].insecureSkipVerify",
      "sources[1].images[2].tag",
      "sources[1].images[3].tag",
      "sources[1].name",
    ]);
  });

  it("wrong values beside impossible combinations", () => {
    const value = { grpc: { address: "nowhere" }, sources: [smallest.static, smallest.static] };
    expect(
      problems(value)
        .map((problem) => problem.split(" ")[0])
        .toSorted(),
    ).toEqual(["grpc.address", "sources[1].name"]);
  });
});
