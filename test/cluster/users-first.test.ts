/**
 * Users first: nothing is prepulled on a node while the pod of a user waits there for its image.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../e2e/support/until.ts";
import { applyManifest, removeManifest } from "./support/account.ts";
import { holders } from "./support/holders.ts";
import { pushImage } from "./support/images.ts";
import { exitOf } from "./support/prepuller.ts";
import { tellStory } from "./support/story.ts";

describe("while the pod of a user waits for its image on one of two nodes", () => {
  let digest: string;
  const story = tellStory("users", {
    async images(storage) {
      digest = await pushImage(`${storage}:w_2077_43`, "can wait");
      await pushImage(`${storage.replace("/lab", "/own")}:1`, "of a user");
    },
  });

  beforeAll(() => applyManifest(story.cluster.admin, "wait-for-users.yaml"));
  afterAll(() => removeManifest(story.cluster.admin, "wait-for-users.yaml"));

  it("the other node is served, and that one when the user has got it", async () => {
    const hold = story.gate.hold("/users/own/blobs/");
    const image = `${story.gate.host}/users/own:1`;
    await story.cluster.admin.create("/api/v1/namespaces/default/pods", {
      metadata: { name: "user" },
      spec: {
        nodeName: "node-1",
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "lab", image, command: ["/bin/sleep", "600"] }],
      },
    });
    await until("the user's image is being pulled", () => hold.count > 0);

    const { program } = await story.prepuller({ waitForUsers: true, pullTimeout: "60s" }, { once: true });
    await until("the image on node-2", async () => (await holders(story.ask, digest)).length > 0);
    expect(story.pods.made.map(({ node }) => node)).toEqual(["node-2"]);

    hold.release();
    expect(await exitOf(program), program.output()).toBe(0);
    expect(await holders(story.ask, digest)).toEqual(["node-1", "node-2"]);
  });
});
