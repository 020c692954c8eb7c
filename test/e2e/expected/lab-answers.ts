/**
 * Compares whole answers of the source `lab` with what is expected: images, snapshot and warnings.
 */
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect } from "vitest";
import type { Image } from "../../../gen/imagesource/v1/image_pb.ts";
import * as pb from "../../../gen/imagesource/v1/image_source_service_pb.ts";
import type { Ask } from "../support/clients.ts";
import { chosenAtStart, type Held, held, labImagesByTag } from "./lab-images.ts";
import { menu, type Place, type PrepulledTable, prepulled, type Row } from "./rows.ts";
import { type Known, snapshot } from "./snapshot.ts";

/** The snapshot of `lab` as configured, before any node is known. */
export const knownAtStart: Known = {
  source: "lab",
  tagCount: 26,
  imageCount: 9,
  nodeCount: 0,
  stale: false,
  lastError: "",
};

/** With the three nodes, of which two are eligible. */
export const knownWithNodes: Known = { ...knownAtStart, nodeCount: 2 };

/** What is chosen as configured, with the nodes that hold it. */
export function chosen(place: Place, by: Held = {}): Image[] {
  const images = labImagesByTag(place);
  return chosenAtStart.map((tag) => held(images[tag] as Image, by));
}

type World = Place & { readonly since: Date };

export async function expectMenu(world: World, ask: Ask, rows: readonly Row[], known: Known): Promise<void> {
  const answer = await ask.menuImages({});
  const expected = { images: menu(world.lab, rows), snapshot: snapshot(answer, known, world.since) };
  expect(answer).toEqual(create(pb.MenuImagesResponseSchema, expected));
}

export async function expectPrepulled(
  world: World,
  ask: Ask,
  question: MessageInitShape<typeof pb.PrepulledImagesRequestSchema>,
  table: PrepulledTable,
  known: Known,
): Promise<void> {
  const answer = await ask.prepulledImages(question);
  const expected = { images: prepulled(world.lab, table), snapshot: snapshot(answer, known, world.since) };
  expect(answer).toEqual(create(pb.PrepulledImagesResponseSchema, expected));
}

/** An update with one warning for each of the texts, which it names. */
export async function expectUpdate(
  world: World,
  ask: Ask,
  update: MessageInitShape<typeof pb.UpdateImagesRequestSchema>,
  images: readonly Image[],
  known: Known,
  warnings: readonly string[] = [],
): Promise<void> {
  const answer = await ask.updateImages(update);
  expect(answer.warnings).toEqual(warnings.map((text) => expect.stringContaining(text)));
  const expected = {
    images: [...images],
    snapshot: snapshot(answer, known, world.since),
    warnings: answer.warnings,
  };
  expect(answer).toEqual(create(pb.UpdateImagesResponseSchema, expected));
}

export async function expectImage(ask: Ask, tagName: string, image: Image | undefined): Promise<void> {
  if (!image) throw new Error(`nothing is expected of ${tagName}`);
  expect(await ask.imageForTagName({ tagName })).toEqual(create(pb.ImageForTagNameResponseSchema, { image }));
}
