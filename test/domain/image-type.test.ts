import { expect, it } from "vitest";
import { imageTypes, typeRank } from "../../src/domain/image-type.ts";

const menuOrder = [
  "alias",
  "release",
  "weekly",
  "daily",
  "release_candidate",
  "experimental",
  "unknown",
] as const;

it("types stand in menu order", () => {
  expect(imageTypes).toEqual(menuOrder);
});

it("the rank of a type is its place in the menu", () => {
  expect(menuOrder.map(typeRank)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});
