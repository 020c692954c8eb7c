/** A source over a real reader: what is answered while its registry is not what it should be. */
import { describe, expect, it, onTestFinished } from "vitest";
import { failure, type Reply } from "../support/registry.ts";
import { nothing, sourceOf } from "../support/source.ts";
import { never, readerOf, startRegistry } from "./reader.ts";

const list = "/v2/lab/image/tags/list";
const tags = ["w_2077_43", "w_2077_42", "recommended"];

async function listed() {
  const registry = await startRegistry({ repositories: { "lab/image": tags }, maxPage: 2 });
  const where = { registry: registry.host, repository: "lab/image" };
  const source = sourceOf(readerOf(registry), where);
  onTestFinished(() => source.stop());
  await source.start();
  return { registry, source };
}

describe("case 98: the last good list is served, marked stale, where the registry", () => {
  const half: Reply = {
    raw: (response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"tags":[', () => response.socket?.destroy());
    },
  };

  it.each([
    ["is down", () => "reset", "closed"],
    ["has a fault", () => ({ status: 500 }), "was answered with 500"],
    ["wants to be left alone", () => ({ status: 429, headers: { "retry-after": "600" } }), "429"],
    ["refuses us", () => failure(403, "DENIED", "no more"), "DENIED: no more"],
    ["has lost the repository", () => failure(404, "NAME_UNKNOWN", "not known"), "NAME_UNKNOWN"],
    ["sends a page of HTML", () => ({ status: 200, body: "<html>" }), "is no list of tags"],
    ["breaks off in a page", () => half, "not answered"],
    [
      "fails on the second page",
      ({ query }) => (query.includes("last=") ? { status: 502 } : undefined),
      "was answered with 502",
    ],
    [
      "repeats its pages",
      () => ({ status: 200, headers: { link: '<?n=1000>; rel="next"' }, body: { tags: ["w_2077_1"] } }),
      "repeats",
    ],
  ] as [string, (request: { query: string }) => Reply | undefined, string][])(
    "%s",
    async (_, reply, because) => {
      const { registry, source } = await listed();
      const good = source.menuImages();
      expect(good.snapshot).toMatchObject({ stale: false, lastError: "", tagCount: tags.length });

      registry.rule({ path: list, reply });
      const { snapshot, warnings } = await source.updateImages(nothing, never);
      expect(snapshot).toMatchObject({ stale: true, tagCount: tags.length });
      expect(snapshot.lastError).toContain(because);
      expect(snapshot.updateTime).toBe(good.snapshot.updateTime);
      expect(warnings).toContain(snapshot.lastError);
      expect(source.menuImages().images).toEqual(good.images);
    },
  );

  it("failed, until it is read again", async () => {
    const { registry, source } = await listed();
    registry.rule({ path: list, times: 1, reply: failure(403, "DENIED", "no more") });
    await source.updateImages(nothing, never);
    registry.push("lab/image", "w_2077_44");
    const { snapshot, warnings } = await source.updateImages(nothing, never);
    expect(snapshot).toMatchObject({ stale: false, lastError: "", tagCount: tags.length + 1 });
    expect(warnings).toEqual([]);
  });
});
