import { describe, expect, it } from "vitest";
import { ImagePool } from "../../src/kubernetes/image-pool.ts";
import { readNode } from "../../src/kubernetes/node-reading.ts";
import { manyImages, nodeJson } from "../support/kubernetes-objects.ts";

const read = (value: unknown) => readNode(value, new ImagePool());
const withStatus = (status: unknown) => read({ metadata: { name: "n1" }, status });
const withSpec = (spec: unknown) => read({ metadata: { name: "n1" }, spec });

describe("a node that is read", () => {
  it("has what is kept of it, and nothing else", () => {
    const json = nodeJson({
      name: "n1",
      uid: "u1",
      architecture: "arm64",
      createTime: "2077-10-28T12:00:00Z",
      isUnschedulable: true,
      taints: [
        { key: "gpu", value: "true", effect: "NoSchedule" },
        { key: "slow", effect: "NoExecute" },
      ],
      images: [{ names: ["lab@sha256:1", "lab:w_1"], sizeBytes: 7 }],
    });
    expect(read(json)).toEqual({
      uid: "u1",
      name: "n1",
      architecture: "arm64",
      createTime: Date.parse("2077-10-28T12:00:00Z"),
      isReady: true,
      isUnschedulable: true,
      isDeleting: false,
      taints: [
        { key: "gpu", value: "true", effect: "NoSchedule" },
        { key: "slow", value: "", effect: "NoExecute" },
      ],
      images: [{ names: ["lab@sha256:1", "lab:w_1"], size: 7 }],
    });
  });

  it.each([
    [
      "is ready",
      withStatus({
        conditions: [
          { type: "DiskPressure", status: "True" },
          { type: "Ready", status: "True" },
        ],
      }),
      { isReady: true },
    ],
    ["is not", withStatus({ conditions: [{ type: "Ready", status: "False" }] }), { isReady: false }],
    [
      "is not known to be",
      withStatus({ conditions: [{ type: "Ready", status: "Unknown" }] }),
      { isReady: false },
    ],
    [
      "says nothing of itself",
      read({ metadata: { name: "n1" } }),
      {
        uid: "",
        isReady: false,
        isUnschedulable: false,
        images: [],
        taints: [],
        architecture: "",
        createTime: undefined,
      },
    ],
    ["has a status of null", withStatus(null), { isReady: false, images: [] }],
    ["has conditions of null", withStatus({ conditions: null }), { isReady: false }],
    ["has images of null", withStatus({ images: null }), { images: [] }],
    [
      "has an image with names of null",
      withStatus({ images: [{ names: null, sizeBytes: 5 }, { names: ["a"] }] }),
      {
        images: [
          { names: [], size: 5 },
          { names: ["a"], size: 0 },
        ],
      },
    ],
    [
      "has an image of null",
      withStatus({ images: [null, "x"] }),
      {
        images: [
          { names: [], size: 0 },
          { names: [], size: 0 },
        ],
      },
    ],
    [
      "has an image whose size is no number, or below zero",
      withStatus({
        images: [
          { names: ["a"], sizeBytes: "5" },
          { names: ["b"], sizeBytes: -1 },
        ],
      }),
      {
        images: [
          { names: ["a"], size: 0 },
          { names: ["b"], size: 0 },
        ],
      },
    ],
    [
      "has names that are no texts",
      withStatus({ images: [{ names: [1, "a", null] }] }),
      { images: [{ names: ["a"], size: 0 }] },
    ],
    ["has taints of null", withSpec({ taints: null }), { taints: [] }],
    ["has a taint of null", withSpec({ taints: [null] }), { taints: [{ key: "", value: "", effect: "" }] }],
    ["has a spec of null", withSpec(null), { isUnschedulable: false }],
    [
      "is being deleted",
      read({ metadata: { name: "n1", deletionTimestamp: "2077-10-28T12:00:00Z" } }),
      { isDeleting: true },
    ],
    [
      "has a name of 253 characters",
      read({ metadata: { name: "n".repeat(253) } }),
      { name: "n".repeat(253) },
    ],
  ])("%s", (_, node, parts) => {
    expect(node).toMatchObject(parts);
  });

  it.each([
    ["null", null],
    ["a text", "node"],
    ["something without metadata", {}],
    ["something with an empty name", { metadata: { name: "" } }],
  ])("is none: %s", (_, value) => {
    expect(read(value)).toBeUndefined();
  });

  it("has all 50 images of a list that is full", () => {
    expect(withStatus({ images: manyImages(50) })?.images).toHaveLength(50);
  });
});

describe("images of many nodes", () => {
  const node = (images: unknown) => ({ metadata: { name: "n" }, status: { images } });

  it("are the same objects where they are equal", () => {
    const pool = new ImagePool();
    const first = readNode(node(manyImages(50)), pool);
    const second = readNode(node(structuredClone(manyImages(50))), pool);
    for (const [index, image] of first?.images.entries() ?? []) expect(second?.images[index]).toBe(image);
  });

  it("are kept apart where a node knows more names, or another size", () => {
    const pool = new ImagePool();
    const lists = [["a"], ["a", "b"], ["a"]].map((names, size) => [{ names, sizeBytes: size }]);
    const read = () => lists.map((images) => readNode(node(images), pool)?.images[0]);
    const known = read();
    expect(new Set(known).size).toBe(3);
    expect(read().every((image, index) => image === known[index])).toBe(true);
  });

  it("are forgotten where there are too many, and read all the same", () => {
    const pool = new ImagePool(10);
    for (let round = 0; round < 2; round += 1) {
      const images = readNode(node(manyImages(50)), pool)?.images;
      expect(images?.map(({ names }) => names[1])).toEqual(
        Array.from({ length: 50 }, (_, index) => `registry.example.org/sciplat/lab:w_2077_${index}`),
      );
    }
  });
});
