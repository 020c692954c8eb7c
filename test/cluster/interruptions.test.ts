/**
 * The prepuller or the API server is cut off while images are being pulled. The work is finished all the same, and
 * nothing is pulled twice.
 */
import { describe, expect, it } from "vitest";
import { until } from "../e2e/support/until.ts";
import { holders } from "./support/holders.ts";
import { pushImage } from "./support/images.ts";
import type { Prepuller } from "./support/prepuller.ts";
import { type Story, tellStory } from "./support/story.ts";

const namespace = "/api/v1/namespaces/prepuller";

/** A story of two images, each wanted on both nodes. */
function twoImages(name: string) {
  const digests: string[] = [];
  const story = tellStory(name, {
    async images(storage) {
      digests.push(await pushImage(`${storage}:recommended`, `${name} 1`));
      digests.push(await pushImage(`${storage}:w_2077_43`, `${name} 2`));
    },
  });
  return { story, digests };
}

/** Starts a prepuller, and waits until both nodes pull what the registry does not give yet. */
async function startPulling(story: Story, config = {}) {
  const hold = story.gate.hold("/blobs/");
  const prepuller = await story.prepuller(config);
  await until("both nodes pull", () => story.pods.made.length === 2 && hold.count >= 2);
  return { prepuller, hold };
}

async function expectAllPulledOnce({ ask, pods }: Story, digests: readonly string[]): Promise<void> {
  for (const digest of digests) {
    await until(`${digest} on both nodes`, async () => (await holders(ask, digest)).length === 2, 40);
  }
  const pulls = pods.made.map(({ node, image }) => `${node} ${image.split("@")[1]}`);
  const wanted = ["node-1", "node-2"].flatMap((node) => digests.map((digest) => `${node} ${digest}`));
  expect(pulls.toSorted()).toEqual(wanted.toSorted());
}

describe("a prepuller that is killed in mid-pull", () => {
  const { story, digests } = twoImages("killed");

  it("finds its pods when it is started again, and finishes the job", async () => {
    const { prepuller, hold } = await startPulling(story);
    await prepuller.program.end("SIGKILL");
    const next = await story.prepuller();
    await next.says("found a pod of an earlier prepuller");
    hold.release();
    await expectAllPulledOnce(story, digests);
  });
});

describe("a prepuller that is told to end in mid-pull", () => {
  const { story, digests } = twoImages("ended");
  const lease = { name: "ended", duration: "60s" }; // long, so that who comes next must have been given it
  let next: Prepuller;

  it("ends well and soon, leaves its pods, and gives up the lease", async () => {
    const { prepuller, hold } = await startPulling(story, { lease });
    expect(await prepuller.program.end("SIGTERM", 10)).toBe(0);
    const { admin } = story.cluster;
    expect((await admin.get(`${namespace}/pods`)).items).toHaveLength(2);
    const path = "/apis/coordination.k8s.io/v1/namespaces/prepuller/leases/ended";
    expect((await admin.get(path)).spec.holderIdentity || undefined).toBeUndefined();

    next = await story.prepuller({ lease });
    await next.says("found a pod of an earlier prepuller", 10);
    hold.release();
  });

  it("and the next one finishes the job", async () => {
    await expectAllPulledOnce(story, digests);
    expect(await next.program.end("SIGTERM", 10)).toBe(0);
  });
});

describe("a single round that is interrupted in mid-pull", () => {
  const { story } = twoImages("interrupted");

  it("ends soon, and takes its pods along, since nobody comes after it", async () => {
    const hold = story.gate.hold("/blobs/");
    const { program } = await story.prepuller({}, { once: true });
    await until("both nodes pull", () => story.pods.made.length === 2 && hold.count >= 2);
    await program.end("SIGINT", 10);
    await until(
      "no pod",
      async () => (await story.cluster.admin.get(`${namespace}/pods`)).items.length === 0,
    );
    expect(story.pods.made).toHaveLength(2);
  });
});

describe("an API server that is killed in mid-round", () => {
  const { story, digests } = twoImages("api-server");

  it("is waited for, and the round goes on", async () => {
    const { prepuller, hold } = await startPulling(story);
    await story.cluster.apiServer.kill();
    hold.release();
    await story.cluster.apiServer.start();
    await expectAllPulledOnce(story, digests);
    prepuller.program.mustRun();
  });
});

describe("a kubelet that is killed in mid-pull", () => {
  const { story, digests } = twoImages("kubelet");

  it("pulls again when it is back, from the same pod", async () => {
    const { hold } = await startPulling(story);
    const [node] = story.cluster.nodes;
    await node?.kubelet.kill();
    hold.release();
    await node?.kubelet.start();
    await expectAllPulledOnce(story, digests);
  });
});
