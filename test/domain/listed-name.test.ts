import { describe, expect, it } from "vitest";
import { type ListedName, nameReader } from "../../src/domain/listed-name.ts";
import { byDigest, byTag, lab, sha } from "../support/domain.ts";

const w = "w_2077_43";
const a = sha("a");

describe("nameReader", () => {
  it.each<[string, string, ListedName]>([
    ["a digest of ours", byDigest("a"), { isOurs: true, digest: a, keys: [a] }],
    ["a tag of ours", byTag(w), { isOurs: true, digest: undefined, keys: [w] }],
    ["both in one", `${byTag(w)}@${a}`, { isOurs: true, digest: a, keys: [a, w] }],
    [
      "ours under a mirror's prefix",
      `m.example/p/sciplat/lab:${w}`,
      { isOurs: true, digest: undefined, keys: [w] },
    ],
    ["a digest of another repository", `r.example/x@${a}`, { isOurs: false, digest: a, keys: [a] }],
    [
      "the tag of another repository is no key",
      `r.example/x:1@${a}`,
      { isOurs: false, digest: a, keys: [a] },
    ],
    ["a tag of another repository", "r.example/x:1", { isOurs: false, digest: undefined, keys: [] }],
    ["what is no reference", "<none>@<none>", { isOurs: false, digest: undefined, keys: [] }],
  ])("reads %s", (_, name, read) => {
    expect(nameReader(lab.repository)(name)).toEqual(read);
  });

  it("reads a name once", () => {
    const readName = nameReader(lab.repository);
    expect(readName(byDigest("a"))).toBe(readName(byDigest("a")));
  });
});
