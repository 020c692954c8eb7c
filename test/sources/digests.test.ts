/** Digests of the wanted tags: one that cannot be resolved fails nothing (behaviour 9). */
import { describe, expect, it } from "vitest";
import { finish } from "../../src/domain/steps.ts";
import { addingDigests, resolveDigests } from "../../src/sources/digests.ts";
import { listed, sha } from "../support/domain.ts";
import { fault, patient } from "../support/reader.ts";

const known = new Map([["a", sha("1")]]);

describe("resolveDigests", () => {
  it.each([
    ["after a 404 a tag is unresolved, whatever was known", "a", fault("unknown_image", "gone"), undefined],
    ["after anything else it keeps its last digest", "a", fault("registry_unavailable", "down"), sha("1")],
    ["which it may not have", "b", fault("registry_rate_limited", "slow down"), undefined],
  ])("%s, and the warnings name it", async (_, tag, error, digest) => {
    const resolve = async (asked: string) => {
      if (asked === tag) throw error;
      return sha("2");
    };
    const resolution = await resolveDigests(resolve, [tag, "good"], known, patient);
    expect(resolution.digests.get(tag)).toBe(digest);
    expect(resolution.digests.get("good")).toBe(sha("2"));
    expect(resolution.warnings).toEqual([expect.stringContaining(error.message)]);
    expect(resolution.warnings[0]).toContain(tag);
  });

  it("case 82: 500 tags, of which one fails, keep their own digests", async () => {
    const tags = Array.from({ length: 500 }, (_, index) => `tag-${index}`);
    const resolve = async (tag: string) => {
      if (tag === "tag-250") throw fault("registry_corrupt");
      return `sha256:${tag}`;
    };
    const { digests, warnings } = await resolveDigests(resolve, tags, new Map(), patient);
    expect([...digests]).toHaveLength(499);
    expect([...digests].every(([tag, digest]) => digest === `sha256:${tag}`)).toBe(true);
    expect(warnings).toHaveLength(1);
  });

  it("asks for a few at once, so that others who ask are not behind all of them", async () => {
    let running = 0;
    let most = 0;
    const resolve = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((next) => setImmediate(next));
      running -= 1;
      return sha("2");
    };
    const tags = Array.from({ length: 100 }, (_, index) => `tag-${index}`);
    expect((await resolveDigests(resolve, tags, known, patient)).digests.size).toBe(100);
    expect(most).toBe(16);
  });

  it("when the run's time is over, what is known is kept and said", async () => {
    const controller = new AbortController();
    const resolve = async () => {
      controller.abort(new Error("over"));
      throw controller.signal.reason;
    };
    const { digests, warnings } = await resolveDigests(resolve, ["a"], known, controller.signal);
    expect(digests).toEqual(known);
    expect(warnings).toEqual([expect.stringContaining("over")]);
  });

  it("a bug is no warning", async () => {
    const resolve = async () => {
      throw new TypeError("a bug");
    };
    await expect(resolveDigests(resolve, ["a"], known, patient)).rejects.toThrow("a bug");
  });
});

describe("addingDigests", () => {
  const withDigests = (...args: Parameters<typeof addingDigests>) => finish(addingDigests(...args));
  const tags = [listed("w_2077_43"), listed("w_2077_42")];

  it("adds digests, and leaves the others as they are", () => {
    const resolved = withDigests(tags, new Map([["w_2077_43", sha("a")]]), []);
    expect(resolved.map(({ digest }) => digest)).toEqual([sha("a"), undefined]);
    expect(resolved[1]).toBe(tags[1]);
  });

  it("gives the same array where nothing has changed", () => {
    const digests = new Map([["w_2077_43", sha("a")]]);
    const before = withDigests(tags, digests, []);
    expect(withDigests(tags, new Map(digests), before)).toBe(before);
    expect(withDigests(tags, new Map([["w_2077_43", sha("b")]]), before)).not.toBe(before);
    expect(withDigests(tags, new Map(), before)).not.toBe(before);
  });
});
