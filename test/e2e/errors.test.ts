/**
 * How calls fail: the code, the reason and the fields that were wrong, as a generated client reads them; and that the
 * service goes on as if nothing had been.
 */
import { describe, expect, it } from "vitest";
import { menuAtStart } from "./expected/lab-menu.ts";
import { menu } from "./expected/rows.ts";
import { type Ask, generatedWays, grpcurl } from "./support/clients.ts";
import { failure } from "./support/failure.ts";
import { inEveryWorld, type World } from "./support/world.ts";

const zeros = `sha256:${"0".repeat(64)}`;

type Call = (ask: Ask, world: World) => Promise<unknown>;

const refused: [what: string, call: Call, fields: string[]][] = [
  ["a source that is no name", (ask) => ask.menuImages({ source: "Not A Name" }), ["source"]],
  ["a source of 64 characters", (ask) => ask.prepulledImages({ source: "a".repeat(64) }), ["source"]],
  ["no reference", (ask) => ask.imageForReference({}), ["reference"]],
  [
    "text that is no reference",
    (ask) => ask.imageForReference({ reference: "Not a reference!" }),
    ["reference"],
  ],
  ["a URL", (ask, { lab }) => ask.imageForReference({ reference: `http://${lab}:r28_0_1` }), ["reference"]],
  ["neither tag nor digest", (ask, { lab }) => ask.imageForReference({ reference: lab }), ["reference"]],
  [
    "a digest that is none",
    (ask, { lab }) => ask.imageForReference({ reference: `${lab}@sha256:12` }),
    ["reference"],
  ],
  [
    "a long reference",
    (ask, { lab }) => ask.imageForReference({ reference: `${lab}${"/x".repeat(600)}:r28_0_1` }),
    ["reference"],
  ],
  ["no tag", (ask) => ask.imageForTagName({}), ["tag_name"]],
  ["text that is no tag", (ask) => ask.imageForTagName({ tagName: "-r28_0_1" }), ["tag_name"]],
  ["a tag of 129 characters", (ask) => ask.imageForTagName({ tagName: "r".repeat(129) }), ["tag_name"]],
  ["two fields at once", (ask) => ask.markPrepulled({}), ["reference", "node"]],
  [
    "a node that is no name",
    (ask, { lab }) => ask.markPrepulled({ reference: `${lab}:r28_0_1`, node: "Node_A" }),
    ["node"],
  ],
  [
    "a negative size",
    (ask, { lab }) => ask.markPrepulled({ reference: `${lab}:r28_0_1`, node: "a", sizeBytes: -1n }),
    ["size_bytes"],
  ],
  ["a node among others", (ask) => ask.prepulledImages({ nodes: ["node-a", "Node_B"] }), ["nodes[1]"]],
  ["a negative count", (ask) => ask.updateImages({ prepull: { numReleases: -1 } }), ["prepull.num_releases"]],
  ["a count of 1001", (ask) => ask.updateImages({ prepull: { numDailies: 1001 } }), ["prepull.num_dailies"]],
  [
    "a pin that is no tag",
    (ask) => ask.updateImages({ prepull: { pin: ["r28_0_1", "a b"] } }),
    ["prepull.pin[1]"],
  ],
  [
    "a node named twice",
    (ask) =>
      ask.updateImages({
        nodeCache: { nodes: [{ name: "node-a" }, { name: "node-b" }, { name: "node-a" }] },
      }),
    ["node_cache.nodes[2].name"],
  ],
];

const notFound: [what: string, call: Call, reason: string][] = [
  ["a source that is not configured", (ask) => ask.menuImages({ source: "nobody" }), "UNKNOWN_SOURCE"],
  [
    "a lookup in such a source",
    (ask) => ask.imageForTagName({ source: "nobody", tagName: "x" }),
    "UNKNOWN_SOURCE",
  ],
  ["an unknown tag", (ask) => ask.imageForTagName({ tagName: "w_2077_45" }), "UNKNOWN_IMAGE"],
  [
    "a tag outside the cycle",
    (ask) => ask.imageForTagName({ source: "cycle", tagName: "w_2077_44" }),
    "UNKNOWN_IMAGE",
  ],
  [
    "an unknown tag's reference",
    (ask, { lab }) => ask.imageForReference({ reference: `${lab}:w_2077_45` }),
    "UNKNOWN_IMAGE",
  ],
  [
    "an unknown digest",
    (ask, { lab }) => ask.imageForReference({ reference: `${lab}@${zeros}` }),
    "UNKNOWN_IMAGE",
  ],
  [
    "an unknown digest of an unknown tag",
    (ask, { lab }) => ask.imageForReference({ reference: `${lab}:w_2077_45@${zeros}` }),
    "UNKNOWN_IMAGE",
  ],
  [
    "a digest that nothing has resolved",
    (ask, { lab, digests }) => ask.imageForReference({ reference: `${lab}@${digests.r17}` }),
    "UNKNOWN_IMAGE",
  ],
  [
    "a digest outside the cycle",
    (ask, { lab, digests }) => ask.imageForReference({ source: "cycle", reference: `${lab}@${digests.w44}` }),
    "UNKNOWN_IMAGE",
  ],
  [
    "another repository",
    (ask, { registry }) => ask.imageForReference({ reference: `${registry.host}/sciplat/other:r28_0_1` }),
    "UNKNOWN_IMAGE",
  ],
  [
    "another registry",
    (ask, { digests }) =>
      ask.imageForReference({ reference: `registry.example.org/sciplat/lab:r28_0_1@${digests.r28}` }),
    "UNKNOWN_IMAGE",
  ],
  [
    "a signature",
    (ask, { digests }) => ask.imageForTagName({ tagName: `${digests.w44.replace(":", "-")}.sig` }),
    "UNKNOWN_IMAGE",
  ],
];

const mismatches: [what: string, tag: "w_2077_44" | "r170", has: "w44" | "r17", asked: "rc9" | undefined][] =
  [
    ["a resolved tag's", "w_2077_44", "w44", undefined],
    ["an unresolved tag's", "r170", "r17", undefined],
    ["a tag's, which another tag has", "r170", "r17", "rc9"],
  ];

inEveryWorld((world) => {
  describe.each(generatedWays)("by %s", (way) => {
    describe("INVALID_ARGUMENT", () => {
      it.each(refused)("%s", async (_, call, fields) => {
        const { code, reason, fields: found, retry } = await failure(call(world.ask[way], world));
        expect({ code, reason, fields: found, retry }).toEqual({
          code: "InvalidArgument",
          reason: "INVALID_REQUEST",
          fields,
          retry: false,
        });
      });
    });

    describe("NOT_FOUND", () => {
      it.each(notFound)("%s", async (_, call, reason) => {
        const found = await failure(call(world.ask[way], world));
        expect(found).toEqual({
          code: "NotFound",
          reason,
          fields: [],
          message: expect.stringMatching(/./),
          retry: false,
        });
      });

      it.each(mismatches)("a digest that is not %s: names both", async (_, tag, has, asked) => {
        const digest = asked ? world.digests[asked] : zeros;
        const reference = `${world.lab}:${tag}@${digest}`;
        const { code, reason, message } = await failure(world.ask[way].imageForReference({ reference }));
        expect({ code, reason }).toEqual({ code: "NotFound", reason: "DIGEST_MISMATCH" });
        expect(message).toContain(digest);
        expect(message).toContain(world.digests[has]);
      });
    });

    it("RESOURCE_EXHAUSTED: a request over its limit", async () => {
      const { code, reason } = await failure(
        world.ask[way].markPrepulled({ reference: "a".repeat(70_000), node: "node-1" }),
      );
      expect({ code, reason }).toEqual({ code: "ResourceExhausted", reason: "REQUEST_TOO_LARGE" });
    });
  });

  it("grpcurl shows code and message", async () => {
    const method = "imagesource.v1.ImageSourceService/ImageForTagName";
    const call = grpcurl(world.place, [method], '{"tag_name": "w_2077_45"}');
    await expect(call).rejects.toMatchObject({
      code: 64 + 5, // NOT_FOUND
      stderr: expect.stringMatching(/Code: NotFound\s+Message: .*w_2077_45/),
    });
  });

  it("and nothing has changed", async () => {
    const { images } = await world.ask.gRPC.menuImages({});
    expect(images).toEqual(menu(world.lab, menuAtStart(world)));
  });
});
