/**
 * Pulls that end without the image: each with its reason, soon, and without a mark.
 */
import { afterAll, describe, expect, it } from "vitest";
import { encoded } from "../e2e/support/docker-config.ts";
import { remove } from "../e2e/support/manifests.ts";
import { until } from "../e2e/support/until.ts";
import { holders } from "./support/holders.ts";
import { pushImage } from "./support/images.ts";
import { exitOf } from "./support/prepuller.ts";
import { type Round, tellStory } from "./support/story.ts";

const namespace = "/api/v1/namespaces/prepuller";

/** What a round has to say where an image is on no node. */
function expectMissing({ code, output }: Round, digest: string, reason: RegExp): void {
  expect(code, output).toBe(1);
  for (const node of ["node-1", "node-2"]) {
    const line = output.split("\n").find((text) => text.startsWith(`missing: ${node}: `));
    expect(line).toContain(digest);
    expect(line).toMatch(reason);
  }
}

describe("an image that is deleted between plan and pull", () => {
  let digest: string;
  const story = tellStory("deleted", {
    async images(storage) {
      digest = await pushImage(`${storage}:w_2077_43`, "soon deleted");
    },
  });

  it("is not pulled, for the reason that the registry does not have it", async () => {
    const hold = story.gate.hold("/manifests/sha256:");
    const { program } = await story.prepuller({}, { once: true });
    await until("both nodes ask for it", () => hold.count >= 2);
    await remove(story.cluster.registry, "deleted/lab", digest);
    hold.release();
    const round = { code: await exitOf(program), output: program.output() };
    expectMissing(round, digest, /ErrImagePull.*not found/);
    expect(await holders(story.ask, digest)).toEqual([]);
  });
});

describe("a registry that wants a login", () => {
  const login = { user: "puller", password: "pu11-on-nodes" };
  let digest: string;
  const story = tellStory("login", {
    login,
    async images(storage) {
      digest = await pushImage(`${storage}:w_2077_43`, "behind a login");
    },
  });
  const config = { pod: { pullSecret: "login" } };
  afterAll(() => story.cluster.admin.remove(`${namespace}/secrets/login`));

  const writeSecret = async (password: string) => {
    const auths = { [story.gate.host]: { auth: encoded({ ...login, password }) } };
    await story.cluster.admin.apply(`${namespace}/secrets/login`, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "login" },
      type: "kubernetes.io/dockerconfigjson",
      stringData: { ".dockerconfigjson": JSON.stringify({ auths }) },
    });
  };

  it("lets no node pull with a wrong secret, and the round says so", async () => {
    await writeSecret("wrong");
    expectMissing(await story.once(config), digest, /ErrImagePull.*(401|authorization failed)/);
    expect(await holders(story.ask, digest)).toEqual([]);
  });

  it("lets them with the right one", async () => {
    await writeSecret(login.password);
    const { code, output } = await story.once(config);
    expect(code, output).toBe(0);
    expect(await holders(story.ask, digest)).toEqual(["node-1", "node-2"]);
  });
});

describe("a quota that allows no pod", () => {
  let digest: string;
  const story = tellStory("quota", {
    async images(storage) {
      digest = await pushImage(`${storage}:w_2077_43`, "against a quota");
    },
  });
  const quota = `${namespace}/resourcequotas/none`;

  it("is the reason that the round gives", async () => {
    const { admin } = story.cluster;
    await admin.create(`${namespace}/resourcequotas`, {
      metadata: { name: "none" },
      spec: { hard: { pods: "0" } },
    });
    await until("the quota is in force", async () => (await admin.get(quota)).status.hard?.pods === "0");
    expectMissing(await story.once(), digest, /exceeded quota: none/);
  });

  it("is none any more when it is gone", async () => {
    await story.cluster.admin.remove(quota);
    const { code, output } = await story.once();
    expect(code, output).toBe(0);
  });
});

describe("a node that is cordoned", () => {
  let digest: string;
  const story = tellStory("cordoned", {
    async images(storage) {
      digest = await pushImage(`${storage}:w_2077_43`, "not for a cordoned node");
    },
  });
  const cordon = (unschedulable: boolean) =>
    story.cluster.admin.patch("/api/v1/nodes/node-2", { spec: { unschedulable } });

  it("gets no pod, and the round names it and ends well", async () => {
    await cordon(true);
    const { code, output } = await story.once();
    expect(code, output).toBe(0);
    expect(output).toMatch(/not eligible: node-2: /);
    expect(story.pods.made.map(({ node }) => node)).toEqual(["node-1"]);
    expect(await story.prepulled()).toEqual([digest]); // on all nodes where anybody is sent to
  });

  it("is served as soon as it takes pods again, before the next round", async () => {
    const prepuller = await story.prepuller({ refreshInterval: "10m" });
    await prepuller.says("a node is not eligible");
    await cordon(false);
    await until("the image on node-2", async () => (await holders(story.ask, digest, ["node-2"])).length > 0);
    expect(story.pods.made.map(({ node }) => node)).toEqual(["node-1", "node-2"]);
  });
});
