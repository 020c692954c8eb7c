/**
 * What counts as pulled, and what is pulled again. Images of every kind come onto the nodes, and stay known.
 */
import { describe, expect, it } from "vitest";
import { crane } from "../e2e/support/crane.ts";
import { until } from "../e2e/support/until.ts";
import { holders } from "./support/holders.ts";
import { pushDistroless, pushImage, pushIndex } from "./support/images.ts";
import { tellStory } from "./support/story.ts";

const digests: Record<string, string> = {};

const story = tellStory("pulls", {
  async images(storage) {
    digests.plain = await pushImage(`${storage}:w_2077_42`, "an ordinary image");
    await crane("tag", `${storage}:w_2077_42`, "recommended");
    const platforms = [`${storage}:w_2077_43-amd64`, `${storage}:w_2077_43-arm64`] as const;
    await pushImage(platforms[0], "of two platforms", { architecture: "amd64" });
    await pushImage(platforms[1], "of two platforms", { architecture: "arm64" });
    digests.index = await pushIndex(`${storage}:w_2077_43`, platforms);
    digests.second = await pushIndex(`${storage}:w_2077_44`, platforms.toReversed());
    digests.distroless = await pushDistroless(`${storage}:r28_0_0`, "no command at all");
    digests.large = await pushImage(`${storage}:r27_0_0`, "of 64 MB", { size: 64 << 20 });
    digests.root = await pushImage(`${storage}:r28_0_1`, "run by root", { user: "root" });
  },
});

const kinds = [
  ["an ordinary image", "plain"],
  ["an image of several platforms", "index"],
  ["a second index over the same images", "second"],
  ["an image without any command", "distroless"],
  ["an image whose user is root", "root"],
  ["an image of 64 MB", "large"],
] as const;

describe("a first round", () => {
  it("ends well, with every image on both nodes", async () => {
    const { code, output } = await story.once();
    expect(code, output).toBe(0);
  });

  it.each(kinds)("counts as pulled: %s", async (_, kind) => {
    expect(await holders(story.ask, digests[kind] ?? "")).toEqual(["node-1", "node-2"]);
  });

  it("so the menu says of all that they are prepulled", async () => {
    const { images } = await story.ask.menuImages({});
    expect(images.map(({ tag, prepulled, nodeCount }) => [tag, prepulled, nodeCount])).toEqual(
      ["recommended", "r28_0_1", "r28_0_0", "r27_0_0", "w_2077_44", "w_2077_43", "w_2077_42"].map((tag) => [
        tag,
        true,
        2,
      ]),
    );
  });

  it("made one pod for each image and node, by digest, the recommended image first", () => {
    const wanted = Object.values(digests);
    for (const { name } of story.cluster.nodes) {
      const images = story.pods.made
        .filter(({ node }) => node === name)
        .map(({ image }) => image.split("@")[1]);
      expect(images[0]).toBe(digests.plain);
      expect(images.toSorted()).toEqual(wanted.toSorted());
    }
  });

  it("left no pod behind", async () => {
    expect((await story.cluster.admin.get("/api/v1/namespaces/prepuller/pods")).items).toEqual([]);
  });
});

it("a second round makes no pod", async () => {
  const before = story.pods.made.length;
  const { code, output } = await story.once();
  expect(code, output).toBe(0);
  expect(story.pods.made.slice(before)).toEqual([]);
});

describe("a prepuller that goes on", () => {
  it("pulls a tag again that has moved, and believes its pods while the kubelets do not list the image", async () => {
    const prepuller = await story.prepuller();
    await prepuller.says(/./);
    const before = story.pods.made.length;
    const moved = await pushImage(`${story.storage}:w_2077_42`, "an ordinary image, made anew");
    await until(
      "the new image on both nodes",
      async () => (await holders(story.ask, moved)).length === 2,
      30,
    );

    const name = `${story.repository}@${moved}`;
    const shown: boolean[] = [];
    await until(
      "both kubelets list it",
      async () => {
        shown.push((await story.prepulled()).includes(moved));
        const lists = await Promise.all(story.cluster.nodes.map((node) => node.images()));
        return lists.every((images) => images.includes(name));
      },
      45,
    );
    expect(shown).not.toContain(false);
    expect(
      story.pods.made
        .slice(before)
        .map(({ node }) => node)
        .toSorted(),
    ).toEqual(["node-1", "node-2"]);
    expect(await prepuller.program.end("SIGTERM")).toBe(0);
  });

  it.each(kinds.filter(([, kind]) => kind !== "plain"))(
    "by now is listed by both nodes: %s",
    async (_, kind) => {
      for (const node of story.cluster.nodes) {
        const name = `${story.repository}@${digests[kind]}`;
        await until(`${kind} on ${node.name}`, async () => (await node.images()).includes(name), 45);
      }
    },
  );
});

it("a round under Deno pulls what is new", async () => {
  const digest = await pushImage(`${story.storage}:w_2077_45`, "for Deno");
  const { code, output } = await story.once({}, { runtime: "deno" });
  expect(code, output).toBe(0);
  expect(await holders(story.ask, digest)).toEqual(["node-1", "node-2"]);
});
