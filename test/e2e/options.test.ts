/**
 * A caller's options take the place of the configured ones, for all callers, and go when they are taken back.
 */
import { beforeAll, expect, it } from "vitest";
import { chosen, expectMenu, expectPrepulled, expectUpdate, knownWithNodes } from "./expected/lab-answers.ts";
import { chosenWithOptions, heldByThreeNodes } from "./expected/lab-images.ts";
import { menuWithNodes, menuWithOptions } from "./expected/lab-menu.ts";
import { prepulledWithNodes, prepulledWithOptions } from "./expected/lab-prepulled.ts";
import { threeNodes } from "./expected/nodes.ts";
import { type Known, version } from "./expected/snapshot.ts";
import { ways } from "./support/clients.ts";
import { inEveryWorld } from "./support/world.ts";

const prepull = {
  recommendedTag: "", // none
  numReleases: 2,
  numDailies: 0,
  pin: ["w_2077_43", "no_such_tag"],
  aliasTags: ["latest_daily"],
};

inEveryWorld((world) => {
  const known: Known = { ...knownWithNodes, imageCount: 5 };
  const warnings = ["no_such_tag"];

  beforeAll(async () => {
    await world.ask.gRPC.updateImages({ nodeCache: { nodes: threeNodes(world) } });
  });

  it.each(ways)("UpdateImages by %s with options", async (way) => {
    await expectUpdate(world, world.ask[way], { prepull }, chosenWithOptions(world), known, warnings);
  });

  it.each(ways)("MenuImages by %s", async (way) => {
    await expectMenu(world, world.ask[way], menuWithOptions(world), known);
  });

  it.each(ways)("PrepulledImages by %s", async (way) => {
    await expectPrepulled(world, world.ask[way], {}, prepulledWithOptions(world), known);
  });

  it.each(ways)("ListSources by %s names what the last run warned of, and no other source", async (way) => {
    const { sources } = await world.ask[way].listSources({});
    expect(sources.map((source) => source.warnings)).toEqual([
      [expect.stringContaining("no_such_tag")],
      [],
      [],
      [],
    ]);
  });

  it.each(ways)("UpdateImages by %s without options: they stay, and the version grows", async (way) => {
    const before = version(await world.ask[way].menuImages({}));
    await expectUpdate(world, world.ask[way], {}, chosenWithOptions(world), known, warnings);
    expect(version(await world.ask[way].menuImages({}))).toBeGreaterThan(before);
  });

  it.each(ways)("UpdateImages by %s with empty options: as configured again", async (way) => {
    const images = chosen(world, heldByThreeNodes(world));
    await expectUpdate(world, world.ask[way], { prepull: {} }, images, knownWithNodes);
    await expectMenu(world, world.ask[way], menuWithNodes(world), knownWithNodes);
    await expectPrepulled(world, world.ask[way], {}, prepulledWithNodes(world), knownWithNodes);
  });
});
