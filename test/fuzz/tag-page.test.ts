/** Any body of a page of tags: a page, or no list of tags; and what is taken of it are tags. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { isTagName } from "../../src/domain/tag.ts";
import { Dropped, readTagPage } from "../../src/registry/tag-page.ts";
import { answerOf, anyText, bodies, forAny, parsed } from "./support.ts";

const names = fc.oneof(
  fc.constantFrom("w_2077_43", "a", "-ot-beta", `sha256:${"a".repeat(64)}`, "x".repeat(129), "a/b", "latest"),
  anyText,
);

it("any body is a page or corrupt, and nothing but tags is taken of it", () => {
  forAny(bodies(["tags", "name"], names), (body) => {
    const page = parsed("registry_corrupt", () => readTagPage(answerOf(body)));
    if (page === undefined) return;
    expect(page.names.length).toBeLessThanOrEqual(page.length);
    const dropped = new Dropped();
    const tags = dropped.filter(page, page.names);
    expect(tags.every(isTagName)).toBe(true);
    const out = page.length - tags.length;
    if (out === 0) expect(dropped.warning()).toBeUndefined();
    else expect(dropped.warning()).toMatch(new RegExp(`lists ${out} entries that are no tag names`));
  });
});

it("any list of any values is a page of as many entries", () => {
  const entries = fc.array(fc.oneof(names, fc.jsonValue({ maxDepth: 2 })), { maxLength: 8 });
  forAny(entries, (tags) => {
    const { length, names } = readTagPage(answerOf(Buffer.from(JSON.stringify({ name: "a", tags }))));
    expect(length).toBe(tags.length);
    expect(names.every((name) => typeof name === "string")).toBe(true);
  });
});
