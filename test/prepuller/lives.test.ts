/** The end of a prepuller, the next one's beginning, and two at once: the lease decides who works. */
import { describe, expect, it } from "vitest";
import type { ManualClock } from "../support/kubernetes-clock.ts";
import { hangingKubelet, podOnNode, promptKubelet } from "../support/kubernetes-kubelet.ts";
import type { Running } from "./running.ts";
import { stoppedClock, until, untilInTime, type World, world } from "./world.ts";

const tag = "w_2077_43";
const lease = { name: "prepuller", duration: 60_000 };
/** How often who waits looks at the lease; and when it is renewed. */
const [poll, renewal] = [lease.duration / 8, lease.duration / 3];

const holder = ({ fake }: World): string => fake.lease(lease.name)?.spec.holderIdentity;

/** A prepuller in the middle of a pull on `n1`. */
async function pulling(nodes = ["n1"]) {
  const clock = stoppedClock();
  const small = await world({ nodes, kubelet: hangingKubelet });
  const one = await small.run({ lease }, clock);
  await until("pulls are begun", () => small.pods.now.length === nodes.length);
  return { ...small, small, clock, one };
}

/** Lets the time pass in which a holder is believed to live. */
const takesOver = (two: Running, clock: ManualClock) =>
  untilInTime(clock, "the lease is taken over", () => two.said("holding the lease"), poll);

describe("a prepuller", () => {
  it("is killed in the middle of a pull and started again: the pod is adopted, and no second one made", async () => {
    const { clock, one, fake, pods, holders, run } = await pulling();
    await one.kill();
    expect(pods.now).toHaveLength(1);
    const two = await run({ lease }, clock);
    await takesOver(two, clock);
    await until("it has found the pod", () => two.said("found a pod of an earlier prepuller"));
    podOnNode(fake.pods()[0], fake.store).ends();
    await until("it is done", async () => (await holders(tag)).length === 1 && pods.now.length === 0);
    expect(pods.made).toHaveLength(1);
  });

  it("is killed, and the pull ends before it is started again: that counts all the same", async () => {
    const { clock, one, fake, pods, holders, run } = await pulling();
    await one.kill();
    podOnNode(fake.pods()[0], fake.store).ends();
    await takesOver(await run({ lease }, clock), clock);
    await until("it is done", async () => (await holders(tag)).length === 1 && pods.now.length === 0);
    expect(pods.made).toHaveLength(1);
  });

  it("is stopped by SIGTERM: the lease is released, and pods are left to the successor, which need not wait", async () => {
    const { small, clock, one, fake, pods, holders, run } = await pulling();
    const before = holder(small);
    await one.stop();
    expect(before).not.toBe("");
    expect(holder(small)).toBe("");
    expect(one.end).toMatchObject({ message: "stopped" });
    expect(pods.now).toHaveLength(1);
    const two = await run({ lease }, clock);
    await until("the lease is taken over", () => two.said("holding the lease"));
    podOnNode(fake.pods()[0], fake.store).ends();
    await until("it is done", async () => (await holders(tag)).length === 1 && pods.now.length === 0);
    expect(pods.made).toHaveLength(1);
  });
});

describe("two prepullers", () => {
  it("at once: one works, the other waits, reads no node, and is ready", async () => {
    const { small, clock, fake, run } = await pulling();
    const before = holder(small);
    const two = await run({ lease }, clock);
    await until("it waits", () => two.said("waiting: another prepuller holds the lease"));
    expect(await two.isReady()).toBe(true);
    expect(fake.count("list nodes")).toBe(1);
    expect(fake.count("create pods")).toBe(1);
    expect(holder(small)).toBe(before);
  });

  it("at once, and the holder is killed: the other one takes over, and does the rest", async () => {
    const { small, clock, one, fake, pods, holders, run } = await pulling();
    const two = await run({ lease }, clock);
    await until("it waits", () => two.said("waiting"));
    const before = holder(small);
    await one.kill();
    fake.kubelet = promptKubelet;
    fake.addNode({ name: "n2" });
    await takesOver(two, clock);
    podOnNode(fake.pods()[0], fake.store).ends();
    await until("it is done", async () => (await holders(tag)).length === 2 && pods.now.length === 0);
    expect(holder(small)).not.toBe(before);
    expect(pods.made).toHaveLength(2);
  });

  it("at once, with --once: it says who holds the lease", async () => {
    const { small, clock, open } = await pulling();
    const done = (await open({ lease }, clock)).once();
    const failed = expect(done).rejects.toThrow(`is held by ${holder(small)}`);
    let isOver = false;
    void failed.finally(() => {
      isOver = true;
    });
    await untilInTime(clock, "it has seen the holder live", () => isOver, 1_000);
    await failed;
  });
});

describe("the lease is lost in the middle of a pull", () => {
  it("to another one: nothing is created, marked or deleted from then on, and the pods stay", async () => {
    const { clock, one, fake, pods, holders, addNode } = await pulling();
    fake.store.change("leases", `prepuller/${lease.name}`, ({ spec }) => {
      spec.holderIdentity = "somebody";
    });
    await clock.passSleep(renewal, renewal);
    await until("it is told", () => one.said("the lease is lost"));
    await expectNothing(fake, async () => {
      podOnNode(fake.pods()[0], fake.store).ends();
      addNode({ name: "n2" });
      await until("it waits for the lease", () => one.said("waiting"));
      for (let looks = 0; looks < 3; looks += 1) {
        const before = fake.count("get leases");
        await clock.passSleep(poll, poll);
        await fake.arrival("get leases", before + 1);
      }
    });
    expect(await holders(tag)).toEqual([]);
    expect(pods.now).toHaveLength(1);
    expect(fake.watches("nodes")).toEqual([]);
  });

  it("since it cannot be renewed in time: the same", async () => {
    const { clock, one, fake, pods, holders } = await pulling();
    fake.always("update leases", "reset");
    await untilInTime(clock, "it is told", () => one.said("the lease is lost"), 1_000);
    await expectNothing(fake, async () => {
      podOnNode(fake.pods()[0], fake.store).ends();
      const before = fake.count("get leases");
      await untilInTime(clock, "it asks for the lease", () => fake.count("get leases") > before + 3);
    });
    expect(await holders(tag)).toEqual([]);
    expect(pods.now).toHaveLength(1);
  });

  it("with --once: it ends, and says who has it", async () => {
    const clock = stoppedClock();
    const { fake, pods, open } = await world({ kubelet: hangingKubelet });
    const done = (await open({ lease }, clock)).once();
    const failed = expect(done).rejects.toThrow("was taken by somebody");
    await until("it is begun", () => pods.now.length === 1);
    fake.store.change("leases", `prepuller/${lease.name}`, ({ spec }) => {
      spec.holderIdentity = "somebody";
    });
    await clock.passSleep(renewal, renewal);
    await failed;
    expect(pods.now).toHaveLength(1);
    expect(fake.lease(lease.name).spec.holderIdentity).toBe("somebody");
  });
});

/** That no pod is made or deleted meanwhile. */
async function expectNothing({ count }: World["fake"], meanwhile: () => Promise<void>): Promise<void> {
  const before = [count("create pods"), count("delete pods")];
  await meanwhile();
  expect([count("create pods"), count("delete pods")]).toEqual(before);
}
