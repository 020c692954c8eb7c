/**
 * A pull that hangs. It cannot be cancelled, and holds up every later pull of its node, so that all that can be done
 * is to say so, to leave that node alone, and to serve the others.
 */
import { describe, expect, it } from "vitest";
import { crane } from "../e2e/support/crane.ts";
import { until } from "../e2e/support/until.ts";
import type { Hold } from "./support/gate.ts";
import { holders } from "./support/holders.ts";
import { pushImage } from "./support/images.ts";
import type { Prepuller } from "./support/prepuller.ts";
import { tellStory } from "./support/story.ts";

describe("a pull that hangs on one of two nodes", () => {
  let recommended: string;
  let weekly: string;
  const story = tellStory("stuck", {
    async images(storage) {
      recommended = await pushImage(`${storage}:recommended`, "stuck 1");
      weekly = await pushImage(`${storage}:w_2077_43`, "stuck 2");
    },
  });
  const config = { pullTimeout: "5s" };
  let hold: Hold;
  let prepuller: Prepuller;
  let stuck: string;
  let other: string;

  const madeOnStuck = () =>
    story.pods.made.filter(({ node }) => node === stuck).map(({ image }) => image.split("@")[1]);
  const isReportedAsStuck = async () => {
    const line = await prepuller.says(/^stuck/);
    expect(line.node).toBe(stuck);
    expect(line.image).toContain(recommended);
    await until("the metric", async () => {
      const lines = await prepuller.metric("image_source_prepuller_node_stuck");
      return lines.join() === `image_source_prepuller_node_stuck{node="${stuck}"} 1`;
    });
  };

  it("makes that node stuck, with the image's name", async () => {
    const { config: description } = JSON.parse(await crane("manifest", `${story.storage}@${recommended}`));
    hold = story.gate.hold(`/blobs/${description.digest}`, "first");
    prepuller = await story.prepuller(config);
    const line = await prepuller.says(/^stuck/);
    stuck = String(line.node);
    other = stuck === "node-1" ? "node-2" : "node-1";
    await isReportedAsStuck();
  });

  it("does not keep the other node from being served", async () => {
    for (const digest of [recommended, weekly]) {
      await until(`${digest} on the other node`, async () => (await holders(story.ask, digest)).length > 0);
      expect(await holders(story.ask, digest)).toEqual([other]);
    }
  });

  it("lets nothing else be pulled on that node", () => {
    expect(madeOnStuck()).toEqual([recommended]);
  });

  it("is reported by a round that is made meanwhile, for both images", async () => {
    await prepuller.program.end("SIGKILL");
    const { code, output } = await story.once(config);
    expect(code, output).toBe(1);
    const missing = output.split("\n").filter((line) => line.startsWith("missing: "));
    expect(missing).toHaveLength(2);
    const lineOf = (digest: string) => missing.find((line) => line.split(": ")[2]?.includes(digest));
    expect(lineOf(recommended)).toMatch(new RegExp(`^missing: ${stuck}: .*: stuck$`));
    expect(lineOf(weekly)).toMatch(
      new RegExp(`^missing: ${stuck}: .*: the node is stuck with .*${recommended}$`),
    );
  });

  it("is still known to a prepuller that is started again, which makes no second pod", async () => {
    prepuller = await story.prepuller(config);
    await isReportedAsStuck();
    expect(madeOnStuck()).toEqual([recommended]);
  });

  it("is over when it moves again: the node is served like the other", async () => {
    hold.release();
    for (const digest of [recommended, weekly]) {
      await until(`${digest} on both nodes`, async () => (await holders(story.ask, digest)).length === 2);
    }
    expect(madeOnStuck()).toEqual([recommended, weekly]);
    await until("no node is stuck", async () => {
      return (await prepuller.metric("image_source_prepuller_nodes_stuck ")).join().endsWith(" 0");
    });
  });
});
