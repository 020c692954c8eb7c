/**
 * What all this costs the registry, by its own log: requests are counted, none is lost, none is sent twice.
 */
import { describe, expect, it } from "vitest";
import { chosenAtStart } from "./expected/lab-images.ts";
import { failure } from "./support/failure.ts";
import { until } from "./support/until.ts";
import { inEveryWorld } from "./support/world.ts";

inEveryWorld((world, kind) => {
  const ask = () => world.ask.gRPC;
  const head = (tag: string) => `HEAD /v2/sciplat/lab/manifests/${tag}`;
  const path = (request: string) => request.replace(/\?.*/, ""); // how a page is asked for is between the two
  let seen = 0;

  /** What the registry was asked since the last time; it writes its log a moment after it has answered. */
  async function requests(count: number): Promise<string[]> {
    await until(`${count} more requests`, () => world.registry.requests().length >= seen + count).catch(
      () => undefined,
    );
    const all = world.registry.requests();
    const news = all.slice(seen).map(path).sort();
    seen = all.length;
    return news;
  }

  it("the first run of each source: a request a page, and one for each chosen tag", async () => {
    const pages = kind === "distribution 3" ? 3 : 1; // v3 serves 1,000 tags a page, and after two full pages an empty one
    const short = [
      "r28_0_1",
      "w_2077_44",
      "w_2077_43_c0045.003",
      "w_2077_43",
      "d_2077_10_31",
      "d_2077_10_30",
      "d_2077_10_29",
    ];
    const expected = [
      ...Array(3).fill("GET /v2/sciplat/lab/tags/list"), // of lab, cycle and short
      ...Array(pages).fill("GET /v2/sciplat/many/tags/list"),
      ...chosenAtStart.map(head),
      ...["recommended_c0045", "w_2077_43_c0045.003"].map(head),
      ...short.map(head),
    ].sort();
    expect(await requests(expected.length)).toEqual(expected);
  });

  it("what is known costs none", async () => {
    const { images } = await ask().menuImages({});
    await ask().prepulledImages({ nodes: ["node-a"] });
    await ask().listSources({});
    for (const { tag, digest } of images) if (digest) await ask().imageForTagName({ tagName: tag });
    await ask().markPrepulled({ reference: `${world.lab}:r170`, node: "node-a" });
    await ask().imageForReference({ reference: `${world.lab}:w_2077_43@${world.digests.w43}` });
    expect(await failure(ask().imageForTagName({ tagName: "w_2077_45" }))).toMatchObject({
      reason: "UNKNOWN_IMAGE",
    });
    // The next request comes after all of these, so that they would be seen before it.
    await ask().imageForTagName({ tagName: "r170" });
    expect(await requests(1)).toEqual([head("r170")]);
  });

  it("a thousand people who ask for one tag cost one", async () => {
    const question = { source: "short", tagName: "exp_random" };
    const answers = await Promise.all(Array.from({ length: 1000 }, () => ask().imageForTagName(question)));
    expect(new Set(answers.map(({ image }) => image?.digest))).toEqual(new Set([world.digests.expRandom]));
    await ask().imageForTagName({ source: "short", tagName: "r170" });
    expect(await requests(2)).toEqual([head("exp_random"), head("r170")]);
  });

  describe("an update", () => {
    it("lists once, asks once for each chosen tag, and drops what was kept", async () => {
      await ask().updateImages({ source: "cycle" });
      expect(await requests(3)).toEqual(
        ["GET /v2/sciplat/lab/tags/list", head("recommended_c0045"), head("w_2077_43_c0045.003")].sort(),
      );
      await ask().updateImages({
        source: "short",
        prepull: { numReleases: 0, numWeeklies: 0, numDailies: 0 },
      });
      expect(await requests(2)).toEqual(["GET /v2/sciplat/lab/tags/list", head("w_2077_43")].sort());
      await ask().imageForTagName({ source: "short", tagName: "exp_random" });
      expect(await requests(1)).toEqual([head("exp_random")]);
    });

    it("is shared by all who wait for the next one", async () => {
      await Promise.all(Array.from({ length: 50 }, () => ask().updateImages({ source: "many" })));
      await ask().imageForTagName({ tagName: "r170" }); // after them
      const all = await requests(2);
      const pages = kind === "distribution 3" ? 3 : 1;
      const lists = all.filter((request) => request === "GET /v2/sciplat/many/tags/list").length;
      expect(lists % pages).toBe(0);
      expect(lists / pages).toBeGreaterThanOrEqual(1);
      expect(lists / pages).toBeLessThanOrEqual(2); // the one that was under way, and the next
    });
  });
});
