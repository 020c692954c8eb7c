/**
 * The pods of pulls: made once, taken over, and nobody else's touched. What fails: `pull-pods-failures.test.ts`.
 */
import { describe, expect, it } from "vitest";
import { podName } from "../../src/kubernetes/pod-name.ts";
import { digestOf } from "../support/kubernetes-objects.ts";
import type { Json } from "../support/kubernetes-store.ts";
import { cluster, failure, node, pull } from "./pull-pods-support.ts";
import { nodeNamed, owner } from "./support.ts";

const nameOf = (collision = 0) =>
  podName({ digest: pull.digest, tag: pull.tag, node: "n1", lease: owner.name }, collision);

const foreign = (name: string, parts: Json = {}): Json => ({
  metadata: { namespace: "prepuller", name, ...parts },
  spec: { nodeName: "n1", containers: [{ name: "x", image: "x" }] },
});

describe("a pod that is made", () => {
  it("has its name, its owner and its node", async () => {
    const { fake, create } = await cluster();
    const pod = await create();
    expect(pod).toMatchObject({ name: nameOf(), node: "n1", nodeUid: node.uid, digest: pull.digest });
    const [made] = fake.pods();
    expect(made.metadata.uid).toBe(pod.uid);
    expect(made.metadata.ownerReferences[0]).toMatchObject({ kind: "Lease", ...owner });
  });

  it("is taken over where the same one is there, whatever has become of it", async () => {
    const { fake, create } = await cluster();
    const first = await create();
    fake.changePod(first.name, ({ status }) => {
      status.phase = "Succeeded";
    });
    expect(await create()).toEqual({ ...first, phase: "Succeeded" });
    expect(fake.pods()).toHaveLength(1);
    expect(fake.count("delete pods")).toBe(0);
  });

  it("is one of its own where another image or node is meant", async () => {
    const { fake, create } = await cluster();
    await create();
    await create({ node: nodeNamed("n2") });
    await create({ digest: digestOf("another"), reference: `x.example.org/y:z@${digestOf("another")}` });
    expect(fake.pods()).toHaveLength(3);
  });

  it("replaces that of an earlier machine of the same name", async () => {
    const { fake, create } = await cluster();
    const old = await create({ node: nodeNamed("n1", "the uid of the earlier one") });
    const pod = await create();
    expect(pod.uid).not.toBe(old.uid);
    expect(pod.name).toBe(old.name);
    expect(fake.pods().map(({ metadata }) => metadata.uid)).toEqual([pod.uid]);
  });

  it("replaces one of ours that is being deleted, as soon as that is gone", async () => {
    const { fake, clock, create } = await cluster();
    const old = await create();
    fake.changePod(old.name, ({ metadata }) => {
      metadata.finalizers = ["example.org/slow"];
    });
    fake.store.delete("pods", `prepuller/${old.name}`);
    const making = create();
    await clock.passSleep(1_000, 1_000);
    await clock.sleeper(1_000, 1_000);
    fake.changePod(old.name, ({ metadata }) => {
      metadata.finalizers = [];
    });
    await clock.passSleep(1_000, 1_000);
    expect((await making).uid).not.toBe(old.uid);
  });

  it("is given up where that never goes", async () => {
    const { fake, clock, create } = await cluster();
    const old = await create();
    fake.changePod(old.name, ({ metadata }) => {
      metadata.finalizers = ["example.org/stuck"];
    });
    fake.store.delete("pods", `prepuller/${old.name}`);
    const failing = failure(create());
    for (let turn = 2; turn < 10; turn += 1) await clock.passSleep(1_000, 1_000);
    expect(await failing).toMatchObject({ status: 409, reason: "AlreadyExists", refused: true });
  });

  it.each([
    ["somebody else's", {}],
    ["one with some of our labels", { labels: { "app.kubernetes.io/managed-by": "image-source-prepuller" } }],
  ])("has another name where %s is in the way, and is found there again", async (_, parts) => {
    const { fake, create } = await cluster();
    fake.store.create("pods", foreign(nameOf(), parts));
    fake.store.create("pods", foreign(nameOf(1), parts));
    const pod = await create();
    expect(pod.name).toBe(nameOf(2));
    expect(await create()).toEqual(pod);
    expect(fake.pods()).toHaveLength(3);
    expect(fake.count("delete pods")).toBe(0);
  });

  it("is given up where every name is taken", async () => {
    const { fake, create } = await cluster();
    for (let collision = 0; collision < 5; collision += 1) {
      fake.store.create("pods", foreign(nameOf(collision)));
    }
    expect(await failure(create())).toMatchObject({ status: 409, refused: true });
    expect(fake.count("create pods")).toBe(5);
  });

  it("is made where that of its name vanishes while it is looked at", async () => {
    const { fake, create } = await cluster();
    const old = await create();
    fake.fail("get pods", () => {
      fake.removePod(old.name);
      return "answer";
    });
    expect((await create()).uid).not.toBe(old.uid);
  });
});
