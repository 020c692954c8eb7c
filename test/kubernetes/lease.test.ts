/**
 * How the lease becomes ours. How it is kept and lost: `lease-kept.test.ts`.
 */
import { describe, expect, it } from "vitest";
import { heldBySomebody, name, passLooks, poll, spec, two } from "./lease-support.ts";
import { never } from "./support.ts";

describe("a lease", () => {
  it("that is not there is made", async () => {
    const { fake, clock, a } = await two();
    const lease = await a.acquireLease(never);
    expect(lease).toMatchObject({ name, uid: fake.lease(name).metadata.uid });
    const now = new Date(clock.now()).toISOString().replace("Z", "000Z");
    expect(spec(fake)).toEqual({
      holderIdentity: expect.stringContaining("_"),
      leaseDurationSeconds: 15,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    });
    expect(now).toMatch(/T\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  it("that is nobody's is taken at once, and what others put to it stays", async () => {
    const { fake, clock, a } = await two();
    heldBySomebody(fake, { holderIdentity: "" });
    const { uid } = await a.tryAcquireLease(never);
    expect(uid).toBe(fake.lease(name).metadata.uid);
    expect(fake.lease(name).metadata.labels).toEqual({ x: "y" });
    const now = new Date(clock.now()).toISOString().replace("Z", "000Z");
    expect(spec(fake)).toMatchObject({ leaseTransitions: 8, acquireTime: now, renewTime: now });
  });

  it("that has nothing in it is taken at once", async () => {
    const { fake, a } = await two();
    fake.store.create("leases", { metadata: { namespace: "prepuller", name }, spec: null });
    await a.tryAcquireLease(never);
    expect(spec(fake)).toMatchObject({ leaseTransitions: 1, leaseDurationSeconds: 15 });
  });

  it("that is somebody's is waited for, and who holds it is told once", async () => {
    const { fake, clock, a } = await two();
    const holder = heldBySomebody(fake);
    const told: string[] = [];
    const ending = new AbortController();
    const acquiring = a.acquireLease(ending.signal, (who) => told.push(who));
    for (let round = 0; round < 5; round += 1) {
      await passLooks(fake, clock, 7);
      holder.renew();
    }
    expect(told).toEqual(["somebody"]);
    expect(spec(fake).holderIdentity).toBe("somebody");
    ending.abort(new Error("the process ends"));
    await expect(acquiring).rejects.toThrow("the process ends");
  });

  it("that nobody has renewed for its whole duration is taken, not earlier", async () => {
    const { fake, clock, a } = await two();
    heldBySomebody(fake);
    const acquiring = a.acquireLease(never);
    await fake.arrival("get leases", 1);
    await passLooks(fake, clock, 7);
    expect(spec(fake).holderIdentity).toBe("somebody");
    await clock.passSleep(poll, poll);
    await acquiring;
    expect(spec(fake)).toMatchObject({ leaseTransitions: 8 });
    expect(spec(fake).holderIdentity).not.toBe("somebody");
  });

  it("counts its time anew with every renewal, whatever times are written in it", async () => {
    const { fake, clock, a } = await two();
    const holder = heldBySomebody(fake);
    const acquiring = a.acquireLease(never);
    await fake.arrival("get leases", 1);
    await passLooks(fake, clock, 6);
    holder.renew();
    await passLooks(fake, clock, 7);
    expect(spec(fake).holderIdentity).toBe("somebody");
    await clock.passSleep(poll, poll);
    await clock.passSleep(poll, poll);
    await acquiring;
  });

  it("lasts as long as its holder says, not as long as ours would", async () => {
    const { fake, clock, a } = await two();
    heldBySomebody(fake, { leaseDurationSeconds: 60 });
    const acquiring = a.acquireLease(never);
    await fake.arrival("get leases", 1);
    for (let look = 0; look < 7; look += 1) await clock.passSleep(7_500, 7_500);
    expect(spec(fake).holderIdentity).toBe("somebody");
    await clock.passSleep(7_500, 7_500);
    await acquiring;
  });

  it("that two want is one's only", async () => {
    const { fake, a, b } = await two();
    const ending = new AbortController();
    const wins = [a, b].map((cluster) => cluster.acquireLease(ending.signal).then(() => cluster));
    await Promise.race(wins);
    await fake.arrival("get leases", 3);
    ending.abort(new Error("enough"));
    const won = await Promise.allSettled(wins);
    expect(won.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(spec(fake).leaseTransitions).toBe(0);
  });

  it("that was made, though the answer was lost, is ours", async () => {
    const { fake, clock, a } = await two();
    fake.fail("create leases", "done, then reset");
    const acquiring = a.acquireLease(never);
    await clock.passSleep(500, 500);
    await acquiring;
    expect(spec(fake).leaseTransitions).toBe(0);
  });

  it("is waited for while the API server is away, which is told once", async () => {
    const { fake, clock, a } = await two();
    fake.fail("get leases", "reset", { status: 500 }, { status: 403, reason: "Forbidden" });
    const acquiring = a.acquireLease(never);
    for (const wait of [500, 1_000, 2_000]) await clock.passSleep(wait, wait);
    await acquiring;
    expect(a.log.filter((line) => !line.startsWith("debug"))).toEqual([
      expect.stringContaining("warn cannot read lease prepuller, and tries again: GET"),
      "info can read lease prepuller again",
    ]);
  });
});
