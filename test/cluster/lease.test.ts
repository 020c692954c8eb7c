/**
 * Two prepullers, of which one works: that which holds the lease.
 */
import { describe, expect, it } from "vitest";
import { until } from "../e2e/support/until.ts";
import { holders } from "./support/holders.ts";
import { pushImage } from "./support/images.ts";
import type { Prepuller } from "./support/prepuller.ts";
import { tellStory } from "./support/story.ts";

const path = "/apis/coordination.k8s.io/v1/namespaces/prepuller/leases/two";

describe("two prepullers with one lease", () => {
  const digests: string[] = [];
  const story = tellStory("two", {
    async images(storage) {
      digests.push(await pushImage(`${storage}:w_2077_43`, "two 1"));
    },
  });
  const lease = { name: "two", duration: "15s" }; // the default
  const holder = async () => String((await story.cluster.admin.get(path)).spec.holderIdentity);
  let first: Prepuller;
  let firstName: string;

  it("the first one works, and the other waits, and is ready", async () => {
    first = await story.prepuller({ lease });
    firstName = await until("somebody holds the lease", async () => (await holder()) || undefined);
    const second = await story.prepuller({ lease });
    await until(
      "the second is ready",
      async () => (await fetch(`http://127.0.0.1:${second.port}/readyz`)).ok,
    );
    await until("the image", async () => (await holders(story.ask, digests[0] ?? "")).length === 2);
    expect(await holder()).toBe(firstName);
    expect(second.log().filter(({ msg }) => msg === "pulling")).toEqual([]);
  });

  it("one that is to work once does nothing, and says who holds it", async () => {
    const { code, output } = await story.once({ lease });
    expect(code, output).toBe(1);
    expect(output).toContain(firstName);
  });

  it("the other takes over within 20 s when the holder is killed", async () => {
    digests.push(await pushImage(`${story.storage}:w_2077_44`, "two 2"));
    await first.program.end("SIGKILL");
    const next = await until("a new holder", async () => {
      const now = await holder();
      return now !== firstName && now;
    });
    expect(next).not.toBe("");
    await until("the new image", async () => (await holders(story.ask, digests[1] ?? "")).length === 2);
    expect(story.pods.made).toHaveLength(4);
  });
});
