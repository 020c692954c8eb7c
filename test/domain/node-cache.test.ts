import { describe, expect, it } from "vitest";
import { noNodes } from "../../src/domain/node-cache.ts";
import { indexNodes, lab, node, nodeCache, sha } from "../support/domain.ts";

/** Sorted names of the nodes under a key, and the size. */
function listing(names: readonly string[], key: string) {
  const found = indexNodes(nodeCache(1, node("n1", [{ names, size: 7 }])), lab.repository).listing(key);
  return found && { nodes: [...found.nodes], size: found.size };
}

const onNode = { nodes: ["n1"], size: 7 };
const w = "w_2077_43";

describe("indexNodes", () => {
  it.each([
    ["a digest of the repository", `r.example/sciplat/lab@${sha("a")}`, sha("a")],
    ["a digest under a mirror's name", `mirror.example:5000/proxy/other@${sha("a")}`, sha("a")],
    ["a digest behind a tag", `r.example/sciplat/lab:${w}@${sha("a")}`, sha("a")],
    ["a tag of the repository", `r.example/sciplat/lab:${w}`, w],
    ["a tag under another host", `mirror.example:5000/sciplat/lab:${w}`, w],
    ["a tag under a mirror's prefix", `mirror.example/proxy/r.example/sciplat/lab:${w}`, w],
    ["a tag under the short name", `sciplat/lab:${w}`, w],
  ])("finds a node by %s", (_, name, key) => {
    expect(listing([name], key)).toEqual(onNode);
  });

  it.each([
    ["another digest", `r.example/sciplat/lab@${sha("b")}`, sha("a")],
    ["a tag of a repository whose name only ends alike", `r.example/mysciplat/lab:${w}`, w],
    ["a tag of a repository below it", `r.example/sciplat/lab/sub:${w}`, w],
    ["a tag of the last part of its name", `r.example/lab:${w}`, w],
    ["a longer tag", `r.example/sciplat/lab:${w}_x`, w],
  ])("does not find it by %s", (_, name, key) => {
    expect(listing([name], key)).toBeUndefined();
  });

  it.each([
    ["what is no reference", "<none>@<none>"],
    ["an image ID", "a".repeat(64)],
    ["nothing", ""],
    ["what is too long", `r.example/sciplat/lab:${"a".repeat(5000)}`],
    ["a repository without a version", "r.example/sciplat/lab"],
    ["a line break", `r.example/sciplat/lab:${w}\n`],
    ["half a character", "\ud800"],
  ])("skips a name that is %s, and reads the next", (_, name) => {
    expect(listing([name, `r.example/x@${sha("a")}`], sha("a"))).toEqual(onNode);
    expect(listing([name], w)).toBeUndefined();
  });

  it("takes nodes without images, and images without names", () => {
    const index = indexNodes(nodeCache(1, node("n1"), node("n2", [{ names: [], size: 7 }])), lab.repository);
    expect(index.node("n1")?.name).toBe("n1");
    expect([...index.eligible]).toEqual(["n1", "n2"]);
    expect(index.listing(w)).toBeUndefined();
  });

  it("gives all nodes of a digest, and the largest size that one tells", () => {
    const name = `r.example/x@${sha("a")}`;
    const index = indexNodes(
      nodeCache(
        1,
        node("n1", [
          { names: [name], size: 7 },
          { names: [name], size: 3 },
        ]),
        node("n2", [{ names: [name, name], size: 9 }]),
        node("n3", [{ names: [name], size: 0 }], { ineligibleReason: "cordoned" }),
        node("n4"),
      ),
      lab.repository,
    );
    expect([...(index.listing(sha("a"))?.nodes ?? [])].sort()).toEqual(["n1", "n2", "n3"]);
    expect(index.listing(sha("a"))?.size).toBe(9);
  });

  it("tells 0 where no node tells a size", () => {
    const index = indexNodes(nodeCache(1, node("n1", [`r.example/x@${sha("a")}`])), lab.repository);
    expect(index.listing(sha("a"))?.size).toBe(0);
  });

  it("has the eligible nodes sorted, and knows the others by name", () => {
    const cache = nodeCache(
      1,
      node("n3"),
      node("n1"),
      node("n2", [], { ineligibleReason: "tainted" }),
      node("n10"),
    );
    const index = indexNodes(cache, lab.repository);
    expect([...index.eligible]).toEqual(["n1", "n10", "n3"]);
    expect(index.node("n2")?.ineligibleReason).toBe("tainted");
    expect(index.node("n4")).toBeUndefined();
    expect(index.cache).toBe(cache);
  });

  it("of nothing knows nothing", () => {
    const index = indexNodes(noNodes, lab.repository);
    expect([...index.eligible]).toEqual([]);
    expect(index.node("n1")).toBeUndefined();
    expect(index.listing(sha("a"))).toBeUndefined();
  });
});
