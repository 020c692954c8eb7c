/**
 * A lease while it is ours, and how it is lost. How it becomes ours: `lease.test.ts`.
 */
import { describe, expect, it } from "vitest";
import { type HeldLease, LeaseHeldError } from "../../src/kubernetes/lease.ts";
import { manualClock } from "../support/kubernetes-clock.ts";
import { change, holding, renewal, third } from "./lease-support.ts";
import { never, open, startFake } from "./support.ts";

const key = "prepuller/prepuller";
/** Of a lease of 15 s: after a renewal that failed; and after which time it is lost. */
const soon = 1_250;
const twoThirds = 10_000;

const lost = (lease: HeldLease): Promise<LeaseHeldError> =>
  new Promise((resolve) => {
    const tell = () => resolve(lease.lost.reason);
    if (lease.lost.aborted) tell();
    else lease.lost.addEventListener("abort", tell);
  });

describe("a lease that is held", () => {
  it("is renewed at every third of its time, and changes in nothing else", async () => {
    const { fake, clock, lease, spec } = await holding();
    const first = spec();
    for (let round = 1; round <= 10; round += 1) {
      await renewal(fake, clock);
      expect(spec()).toEqual({
        ...first,
        renewTime: new Date(clock.now()).toISOString().replace("Z", "000Z"),
      });
    }
    expect(lease.lost.aborted).toBe(false);
    expect(fake.count("get leases")).toBe(1);
  });

  it("goes before all other requests", async () => {
    const fake = await startFake();
    const clock = manualClock();
    const cluster = await open(fake, { requestsPerSecond: 2 }, clock);
    const acquiring = cluster.acquireLease(never);
    await clock.passSleep(1, 1_000); // between the reading and the making of it
    const lease = await acquiring;
    const watched = cluster.watched();
    for (let index = 0; index < 10; index += 1) void watched.usersAreWaiting("n1", never).catch(() => {});
    await clock.pass(third + 1_000);
    await fake.arrival("update leases", 1);
    expect(lease.lost.aborted).toBe(false);
  });

  it("outlives failures that are over in time, which are told once", async () => {
    const { fake, clock, cluster, lease } = await holding();
    fake.fail("update leases", "reset", { status: 500 }, { status: 429, retryAfter: 1 });
    await renewal(fake, clock);
    for (let round = 0; round < 3; round += 1) await renewal(fake, clock, soon);
    await clock.sleeper(third, third);
    await clock.pass(third - 1);
    expect(lease.lost.aborted).toBe(false);
    expect(cluster.log.filter((line) => line.includes("renew"))).toEqual([
      expect.stringContaining("warn cannot renew lease prepuller: PUT"),
      "info lease prepuller is renewed again",
    ]);
  });

  it("is still ours where the answer to a renewal was lost", async () => {
    const { fake, clock, lease } = await holding();
    fake.fail("update leases", "done, then reset");
    await renewal(fake, clock);
    await renewal(fake, clock, soon); // a conflict with our own
    await fake.arrival("update leases", 3);
    await renewal(fake, clock);
    expect(lease.lost.aborted).toBe(false);
  });

  it("is still ours where somebody put a label to it", async () => {
    const { fake, clock, lease } = await holding();
    change(fake, ({ metadata }) => {
      metadata.labels = { x: "y" };
    });
    await renewal(fake, clock);
    await fake.arrival("update leases", 2);
    await clock.sleeper(third, third);
    expect(lease.lost.aborted).toBe(false);
    expect(fake.lease("prepuller").metadata.labels).toEqual({ x: "y" });
  });
});

describe("a lease is lost", () => {
  it("after two thirds of its time without a renewal, to nobody that is known", async () => {
    const { fake, clock, lease } = await holding();
    fake.always("update leases", "reset");
    await clock.pass(twoThirds - 1);
    expect(lease.lost.aborted).toBe(false);
    await clock.pass(1);
    const reason = await lost(lease);
    expect(reason).toBeInstanceOf(LeaseHeldError);
    expect(reason).toMatchObject({ holder: "", message: "lease prepuller could not be renewed in time" });
  });

  it("after that time also where a renewal has no answer", async () => {
    const { fake, clock, lease } = await holding();
    fake.always("update leases", "hang");
    await clock.pass(twoThirds);
    expect(await lost(lease)).toMatchObject({ holder: "" });
  });

  it("counted from the beginning of the last renewal that succeeded, not from its answer", async () => {
    const { fake, clock, lease } = await holding();
    fake.fail("update leases", () => {
      void clock.pass(4_000); // it takes its time
      return "answer";
    });
    fake.always("update leases", "reset");
    await clock.passSleep(third, third);
    await clock.sleeper(third, third);
    await clock.pass(twoThirds - 4_000 - 1);
    expect(lease.lost.aborted).toBe(false);
    await clock.pass(1);
    expect(lease.lost.aborted).toBe(true);
  });

  it("to who has taken it", async () => {
    const { fake, clock, lease } = await holding();
    change(fake, ({ spec }) => {
      spec.holderIdentity = "somebody";
    });
    await clock.passSleep(third, third);
    const reason = { holder: "somebody", message: "lease prepuller was taken by somebody" };
    expect(await lost(lease)).toMatchObject(reason);
    const asked = fake.requests.length;
    await lease.release();
    await clock.pass(60_000);
    expect(fake.requests.length).toBe(asked); // it is not ours to give up
  });

  it("to nobody, where somebody has emptied it", async () => {
    const { fake, clock, lease } = await holding();
    change(fake, ({ spec }) => {
      spec.holderIdentity = "";
    });
    await clock.passSleep(third, third);
    expect(await lost(lease)).toMatchObject({ holder: "", message: "lease prepuller was taken by nobody" });
  });

  it("where it is deleted: the pods belong to it, and are gone too", async () => {
    const { fake, clock, lease } = await holding();
    fake.store.delete("leases", key);
    await clock.passSleep(third, third);
    expect(await lost(lease)).toMatchObject({ message: "lease prepuller was deleted" });
    expect(fake.lease("prepuller")).toBeUndefined(); // it is not made anew behind anybody's back
  });

  it("where it is another one of that name", async () => {
    const { fake, clock, lease, spec } = await holding();
    const same = spec();
    fake.store.delete("leases", key);
    fake.store.create("leases", { metadata: { namespace: "prepuller", name: "prepuller" }, spec: same });
    await clock.passSleep(third, third);
    expect(await lost(lease)).toMatchObject({ message: "lease prepuller was deleted" });
  });

  it("and can be had again", async () => {
    const { fake, clock, cluster, lease } = await holding();
    fake.store.delete("leases", key);
    await clock.passSleep(third, third);
    await lost(lease);
    await lease.release();
    const next = await cluster.acquireLease(never);
    expect(next.uid).not.toBe(lease.uid);
    expect(next.lost.aborted).toBe(false);
    await renewal(fake, clock);
  });
});
