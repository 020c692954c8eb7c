/** What a reader of Artifact Registry makes of what the API lists. */
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { parentOf, referencePath } from "../../src/artifactregistry/image-path.ts";
import { failureOf } from "../registry/reader.ts";
import { type FakeImage, failure, imageOf, parent, tokenOf } from "../support/artifact-registry.ts";
import { sha } from "../support/domain.ts";
import { listAll, readerOf, startRegistry } from "./reader.ts";

const numbered = (count: number, first = 0): FakeImage[] =>
  Array.from({ length: count }, (_, index) => {
    const number = first + index;
    return imageOf(sha(number.toString(16)), { tags: [`w_${number}`] });
  });

describe("case 15: where an image is", () => {
  it.each([
    ["in the root of a repository", "p", "lab", "p/r/lab", "projects/p/locations/eu/repositories/r"],
    ["below slashes", "p", "a/b/lab", "p/r/a/b/lab", "projects/p/locations/eu/repositories/r"],
    [
      "in a project of a domain",
      "example.com:p",
      "lab",
      "example.com/p/r/lab",
      "projects/example.com:p/locations/eu/repositories/r",
    ],
  ])("is told apart for references and for the API: %s", (_, projectId, image, path, api) => {
    const where = { location: "eu", projectId, repository: "r", image };
    expect(referencePath(where)).toEqual({ registry: "eu-docker.pkg.dev", repository: path });
    expect(parentOf(where)).toBe(api);
  });
});

describe("case 126: pages", () => {
  it("of 1,000 images are asked for, each with the token of the one before", async () => {
    const registry = await startRegistry();
    registry.images.push(...numbered(2_001));
    const { names, pages } = await listAll(readerOf(registry));
    expect(names).toEqual(Array.from({ length: 2_001 }, (_, index) => `w_${index}`));
    expect(pages).toEqual([1_000, 1_000, 1, 0]);
    expect(registry.requests.map(({ pageSize, pageToken }) => [pageSize, pageToken])).toEqual([
      [1_000, ""],
      [1_000, tokenOf(1_000)],
      [1_000, tokenOf(2_000)],
    ]);
  });

  it("may be smaller than asked for", async () => {
    const registry = await startRegistry({ maxPage: 2 });
    registry.images.push(...numbered(5));
    expect((await listAll(readerOf(registry))).names).toHaveLength(5);
    expect(registry.requests).toHaveLength(3);
  });

  it("are handed on in parts of 1,000 tags, however many an image has", async () => {
    const registry = await startRegistry();
    const tags = Array.from({ length: 2_500 }, (_, index) => `t${index}`);
    registry.images.push(imageOf(sha("a"), { tags }));
    const { names, pages } = await listAll(readerOf(registry));
    expect(names).toEqual(tags);
    expect(pages).toEqual([1_000, 1_000, 500, 0]);
  });

  it("are read anew by each listing, over one connection", async () => {
    const registry = await startRegistry();
    const reader = readerOf(registry);
    registry.images.push(...numbered(1));
    await listAll(reader);
    registry.images.push(...numbered(1, 1));
    expect((await listAll(reader)).names).toEqual(["w_0", "w_1"]);
    expect(registry.connections()).toBe(1);
  });
});

describe("case 127: of the whole repository", () => {
  it.each([
    ["with another name", "other", []],
    ["with the same name below another", "b/lab", []],
    ["below ours", "lab/sub", []],
    ["whose name begins like ours", "lab2", []],
    ["whose name ends like ours", "mylab", []],
    ["with our name", "lab", ["theirs"]],
  ])("an image %s is ours or not by its whole path", async (_, image, expected) => {
    const registry = await startRegistry();
    registry.images.push(
      imageOf(sha("a"), { image, tags: ["theirs"] }),
      imageOf(sha("b"), { tags: ["ours"] }),
    );
    const { names, warnings } = await listAll(readerOf(registry));
    expect(names).toEqual([...expected, "ours"]);
    expect(warnings).toEqual([]);
  });

  it("an image with slashes in its name is read by its whole path", async () => {
    const registry = await startRegistry();
    registry.images.push(
      imageOf(sha("a"), { image: "a/lab", tags: ["ours"] }),
      imageOf(sha("b"), { image: "b/lab", tags: ["theirs"] }),
    );
    const reader = readerOf(registry, { options: { image: "a/lab" } });
    expect((await listAll(reader)).names).toEqual(["ours"]);
  });

  it("images without a tag are left out", async () => {
    const registry = await startRegistry();
    registry.images.push(imageOf(sha("a")), imageOf(sha("b"), { tags: ["w_1", "latest"] }));
    expect((await listAll(readerOf(registry))).tags).toMatchObject([
      { name: "w_1", digest: sha("b") },
      { name: "latest", digest: sha("b") },
    ]);
  });

  it("attachments are handed on: who reads the listing counts them", async () => {
    const registry = await startRegistry();
    const signature = `sha256-${"a".repeat(64)}.sig`;
    registry.images.push(imageOf(sha("a"), { tags: [signature] }));
    const { names, warnings } = await listAll(readerOf(registry));
    expect([names, warnings]).toEqual([[signature], []]);
  });
});

describe("what is told of a tag", () => {
  const uploadTime = Date.parse("2077-10-28T12:34:56.789Z");

  it("case 129: size, upload time and the digests of its platforms", async () => {
    const registry = await startRegistry();
    const platforms = [sha("c"), "no digest", sha("d")];
    registry.images.push(imageOf(sha("a"), { tags: ["w_1"], size: 5_000_000_000n, uploadTime, platforms }));
    expect((await listAll(readerOf(registry))).tags).toEqual([
      { name: "w_1", digest: sha("a"), size: 5_000_000_000, uploadTime, platforms: [sha("c"), sha("d")] },
    ]);
  });

  it.each([
    ["is the largest exact number", 9_007_199_254_740_991n, 9_007_199_254_740_991],
    ["cannot be told exactly", 9_007_199_254_740_993n, undefined],
    ["is missing", 0n, undefined],
    ["is below zero", -1n, undefined],
  ])("case 130: a size that %s", async (_, size, expected) => {
    const registry = await startRegistry();
    registry.images.push(imageOf(sha("a"), { tags: ["w_1"], size }));
    expect((await listAll(readerOf(registry))).tags).toMatchObject([{ size: expected }]);
  });

  it.each([
    ["is missing", undefined],
    ["is before all time", -1e17],
    ["is after all time", 1e17],
  ])("an upload time that %s is none", async (_, time) => {
    const registry = await startRegistry();
    registry.images.push(
      imageOf(sha("a"), { tags: ["w_1"], ...(time !== undefined && { uploadTime: time }) }),
    );
    expect((await listAll(readerOf(registry))).tags).toMatchObject([{ uploadTime: undefined }]);
  });

  it.each<[string, (number | undefined)[], string]>([
    ["the one that was uploaded last", [1, 2], "b"],
    ["the one that was uploaded last, in whatever order", [2, 1], "a"],
    ["the one whose time is told", [1, undefined], "a"],
    ["the one whose time is told, in whatever order", [undefined, 1], "b"],
    ["the one that comes last, where no time is told", [undefined, undefined], "b"],
    ["the one that comes last of the same time", [1, 1], "b"],
  ])("a tag that moves while pages are read, and is on two images, is on %s", async (_, times, expected) => {
    const registry = await startRegistry({ maxPage: 1 });
    for (const [index, time] of times.entries()) {
      const parts = { tags: ["w_1"], ...(time !== undefined && { uploadTime: time }) };
      registry.images.push(imageOf(sha("ab"[index] ?? ""), parts));
    }
    expect((await listAll(readerOf(registry))).tags).toMatchObject([{ digest: sha(expected) }]);
  });

  it("is nothing, but for a warning, where it is no tag or its digest is none", async () => {
    const registry = await startRegistry();
    registry.images.push(
      imageOf(sha("a"), { tags: ["-no", "w_1", "a b"] }),
      imageOf("sha256:short", { tags: ["w_2"] }),
    );
    const { names, warnings } = await listAll(readerOf(registry));
    expect(names).toEqual(["w_1"]);
    expect(warnings).toEqual(["3 tags or digests that the API tells are none, and left out"]);
  });
});

describe("case 132: an empty repository", () => {
  it("is a result, and asked for once", async () => {
    const registry = await startRegistry();
    expect(await listAll(readerOf(registry))).toEqual({ tags: [], names: [], warnings: [], pages: [0] });
    expect(registry.requests).toHaveLength(1);
  });
});

describe("case 133: a page", () => {
  it("that is empty and has a token is not the last", async () => {
    const registry = await startRegistry();
    registry.images.push(...numbered(1));
    registry.reply({ nextPageToken: tokenOf(0) });
    expect((await listAll(readerOf(registry))).names).toEqual(["w_0"]);
  });

  it.each([
    ["its own", ["a", "a"]],
    ["that of a page before", ["a", "b", "a"]],
  ])("with the token of a page that was read, %s, is an error", async (_, tokens) => {
    const registry = await startRegistry();
    registry.reply(...tokens.map((nextPageToken) => ({ nextPageToken })));
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "registry_corrupt" });
    expect(error.message).toBe(`Artifact Registry, ${parent}: a page repeats`);
    expect(registry.requests).toHaveLength(tokens.length);
  });
});

describe("a listing has bounds", () => {
  it("of 1,000 pages", async () => {
    const registry = await startRegistry();
    registry.reply(...Array.from({ length: 1_000 }, (_, index) => ({ nextPageToken: `${index}` })));
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "registry_limit" });
    expect(error.message).toContain("there are more than 1000 pages");
    expect(registry.requests).toHaveLength(1_000);
  });

  it("of 200,000 tags", async () => {
    const registry = await startRegistry();
    const tags = Array.from({ length: 200_001 }, (_, index) => `t${index}`);
    registry.images.push(imageOf(sha("a"), { tags }));
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "registry_limit" });
    expect(error.message).toContain("there are more than 200000 tags");
  });

  it("of 64 MiB in a page, and is not asked for again", async () => {
    const registry = await startRegistry();
    const tags = Array.from({ length: 65 }, () => "x".repeat(1024 * 1024));
    registry.images.push(imageOf(sha("a"), { image: "other", tags }));
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "registry_limit" });
    expect(registry.requests).toHaveLength(1);
  });
});

describe("case 140: a failure that lasts", () => {
  it.each([
    ["no rights", Code.PermissionDenied, "registry_denied"],
    ["no repository", Code.NotFound, "repository_not_found"],
    ["a request that is refused", Code.InvalidArgument, "registry_corrupt"],
    ["a call that is not known", Code.Unimplemented, "registry_corrupt"],
  ])("is told with project and repository, and asked once: %s", async (_, code, fault) => {
    const registry = await startRegistry();
    registry.reply(failure(code, "Request is prohibited by\norganization's policy. vpcServiceControls: 7"));
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault });
    expect(error.message).toBe(
      `Artifact Registry, ${parent}: ${Code[code]}: ` +
        "Request is prohibited by organization's policy. vpcServiceControls: 7",
    );
    expect(registry.requests).toHaveLength(1);
  });

  it("is told with no more of its text than is read", async () => {
    const registry = await startRegistry();
    registry.reply(failure(Code.PermissionDenied, "x".repeat(2_000)));
    expect((await failureOf(listAll(readerOf(registry)))).message.length).toBeLessThan(700);
  });
});
