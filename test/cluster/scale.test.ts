/**
 * A thousand nodes at once, on a real API server. The nodes are only objects there, and their pods have pulled after some
 * seconds; what a real kubelet does is shown by the other stories.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ControlPlane, startControlPlane } from "./support/control-plane.ts";
import { holders } from "./support/holders.ts";
import { pushImage } from "./support/images.ts";
import type { Part } from "./support/part.ts";
import { makeNodes, startSimulation } from "./support/simulated-nodes.ts";
import { tellStory } from "./support/story.ts";

const names = Array.from({ length: 1000 }, (_, index) => `sim-${String(index).padStart(4, "0")}`);
/** What such a node lists: other images than the one that is wanted. */
const others = Array.from({ length: 40 }, (_, index) => ({
  names: [`registry.example.org/tools/image-${index}:v1`],
  sizeBytes: 4_000_000_000 - index,
}));
let digest = "";
let plane: ControlPlane | undefined;
let simulation: Part | undefined;

const story = tellStory("scale", {
  async images(storage) {
    digest = await pushImage(`${storage}:w_2077_42`, "for a thousand nodes");
  },
});

beforeAll(async () => {
  // New nodes are tainted until a controller has looked at each, which takes minutes for a thousand that are ready at once.
  plane = await startControlPlane({ apiServerArgs: ["--disable-admission-plugins=TaintNodesByCondition"] });
  simulation = await startSimulation(plane);
  await makeNodes(plane.admin, names, others);
});

afterAll(async () => {
  await simulation?.kill();
  await plane?.stop();
});

it("one round pulls an image onto a thousand nodes", async () => {
  const config = {
    kubeconfig: plane?.kubeconfigs.prepuller,
    lease: { name: "scale", duration: "60s" }, // an API server this busy may not answer for seconds
    requestsPerSecond: 100,
    maxConcurrentNodes: 500,
    pullTimeout: "2m",
    log: { level: "warn", format: "json" },
  };
  const { code, output } = await story.once(config, { seconds: 170 });
  expect(code, output).toBe(0);
  expect(output).toContain("1000 of 1000 images are there, on 1000 eligible nodes");
}, 180_000);

it("and the service knows each of them", async () => {
  expect(await holders(story.ask, digest)).toEqual(names);
});

it("and no pod is left", async () => {
  const path = `/api/v1/namespaces/${plane?.plan.prepuller.namespace}/pods`;
  expect(await plane?.admin.get(path)).toMatchObject({ items: [] });
});
