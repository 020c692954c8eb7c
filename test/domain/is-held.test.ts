import { describe, expect, it } from "vitest";
import type { ClusterNode } from "../../src/domain/cluster-node.ts";
import {
  afterFailure,
  afterList,
  afterPull,
  emptyMemory,
  isHeld,
  type PullMemory,
} from "../../src/domain/node-memory.ts";
import { byDigest, byTag, sha } from "../support/domain.ts";
import { clusterNode, memoryOf, wanted } from "../support/prepull-domain.ts";

const answeredAt = 100_000;
const here = { nodes: new Set(["n1"]) };
const elsewhere = { nodes: new Set(["n2"]) };

interface Case {
  readonly said?: { readonly nodes: ReadonlySet<string> };
  readonly listed?: readonly string[];
  readonly known?: Partial<PullMemory>;
  readonly node?: Partial<ClusterNode>;
}

function held({ said = elsewhere, listed = [], known, node = {} }: Case): boolean {
  const memory = known ? memoryOf({ a: known }) : emptyMemory;
  return isHeld(clusterNode("n1", listed, node), memory, wanted("a", said), answeredAt);
}

describe("isHeld: the image is there", () => {
  it.each<[string, Case]>([
    ["where the node lists its digest", { listed: [byDigest("a")] }],
    ["where the node lists it under a mirror's name", { listed: [`mirror.example/x@${sha("a")}`] }],
    ["where the node lists it as another digest", { listed: [byDigest("f")], known: { alias: sha("f") } }],
    ["where it was pulled, and the kubelet does not list it yet", { known: { pulledAt: 99_999 } }],
    ["where the service says so", { said: here }],
    ["where the service says so of a node that was there", { said: here, node: { createTime: 99_000 } }],
    ["where the service says so, whatever failed here", { said: here, known: { failures: 1, retryAt: 1e9 } }],
    ["where the service says so after it was gone", { said: here, known: { goneAt: 99_999 } }],
    [
      "where it failed and the node lists it all the same",
      { listed: [byDigest("a")], known: { failures: 1, retryAt: 1e9 } },
    ],
    [
      "where it was evicted and the node lists it again",
      { listed: [byDigest("a")], known: { goneAt: 200_000, reason: "evicted", retryAt: 1e9 } },
    ],
  ])("%s", (_, what) => {
    expect(held(what)).toBe(true);
  });
});

describe("isHeld: the image is not there", () => {
  it.each<[string, Case]>([
    ["where nobody says so", {}],
    ["where another node has it", { said: elsewhere }],
    ["where the node lists another digest", { listed: [byDigest("b")] }],
    ["where the node lists its tag only", { listed: [byTag("tag-a")] }],
    ["where pulling it failed", { known: { failures: 1, retryAt: 1e9 } }],
    [
      "where the service speaks of an earlier machine of that name",
      { said: here, node: { createTime: 100_001 } },
    ],
    ["where it may: creation is told in whole seconds", { said: here, node: { createTime: 99_001 } }],
    [
      "where it was evicted since the service looked",
      { said: here, known: { goneAt: 100_001, reason: "evicted", retryAt: 1e9 } },
    ],
    ["where it was evicted at that moment", { said: here, known: { goneAt: 100_000 } }],
    ["where it was gone after more than an hour", { said: here, known: { goneAt: 200_000 } }],
    [
      "where the node lists what is another digest of another image",
      { listed: [byDigest("f")], known: { alias: sha("e") } },
    ],
  ])("%s", (_, what) => {
    expect(held(what)).toBe(false);
  });

  it("on another machine of that name, though it was on the one before", () => {
    const before = afterPull(emptyMemory, sha("a"), 1, "");
    const image = wanted("a", here);
    expect(isHeld(clusterNode("n1"), before, image, answeredAt)).toBe(true);
    expect(isHeld(clusterNode("n1", [], { createTime: 200_000 }), emptyMemory, image, answeredAt)).toBe(
      false,
    );
  });
});

it("from a pull over an eviction to the next pull", () => {
  const [minute, lag] = [60_000, 60_000];
  const image = wanted("a");
  const [full, empty] = [clusterNode("n1", [byDigest("a")]), clusterNode("n1", [byDigest("b")])];
  let memory = afterFailure(emptyMemory, image.digest, "ErrImagePull", "", 0, 0);
  expect(isHeld(empty, memory, image, 0)).toBe(false);
  memory = afterPull(memory, image.digest, minute, "");
  expect(isHeld(empty, memory, image, 0)).toBe(true);
  memory = afterList(memory, empty, minute + 30_000 - lag, false, minute + 30_000, 0);
  expect(isHeld(empty, memory, image, 0)).toBe(true); // the kubelet lags
  memory = afterList(memory, full, 2 * minute, false, 3 * minute, 0);
  expect(isHeld(full, memory, image, 0)).toBe(true);
  memory = afterList(memory, empty, 4 * minute, false, 5 * minute, 0);
  expect(isHeld(empty, memory, image, 0)).toBe(false);
  memory = afterPull(memory, image.digest, 20 * minute, "");
  expect(isHeld(empty, memory, image, 0)).toBe(true);
});
